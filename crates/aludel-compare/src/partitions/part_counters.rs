//! Sequences that partitions number their rows by, apart from those of identity columns.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Definition, Kind, ObjectId};

use crate::depends::World;
use crate::making_room::clauses::DEFAULT;
use crate::ordering::graph::Graph;
use crate::sequences::sequence;

/// Returns a partition that goes without its defaults by sequences that go too. A column of it may own them, and
/// they would go with it then, before their own turn.
pub(crate) fn without(world: &World<'_>, own: &Definition) -> Definition {
    let mut left = own.clone();
    if own.id.kind != Kind::Partition {
        return left;
    }
    let goes = |id: &ObjectId| !world.pair.target.contains(id);
    for clause in own.clauses.iter().filter(|clause| clause.word == DEFAULT) {
        let gone: Vec<ObjectId> = world.sequences(&clause.text).into_iter().filter(goes).collect();
        if !gone.is_empty() {
            left.clauses.retain(|own| own != clause);
            left.depends_on.retain(|on| !gone.contains(on));
        }
    }
    left
}

/// Returns the operations that take sequences which stay from a partition that goes, in case a column of it owns
/// them.
pub(crate) fn freed(world: &World<'_>, own: &Definition) -> Vec<Operation> {
    let defaults = own.clauses.iter().filter(|clause| clause.word == DEFAULT);
    let defaults = defaults.filter(|_| own.id.kind == Kind::Partition);
    let ids: BTreeSet<ObjectId> = defaults.flat_map(|own| world.sequences(&own.text)).collect();
    let stays = |id: &ObjectId| {
        world.pair.target.sequences.get(&id.name)?;
        world.pair.database.sequences.get(&id.name).filter(|own| own.owned_by.is_none())
    };
    ids.iter().filter_map(stays).map(|sequence| sequence::own(sequence, None, false)).collect()
}

/// Adds edges that let such sequences go, or stay by themselves, before their partition goes.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Drop(Object::Definition(own)) = operation else { continue };
        let Some(before) = world.pair.database.definitions.get(&own.id) else { continue };
        let defaults = before.clauses.iter().filter(|clause| clause.word == DEFAULT);
        let defaults = defaults.filter(|_| own.id.kind == Kind::Partition);
        let sequences: Vec<ObjectId> =
            defaults.flat_map(|own| world.sequences(&own.text)).collect();
        for (other, operation) in operations.iter().enumerate() {
            let comes_first = match operation {
                Operation::Drop(Object::Sequence(_)) => true,
                Operation::Alter(Alter::SequenceOwner { sequence, .. }) => {
                    sequence.owned_by.is_none()
                }
                _ => false,
            };
            if comes_first && sequences.contains(&operation.object()) {
                graph.edge(other, at);
            }
        }
    }
}
