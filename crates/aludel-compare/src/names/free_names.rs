//! Names that a plan would take before they are free, because what has them can give them up only later.
//!
//! A table that takes the name of a type has to wait for the end of the type, which may wait for a statement about
//! the table under its new name. What has the name goes by way of a third one.

use std::collections::BTreeMap;

use aludel_operations::Operation;
use aludel_schema::QualifiedName;

use crate::depends::World;
use crate::impossible::Impossible;
use crate::names::name::{self, Name};
use crate::names::{ended_parts, third_names};
use crate::ordering::order::{self, Ordered};

/// Sorts the operations so that each name is free before it is taken. What can't be done so is impossible.
pub(crate) fn in_order(
    world: &World<'_>,
    operations: Vec<Operation>,
) -> (Ordered, Option<Impossible>) {
    let mut ordered = order::ordered(world, operations);
    if !world.dialect.capabilities().rename_index {
        return (ordered, None);
    }
    // Each turn takes a name away from an object that has it in the database.
    for _ in 0..ordered.operations.len() {
        let ends = |at: &usize| match &ordered.operations[*at] {
            Operation::Drop(object) => name::is_there(world, &object.id().name),
            Operation::Create(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => false,
        };
        let circular = ordered.late.filter(ends);
        let circular = circular.map(|at| (at, ordered.operations[at].object().name));
        let holder = late(world, &ordered.operations).map(|late| (late.holder, late.name));
        let apart = holder
            .or(circular)
            .and_then(|(at, name)| third_names::set_aside(world, &ordered.operations, at, &name));
        let Some(apart) = apart else { break };
        ordered = order::ordered(world, apart);
    }
    let late = late(world, &ordered.operations);
    let impossible = late.map(|late| late.impossible(&ordered.operations));
    (ordered, impossible)
}

/// A name that is taken too early.
struct Late {
    name: QualifiedName,
    /// The operation that takes it.
    taker: usize,
    /// The later operation that gives it up.
    holder: usize,
}

impl Late {
    fn impossible(&self, operations: &[Operation]) -> Impossible {
        let holder = operations[self.holder].object();
        let reason = format!(
            "it would take the name {} before {holder} can give it up; do this in two revisions, with another name \
             in between",
            self.name
        );
        Impossible { object: operations[self.taker].object(), reason }
    }
}

/// Returns the first name that an operation takes while an object of the database has it, which gives it up later.
fn late(world: &World<'_>, operations: &[Operation]) -> Option<Late> {
    let in_schema = |names: Vec<Name>| names.into_iter().filter_map(Name::in_schema);
    let mut holders: BTreeMap<QualifiedName, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let mut own = vec![operation.object()];
        own.extend(ended_parts::of(world, operation));
        let held = in_schema(name::frees(world, operation));
        let held = held.filter(|name| own.iter().any(|id| id.name == *name));
        held.for_each(|name| holders.entry(name).or_default().push(at));
    }
    for (taker, operation) in operations.iter().enumerate() {
        for name in in_schema(name::takes(world, operation)) {
            let Some(holders) = holders.get(&name) else { continue };
            let is_free = holders.iter().any(|at| *at < taker) || !name::is_there(world, &name);
            let gives_up =
                |at: &&usize| **at > taker && !name::goes_on(world, operation, &operations[**at]);
            if let Some(holder) = holders.iter().find(gives_up).filter(|_| !is_free) {
                return Some(Late { name, taker, holder: *holder });
            }
        }
    }
    None
}
