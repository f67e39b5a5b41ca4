//! Sequences and indexes that end together with their table or column.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Kind, ObjectId, OwnerColumn, Sequence};

use crate::depends::World;
use crate::names::moving;

/// Returns the sequences and indexes that an operation ends together with what it is about.
pub(crate) fn of(world: &World<'_>, operation: &Operation) -> Vec<ObjectId> {
    let sequence = |name| ObjectId::new(Kind::Sequence, name);
    match operation {
        Operation::Drop(object @ Object::Table(table)) => {
            let owned = owned_sequences(world, object).map(Sequence::id);
            owned.chain(moving::parts(table)).collect()
        }
        Operation::Drop(object @ Object::Column { table, column, .. }) => {
            let owned = owned_sequences(world, object).map(Sequence::id);
            owned.chain(column.identity_sequence(table).map(sequence)).collect()
        }
        Operation::Alter(Alter::Column(change)) if change.to.identity.is_none() => {
            change.from.identity_sequence(&change.table).map(sequence).into_iter().collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns the sequences that the server drops together with a table or a column.
pub(crate) fn owned_sequences<'w>(
    world: &'w World<'_>,
    object: &Object,
) -> impl Iterator<Item = &'w Sequence> {
    let id = object.id();
    let goes = move |owner: &OwnerColumn| owner.id() == id || ObjectId::table(&owner.table) == id;
    let sequences = world.pair.database.sequences.values();
    sequences.filter(move |own| own.owned_by.as_ref().is_some_and(&goes))
}
