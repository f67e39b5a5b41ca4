//! Results of a function that stay as they are while its code changes.

use std::collections::BTreeSet;

use aludel_dialect::{Hazard, Step};
use aludel_operations::{Alter, Operation};
use aludel_schema::{ConstraintKind, Definition, Kind, ObjectId, SqlText, Table};

use crate::depends::World;
use crate::tables::recomputed;

/// Says which generated columns, indexes, checks and partition keys hold results of a function that gets other code. The
/// server computes none of them again (PostgreSQL, "CREATE FUNCTION" and "CREATE INDEX").
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    let created = steps.iter().flat_map(|step| &step.operations).filter_map(|operation| {
        let is_made = match operation {
            Operation::Create(_) => true,
            Operation::Alter(Alter::Column(change)) => recomputed::is_one(change),
            Operation::Alter(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Restore(_)
            | Operation::Comment { .. } => false,
        };
        is_made.then(|| operation.object())
    });
    // What the plan makes is computed by the function as it is then.
    let made: BTreeSet<ObjectId> = created.collect();
    for step in steps {
        let mut found = Vec::new();
        for operation in &step.operations {
            if let Operation::Alter(Alter::Definition { from, to, .. }) = operation
                && to.id.kind == Kind::Function
                && from.body != to.body
            {
                found.extend(holders(world, to, &made));
            }
        }
        step.hazards.extend(found);
    }
}

/// Returns a hazard for each part of a table that holds results of the function, and that the plan does not make.
fn holders(world: &World<'_>, function: &Definition, made: &BTreeSet<ObjectId>) -> Vec<Hazard> {
    let there = |table: &&Table| world.pair.database.tables.contains_key(&table.name);
    let parts = world.pair.target.tables.values().filter(there).flat_map(parts);
    let holders = parts.filter(|(_, text)| world.named(text).contains(&function.id));
    let mut holders: Vec<ObjectId> =
        holders.map(|(id, _)| id).filter(|id| !made.contains(id)).collect();
    holders.dedup();
    let of = |holder| Hazard::KeepsResults { holder, function: function.id.clone() };
    holders.into_iter().map(of).collect()
}

/// Returns the parts of a table that hold the results of expressions, with these.
fn parts(table: &Table) -> Vec<(ObjectId, &SqlText)> {
    let key = table.options.partition_by.iter();
    let mut parts: Vec<_> = key.map(|key| (ObjectId::table(&table.name), key)).collect();
    for column in &table.columns {
        if let Some(generated) = column.generated.as_ref().filter(|own| own.stored) {
            let id = ObjectId::column(&table.name, column.name.as_str());
            parts.push((id, &generated.expression));
        }
    }
    for index in &table.indexes {
        parts.extend(index.expressions().map(|text| (index.id(&table.name), text)));
    }
    for constraint in &table.constraints {
        let id = || constraint.id(&table.name);
        match &constraint.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => parts.push((id(), text)),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => {}
        }
    }
    parts
}
