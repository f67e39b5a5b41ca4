//! Functions that return rows of a table, in the order of a plan.
//!
//! The server holds the code of such a function against the columns that the table has by then, and the aliases of
//! a query over its result, too.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Definition, Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::graph::Graph;

/// Adds edges that change the columns of a table before the functions that return its rows are written, and add
/// columns before the views over those.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let all = operations.iter().enumerate();
    let texts: Vec<_> = all.filter_map(|(at, own)| Some((at, written(own)?))).collect();
    for (at, operation) in operations.iter().enumerate() {
        let (table, is_added) = match operation {
            Operation::Create(Object::Column { table, .. }) => (table, true),
            Operation::Drop(Object::Column { table, .. }) => (table, false),
            _ => continue,
        };
        for (other, definition) in &texts {
            let comes_later = match definition.id.kind {
                Kind::Function => returns(definition, table),
                Kind::View | Kind::MaterializedView => is_added && reads(world, definition, table),
                _ => false,
            };
            if comes_later {
                graph.edge(at, *other);
            }
        }
    }
}

/// Returns the definition that an operation writes.
fn written(operation: &Operation) -> Option<&Definition> {
    match operation {
        Operation::Create(Object::Definition(definition)) => Some(definition),
        Operation::Alter(Alter::Definition { to, .. }) => Some(to),
        _ => None,
    }
}

/// Returns true if a function has the type of a table in its head.
fn returns(function: &Definition, table: &QualifiedName) -> bool {
    function.depends_on.contains(&ObjectId::table(table))
}

/// Returns true if a view reads a function that returns rows of a table.
fn reads(world: &World<'_>, view: &Definition, table: &QualifiedName) -> bool {
    let sides = [world.pair.database, world.pair.target];
    let functions: BTreeSet<&ObjectId> =
        view.depends_on.iter().filter(|on| on.kind == Kind::Function).collect();
    let mut found =
        sides.iter().flat_map(|side| functions.iter().filter_map(|id| side.definitions.get(id)));
    found.any(|function| returns(function, table))
}
