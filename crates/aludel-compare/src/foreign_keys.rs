//! The keys that foreign keys refer to.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Object, Operation};
use aludel_schema::{Constraint, QualifiedName};

use crate::graph::Graph;

/// A table and the columns of a key in it.
type Key = (QualifiedName, BTreeSet<String>);

/// Adds edges that put new foreign keys behind the end of old keys of the columns that they refer to. The
/// server takes any key of the columns, and then does not let go of it.
pub(crate) fn edges(operations: &[Operation], graph: &mut Graph) {
    let mut ends: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Operation::Drop(Object::Constraint { table, constraint }) = operation
            && let Some(columns) = constraint.key_columns()
        {
            let key = (table.clone(), columns.into_iter().collect());
            ends.entry(key).or_default().push(at);
        }
    }
    for (at, operation) in operations.iter().enumerate().filter(|_| !ends.is_empty()) {
        for key in created(operation).filter_map(Constraint::foreign_key) {
            let columns = key.referenced_columns.iter().cloned().collect();
            let before = ends.get(&(key.references.clone(), columns)).into_iter().flatten();
            before.for_each(|end| graph.edge(*end, at));
        }
    }
}

/// Returns the constraints that an operation creates.
fn created(operation: &Operation) -> impl Iterator<Item = &Constraint> {
    let constraints: Vec<&Constraint> = match operation {
        Operation::Create(Object::Table(table)) => table.constraints.iter().collect(),
        Operation::Create(Object::Column { constraints, .. }) => constraints.iter().collect(),
        Operation::Create(Object::Constraint { constraint, .. }) => vec![constraint],
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    };
    constraints.into_iter()
}
