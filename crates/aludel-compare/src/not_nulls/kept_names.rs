//! NOT NULL constraints that keep their names while their tables or columns get others (PostgreSQL 18), and
//! the notes about them.

use std::collections::BTreeMap;

use aludel_dialect::{Hazard, Step};
use aludel_operations::Operation;
use aludel_schema::{Kind, ObjectId, QualifiedName, Table, object_name};

use crate::depends::World;

/// Notes constraints of tables with heirs, or of heirs, that keep the usual names from before a rename. A new
/// database has the usual names of today.
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    if !world.pair.target.names_not_null {
        return;
    }
    let operations = steps.iter().flat_map(|step| &step.operations);
    let tables = operations.filter_map(|operation| match operation {
        Operation::Rename { from, to } if from.kind == Kind::Table => {
            Some((from.name.sibling(to), from.name.name.clone()))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let tables: BTreeMap<QualifiedName, String> = tables.collect();
    for step in steps {
        for kept in step.operations.iter().flat_map(|own| kept(world, &tables, own)) {
            if !step.hazards.contains(&kept) {
                step.hazards.push(kept);
            }
        }
    }
}

/// Returns the constraints that keep names when a table or a column is renamed.
fn kept(
    world: &World<'_>,
    tables: &BTreeMap<QualifiedName, String>,
    operation: &Operation,
) -> Vec<Hazard> {
    let Operation::Rename { from, to } = operation else { return Vec::new() };
    let renamed = from.name.sibling(to);
    let table = from.table.as_ref().filter(|_| from.kind == Kind::Column);
    let (names, column) = match table {
        Some(table) => (world.and_below(vec![table]), Some((from.name.name.as_str(), to))),
        None if from.kind == Kind::Table => (vec![&renamed], None),
        None => return Vec::new(),
    };
    let found = names.into_iter().filter_map(|name| {
        let table = world.pair.target.tables.get(name)?;
        let before = tables.get(name).unwrap_or(&name.name);
        Some(kept_in(world, table, before, column))
    });
    found.flatten().collect()
}

/// Returns the constraints of a table with the usual names that they had under its former name, and if one of its
/// columns is renamed, under that of the column.
fn kept_in(
    world: &World<'_>,
    table: &Table,
    before: &str,
    renamed: Option<(&str, &String)>,
) -> Vec<Hazard> {
    let is_related =
        !table.options.inherits.is_empty() || world.and_below(vec![&table.name]).len() > 1;
    let columns = table.columns.iter().filter(|own| is_related && !own.nullable);
    let kept = columns.filter_map(|own| {
        let old = match renamed {
            Some((old, new)) => (own.name == *new).then_some(old)?,
            None => own.name.as_str(),
        };
        let name = own.not_null_name(&table.name);
        let usual = object_name(&table.name.name, &own.name, "not_null");
        let constraint = ObjectId::within(Kind::Constraint, &table.name, name.as_str());
        let is_kept = own.not_null.is_some() && name == object_name(before, old, "not_null");
        (is_kept && name != usual).then_some(Hazard::KeepsName { constraint, usual })
    });
    kept.collect()
}
