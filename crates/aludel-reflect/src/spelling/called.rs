//! What the server calls for the texts of the target.
//!
//! The answers about texts say it. A text that nobody had to ask about agrees with that of the database,
//! and calls the same.

use aludel_schema::{Constraint, Index, Metadata, ObjectId, SqlText, Table};

/// Gives texts of the target that agree with those of the database what the server calls for these.
pub(super) fn as_in_database(database: &Metadata, target: &mut Metadata) {
    for table in target.tables.values_mut() {
        if let Some(before) = database.tables.get(&table.name) {
            columns(before, table);
            parts(before, table);
        }
    }
}

fn columns(before: &Table, table: &mut Table) {
    for column in &mut table.columns {
        let Some(before) = before.column(&column.name) else { continue };
        take(before.default.as_ref(), column.default.as_mut());
        let expression = before.generated.as_ref().map(|own| &own.expression);
        take(expression, column.generated.as_mut().map(|own| &mut own.expression));
    }
}

fn parts(before: &Table, table: &mut Table) {
    for constraint in &mut table.constraints {
        let mut there = before.constraints.iter().filter_map(Constraint::text);
        let own = constraint.text_mut();
        let same = own.as_ref().and_then(|own| there.find(|text| *text == &**own));
        take(same, own);
    }
    for index in &mut table.indexes {
        let mut there = before.indexes.iter().filter(|there| there.same_definition(index));
        let is_said = index.expressions().all(|text| text.calls.is_some());
        if let Some(calls) = there.find_map(calls).filter(|_| !is_said) {
            index.say_calls(calls);
        }
    }
}

fn calls(index: &Index) -> Option<&Vec<ObjectId>> {
    { index.expressions() }.find_map(|text| text.calls.as_ref())
}

fn take(before: Option<&SqlText>, own: Option<&mut SqlText>) {
    if let (Some(before), Some(own)) = (before, own)
        && own == before
        && own.calls.is_none()
    {
        own.calls.clone_from(&before.calls);
    }
}
