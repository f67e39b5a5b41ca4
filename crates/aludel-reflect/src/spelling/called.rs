//! Calls: what the server calls for the texts of the target.
//!
//! The answers about texts say it. A text that nobody had to ask about agrees with that of the database,
//! and calls the same, unless that goes: the text then calls another one of the name.

use std::collections::BTreeSet;

use aludel_schema::{Constraint, Metadata, ObjectId, SqlText, Table};

/// Gives texts of the target that agree with those of the database what the server calls for these.
pub(super) fn as_in_database(database: &Metadata, target: &mut Metadata) {
    let definitions = database.definitions.keys();
    let gone = definitions.filter(|id| !target.definitions.contains_key(*id)).collect();
    let calls = Calls { gone };
    for table in target.tables.values_mut() {
        if let Some(before) = database.tables.get(&table.name) {
            calls.of_columns(before, table);
            calls.of_parts(before, table);
        }
    }
}

/// The rule for calls.
struct Calls<'m> {
    /// The definitions of the database that the target does not have.
    gone: BTreeSet<&'m ObjectId>,
}

impl Calls<'_> {
    fn of_columns(&self, before: &Table, table: &mut Table) {
        for column in &mut table.columns {
            let Some(before) = before.column(&column.name) else { continue };
            self.take(before.default.as_deref(), column.default.as_deref_mut());
            let expression = before.generated.as_ref().map(|own| &own.expression);
            self.take(expression, column.generated.as_mut().map(|own| &mut own.expression));
        }
    }

    fn of_parts(&self, before: &Table, table: &mut Table) {
        for constraint in &mut table.constraints {
            let mut there = before.constraints.iter().filter_map(Constraint::text);
            let own = constraint.text_mut();
            let same = own.as_ref().and_then(|own| there.find(|text| *text == &**own));
            self.take(same, own);
        }
        for index in &mut table.indexes {
            let mut there = before.indexes.iter().filter(|there| there.same_definition(index));
            let is_said = index.expressions().all(|text| text.calls.is_some());
            let calls = there
                .find_map(|there| { there.expressions() }.find_map(|text| text.calls.as_ref()));
            if let Some(calls) = calls.filter(|calls| !is_said && self.stay(calls)) {
                index.say_calls(calls);
            }
        }
    }

    fn take(&self, before: Option<&SqlText>, own: Option<&mut SqlText>) {
        if let (Some(before), Some(own)) = (before, own)
            && own == before
            && own.calls.is_none()
            && before.calls.as_ref().is_some_and(|calls| self.stay(calls))
        {
            own.calls.clone_from(&before.calls);
        }
    }

    fn stay(&self, calls: &[ObjectId]) -> bool {
        calls.iter().all(|id| !self.gone.contains(id))
    }
}
