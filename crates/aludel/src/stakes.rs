//! The rows of tables that lose something by a plan.

use std::collections::{BTreeMap, BTreeSet};

use aludel_compare::{Plan, Renamed};
use aludel_dialect::{Hazard, HazardClass, Step};
use aludel_driver::Connection;
use aludel_operations::{Object, Operation};
use aludel_reflect::{RowCount, row_counts};
use aludel_schema::{Metadata, ObjectId, QualifiedName};

use crate::error::Error;

/// Returns the hazards that say what a step destroys.
pub(crate) fn destructive(step: &Step) -> impl Iterator<Item = &Hazard> {
    step.hazards.iter().filter(|hazard| hazard.class() == HazardClass::Destructive)
}

/// Counts the rows of the tables that lose something, and of those that lose it with them. The server knows
/// them by their names before the renames of the plan.
pub(crate) async fn at_stake(
    connection: &Connection<'_>,
    plan: &Plan,
    renamed: &Renamed<'_>,
    target: &Metadata,
) -> Result<BTreeMap<QualifiedName, RowCount>, Error> {
    let mut losing: BTreeMap<QualifiedName, BTreeSet<QualifiedName>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| destructive(step).next().is_some()) {
        for operation in &step.operations {
            let Some(table) = operation.table() else { continue };
            let heirs = heirs_that_lose(operation, &renamed.metadata, target);
            let own = losing.entry(table.clone()).or_default();
            own.extend(heirs.into_iter().chain([table]));
        }
    }
    if losing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let before = |name: &QualifiedName| renamed.renames.former(&ObjectId::table(name)).name;
    let live: BTreeSet<QualifiedName> = losing.values().flatten().map(before).collect();
    let counts = row_counts(connection, &Vec::from_iter(live)).await?;
    let sum = |tables: &BTreeSet<QualifiedName>| {
        let each = tables.iter().map(|table| counts.get(&before(table)).copied());
        each.collect::<Option<Vec<RowCount>>>()?.into_iter().reduce(RowCount::and)
    };
    Ok(losing.iter().filter_map(|(table, all)| Some((table.clone(), sum(all)?))).collect())
}

/// Returns the heirs of a table, at any depth, that lose a column together with it.
fn heirs_that_lose(
    operation: &Operation,
    database: &Metadata,
    target: &Metadata,
) -> BTreeSet<QualifiedName> {
    let mut losing = BTreeSet::new();
    let Operation::Drop(Object::Column { table, column, .. }) = operation else { return losing };
    let loses = |name: &QualifiedName| {
        let after = target.tables.get(name);
        after.is_none_or(|after| after.column(&column.name).is_none())
    };
    let mut tables = vec![table];
    while let Some(table) = tables.pop() {
        for heir in database.tables.values() {
            let is_heir = heir.options.inherits.contains(table);
            let has_it = heir.column(&column.name).is_some_and(|own| own.inherited);
            if is_heir && has_it && loses(&heir.name) && losing.insert(heir.name.clone()) {
                tables.push(&heir.name);
            }
        }
    }
    losing
}
