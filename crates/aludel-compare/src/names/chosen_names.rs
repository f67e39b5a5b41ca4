//! Names that the server chooses for the indexes of partitions, which it makes with a key or an index of their table.
//!
//! They begin with the name of the partition. An operation that takes such a name comes after the one by which its
//! index goes, and one that lets an index come after those that give up such a name.

use aludel_operations::{Object, Operation};
use aludel_schema::{Constraint, Kind, QualifiedName};

use crate::depends::World;
use crate::names::name::{self, Name};
use crate::ordering::graph::Graph;
use crate::partitions::partition_keys;

pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let (object, comes) = match operation {
            Operation::Create(object) => (object, true),
            Operation::Drop(object) => (object, false),
            Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => continue,
        };
        let partitions = with_indexes(world, object);
        let is_chosen = |name: QualifiedName| {
            let mut same = partitions.iter().filter(|own| own.schema == name.schema);
            same.any(|own| {
                let rest = name.name.strip_prefix(&own.name);
                rest.is_some_and(|rest| rest.starts_with('_'))
            })
        };
        let others = operations.iter().enumerate().filter(|_| !partitions.is_empty());
        for (other, operation) in others.filter(|(other, _)| *other != at) {
            let names = match comes {
                true => name::frees(world, operation),
                false => name::takes(world, operation),
            };
            if names.into_iter().filter_map(Name::in_schema).any(is_chosen) {
                let [first, second] = if comes { [other, at] } else { [at, other] };
                graph.soft_edge(first, second);
            }
        }
    }
}

/// Returns the partitions whose indexes come or go with an object.
fn with_indexes(world: &World<'_>, object: &Object) -> Vec<QualifiedName> {
    let id = object.id();
    let below = |table: &QualifiedName| {
        let names = partition_keys::and_partitions(world, table).into_iter();
        names.filter(|name| *name != table).cloned().collect()
    };
    match object {
        Object::Constraint { table, constraint } if Constraint::has_index(constraint) => {
            below(table)
        }
        Object::Index { table, .. } => below(table),
        Object::Definition(own) if own.id.kind == Kind::Partition => {
            below(&id.name).into_iter().chain([id.name]).collect()
        }
        Object::Table(table) => below(&table.name),
        Object::Constraint { .. }
        | Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Column { .. }
        | Object::Definition(_) => Vec::new(),
    }
}
