//! Texts that the database has no counterpart of.
//!
//! There is nothing to compare them with. The database is only asked whether it accepts them, so
//! that a mistake in the models is found by the comparison and not by the upgrade.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, mentions};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, KeyPart, Metadata, QualifiedName, SqlText, Table,
};

use super::keys::are_few;
use super::pieces::{moved, pieces};
use super::place::Part;
use super::question::{Asker, Question, Side, Subject};

/// Returns a question for each text of the target that the database has no counterpart of, and for
/// the other new parts that the server might refuse.
pub(super) fn created(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<Question> {
    let mut asked = Vec::new();
    let differing = differing(database, target);
    for table in &differing {
        let before = database.tables.get(&table.name);
        let mut own = Vec::new();
        let mut asker = Asker { dialect, side: Side::Target, table, asked: &mut own };
        for column in &table.columns {
            let there = before.and_then(|before| before.column(&column.name));
            new_column(&mut asker, there, column);
            if before.is_some() && there.is_none() {
                asker.asked.iter_mut().for_each(|question| evaluate(dialect, target, question));
            }
        }
        for constraint in table.constraints.iter().filter(|own| !has_constraint(before, own)) {
            asker.text_of_constraint(constraint);
        }
        let is_new = |index: &&Index| {
            before.is_none_or(|table| table.index(&index.name).is_none())
                || moved(before, table, index.columns())
        };
        for index in table.indexes.iter().filter(is_new) {
            if !is_plain(dialect, table, index) {
                asker.index(index);
            }
        }
        asked.append(&mut own);
    }
    // A piece may have a text too, which is to blame for itself.
    asked.extend(pieces(dialect, database, target, &differing));
    asked
}

/// Returns the tables of the target that may have new parts: those that differ from the database's, and those
/// with foreign keys to them.
fn differing<'m>(database: &Metadata, target: &'m Metadata) -> Vec<&'m Table> {
    let differs = |table: &&Table| {
        let before = database.tables.get(&table.name);
        before.is_none_or(|before| !before.agrees_with(table))
    };
    let own: BTreeSet<&QualifiedName> =
        target.tables.values().filter(differs).map(|table| &table.name).collect();
    let may_differ = |table: &&Table| {
        let mut keys = table.foreign_keys();
        own.contains(&table.name) || keys.any(|(_, key)| own.contains(&key.references))
    };
    target.tables.values().filter(may_differ).collect()
}

/// Asks for what is new of a column. A default and an expression bring the type with them.
fn new_column(asker: &mut Asker<'_>, before: Option<&Column>, column: &Column) {
    let is_new = |there: Option<bool>| !there.unwrap_or_default();
    let (dialect, sql_type) = (asker.dialect, column.sql_type.spelling());
    let is_certain = |default: &SqlText| dialect.is_certain_default(sql_type, default.spelling());
    let default = column.default.as_ref().filter(|default| !is_certain(default));
    if default.is_some() && is_new(before.map(|before| before.default.is_some())) {
        asker.text_of_column(column, Part::Default);
    } else if column.generated.is_some() && is_new(before.map(|before| before.generated.is_some()))
    {
        asker.text_of_column(column, Part::Generated);
    } else if before.is_none() && !is_simple(asker.dialect, column.sql_type.spelling()) {
        asker.text_of_column(column, Part::Type);
    }
}

/// Asks for the value of a default too, because the table gets the column with it. A function of the
/// models may read what is not there yet.
fn evaluate(dialect: Dialect, target: &Metadata, question: &mut Question) {
    if let Subject::Default { expression, evaluated, .. } = &mut question.subject {
        let functions = target.definitions.keys().filter(|id| id.signature.is_some());
        *evaluated = functions.clone().all(|id| !mentions(expression, &id.name.name, dialect));
    }
}

/// Returns true if the database has a constraint of the same name and sort.
fn has_constraint(before: Option<&Table>, constraint: &Constraint) -> bool {
    let sort = |kind: &ConstraintKind| std::mem::discriminant(kind);
    before.is_some_and(|before| {
        let mut all = before.constraints.iter();
        all.any(|c| c.name == constraint.name && sort(&c.kind) == sort(&constraint.kind))
    })
}

/// Returns true if the index has no text that the server could refuse: its keys are columns of the
/// server's own types, in the usual order.
fn is_plain(dialect: Dialect, table: &Table, index: &Index) -> bool {
    let sql_type = |name: &str| table.column(name).map(|column| column.sql_type.spelling());
    index.predicate.is_none()
        && index.settings.with.is_empty()
        && index.method == "btree"
        && are_few(index.columns())
        && index.keys.iter().all(|key| match &key.part {
            KeyPart::Column(name) => {
                let sql_type = sql_type(name);
                key.opclass.is_none()
                    && key.collation.is_none()
                    && sql_type
                        .is_some_and(|text| is_simple(dialect, text) && dialect.is_ordered(text))
            }
            KeyPart::Expression(_) => false,
        })
}

/// Returns true if the type is one of the server's own and has no modifiers, which may be out of
/// range.
fn is_simple(dialect: Dialect, sql_type: &str) -> bool {
    dialect.is_own_type(sql_type) && !sql_type.contains('(')
}
