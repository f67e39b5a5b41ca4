//! Columns that a plan adds at the end of a row although they are declared before others.
//!
//! A query that names columns finds them in any place. The code of a function that returns rows of the table, or
//! inserts them without the names of columns, counts on the declared order.

use std::collections::BTreeSet;

use aludel_dialect::{Hazard, Step, inserts_by_place, lists_columns, returns_row};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, ObjectId, QualifiedName};

use crate::depends::World;

/// Adds a hazard for each function that may list the columns of a row in the declared order.
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    let created = steps.iter().flat_map(|step| &step.operations).filter_map(created_column);
    let created: BTreeSet<ObjectId> = created.collect();
    for step in steps {
        let tables: BTreeSet<QualifiedName> =
            step.operations.iter().filter_map(created_column).filter_map(|id| id.table).collect();
        for table in tables {
            let columns = moved(world, &table, &created);
            let functions = world.pair.target.definitions.values();
            let functions =
                functions.filter(|own| !columns.is_empty() && counts(world, own, &table));
            step.hazards.extend(functions.map(|own| Hazard::MovesColumns {
                of: table.clone(),
                columns: columns.clone(),
                function: own.id.clone(),
            }));
        }
    }
}

/// Returns the new columns of a table that are declared before others that are not new.
fn moved(world: &World<'_>, table: &QualifiedName, created: &BTreeSet<ObjectId>) -> Vec<String> {
    let Some(table) = world.pair.target.tables.get(table) else { return Vec::new() };
    let names = table.columns.iter().map(|column| column.name.as_str());
    let is_new = |name: &str| created.contains(&ObjectId::column(&table.name, name));
    let last_old = { names.clone() }.enumerate().rfind(|(_, name)| !is_new(name));
    let before = last_old.map_or(0, |(at, _)| at);
    names.take(before).filter(|name| is_new(name)).map(str::to_owned).collect()
}

/// Returns true if the code of a function may count on the order of the columns of a table.
fn counts(world: &World<'_>, function: &Definition, table: &QualifiedName) -> bool {
    let (text, dialect) = (&function.body.written, world.dialect);
    let facts = dialect.kind_facts(function.id.kind);
    let returns_it = || {
        function.depends_on.contains(&ObjectId::table(table))
            && returns_row(text, &table.name, dialect)
            && lists_columns(text, dialect)
    };
    facts.is_some_and(|facts| facts.has_code)
        && (returns_it() || inserts_by_place(text, &table.name, dialect))
}

/// Returns the column that an operation adds.
fn created_column(operation: &Operation) -> Option<ObjectId> {
    match operation {
        Operation::Create(Object::Column { .. }) => Some(operation.object()),
        Operation::Restore(restored) => {
            Some(ObjectId::column(&restored.table, restored.column.name.as_str()))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Comment { .. } => None,
    }
}
