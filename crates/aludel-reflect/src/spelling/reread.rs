//! Texts that stay as they are over something that changes.
//!
//! The database has the same text, but the server may refuse it over columns of other types, or with
//! other functions. It is only asked whether it still accepts the text, as it stands in the models: the
//! database may say the type of before in it.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, TokenKind, significant};
use aludel_schema::{Column, Metadata, ObjectId, SqlText, Table};

use super::place::Part;
use super::question::{Asker, Question, Side};

/// Returns a question for each text of the target that agrees with that of the database and is about a
/// column of another type, about a definition that is not among the `settled` ones, or about one that
/// goes.
pub(super) fn reread(
    dialect: Dialect,
    database: &Metadata,
    target: &Metadata,
    settled: &BTreeSet<ObjectId>,
) -> Vec<Question> {
    let open = target.definitions.keys().filter(|id| id.table.is_none() && !settled.contains(id));
    let gone = database.definitions.keys().filter(|id| id.table.is_none());
    let gone = gone.filter(|id| !target.definitions.contains_key(id));
    let enums = database.enums.keys().filter(|name| !target.enums.contains_key(*name));
    let names = open.chain(gone).map(|id| &id.name).chain(enums);
    let named: BTreeSet<&str> = names.map(|name| name.name.as_str()).collect();
    over(dialect, [database, target], &named, |before, table| {
        let retyped = table.columns.iter().filter(|column| {
            let before = before.column(&column.name);
            before.is_some_and(|before| before.sql_type != column.sql_type)
        });
        retyped.map(|column| column.name.as_str()).collect()
    })
}

/// Returns a question for each text of the target that agrees with that of the database and calls a
/// function, aggregate or operator by a name that another one loses or gets. The call may mean
/// another one in the target.
pub(super) fn recalled(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<Question> {
    let changed = changed_calls(database, target);
    let named: BTreeSet<&str> = changed.iter().map(String::as_str).collect();
    over(dialect, [database, target], &named, |_, _| Vec::new())
}

/// Returns the names of functions, aggregates and operators that come or go.
pub(super) fn changed_calls(database: &Metadata, target: &Metadata) -> BTreeSet<String> {
    let called = |side: &Metadata, other: &Metadata| {
        let ids = side.definitions.keys().filter(|id| id.kind.is_called());
        let changed = ids.filter(|id| !other.definitions.contains_key(*id));
        changed.map(|id| id.name.name.clone()).collect::<Vec<_>>()
    };
    called(database, target).into_iter().chain(called(target, database)).collect()
}

/// Returns a question for each text that agrees and names one of the columns or definitions.
fn over(
    dialect: Dialect,
    [database, target]: [&Metadata; 2],
    named: &BTreeSet<&str>,
    retyped: for<'t> fn(&Table, &'t Table) -> Vec<&'t str>,
) -> Vec<Question> {
    let mut asked = Vec::new();
    for table in target.tables.values() {
        let Some(before) = database.tables.get(&table.name) else { continue };
        let retyped = retyped(before, table);
        if !retyped.is_empty() || !named.is_empty() {
            let changed = Changed { dialect, retyped, named };
            let mut asker = Asker { dialect, side: Side::Target, table, asked: &mut asked };
            changed.columns(before, &mut asker);
            changed.parts(before, &mut asker);
        }
    }
    asked
}

/// The columns and definitions that change under the texts of a table.
struct Changed<'a> {
    dialect: Dialect,
    /// The columns of other types.
    retyped: Vec<&'a str>,
    /// The names of the definitions that change.
    named: &'a BTreeSet<&'a str>,
}

impl Changed<'_> {
    fn columns(&self, before: &Table, asker: &mut Asker<'_>) {
        for column in &asker.table.columns {
            let Some(before) = before.column(&column.name) else { continue };
            let is_retyped = self.retyped.contains(&column.name.as_str());
            if let Some(default) = &column.default
                && before.default.as_ref() == Some(default)
                && (is_retyped || self.are_in(default))
            {
                let written = Some(Box::new(SqlText::new(default.written.as_str())));
                asker.text_of_column(&Column { default: written, ..column.clone() }, Part::Default);
            }
            if let (Some(own), Some(there)) = (&column.generated, &before.generated)
                && own.expression == there.expression
                && (is_retyped || self.are_in(&own.expression))
            {
                asker.text_of_column(column, Part::Generated);
            }
        }
    }

    fn parts(&self, before: &Table, asker: &mut Asker<'_>) {
        for constraint in &asker.table.constraints {
            let is_about_it = constraint.text().is_some_and(|text| self.are_in(text));
            if is_about_it && before.constraints.iter().any(|own| own.same_demand(constraint)) {
                asker.text_of_constraint(constraint);
            }
        }
        for index in &asker.table.indexes {
            let there = before.index(&index.name);
            if there.is_some_and(|there| there.same_definition(index))
                && index.expressions().any(|text| self.are_in(text))
            {
                asker.index(index);
            }
        }
    }

    /// Returns true if the text names what changes.
    fn are_in(&self, text: &SqlText) -> bool {
        let named = |word: &str| self.retyped.contains(&word) || self.named.contains(word);
        names_one(&text.written, self.dialect, named)
    }
}

/// Returns true if one of the names or operators in a text is one of these.
pub(super) fn names_one(text: &str, dialect: Dialect, is_one: impl Fn(&str) -> bool) -> bool {
    significant(text, dialect).iter().any(|token| {
        let is_symbol = token.kind == TokenKind::Symbol;
        is_symbol && is_one(token.text) || token.identifier().is_some_and(|word| is_one(&word))
    })
}
