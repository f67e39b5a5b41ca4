//! Sequences that are objects of their own.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Metadata, ObjectId, Sequence};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::pair::Pair;

/// Compares the sequences.
pub(crate) fn compare(pair: Pair<&Metadata>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for target in pair.target.sequences.values() {
        let Some(database) = pair.database.sequences.get(&target.name) else {
            operations.push(Operation::Create(Object::Sequence(target.clone())));
            if let Some(owner) = &target.owned_by {
                let seed =
                    pair.database.tables.contains_key(&owner.table) && counts(target, pair.target);
                operations.push(own(target, seed));
            }
            continue;
        };
        if database.options != target.options {
            let (from, to) = (Box::new(database.clone()), Box::new(target.clone()));
            operations.push(Operation::Alter(Alter::Sequence { from, to }));
        }
        if database.owned_by != target.owned_by {
            if passes_on(target, pair) {
                operations.push(own(&Sequence { owned_by: None, ..target.clone() }, false));
            }
            operations.push(own(target, false));
        }
    }
    let gone = pair.database.sequences.values().filter(|database| {
        !pair.target.sequences.contains_key(&database.name)
            && !goes_with_its_owner(database, pair.target)
    });
    operations.extend(gone.map(|sequence| Operation::Drop(Object::Sequence(sequence.clone()))));
    operations
}

/// Returns true if the owner of a sequence goes and the next one is new. The new table may have to
/// wait for names of the old one, and then the sequence has no owner in between.
fn passes_on(target: &Sequence, pair: Pair<&Metadata>) -> bool {
    let goes = pair
        .database
        .sequences
        .get(&target.name)
        .is_some_and(|database| goes_with_its_owner(database, pair.target));
    let is_new = target.owned_by.as_ref().is_some_and(|owner| {
        let table = pair.database.tables.get(&owner.table);
        table.is_none_or(|table| table.column(&owner.column).is_none())
    });
    goes && is_new
}

/// Returns the columns whose default draws from a sequence that is to go.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let mut found = Vec::new();
    for table in world.pair.target.tables.values() {
        for column in &table.columns {
            let drawn = column.default.iter().flat_map(|default| world.sequences(default));
            let mut gone = drawn.filter(|id| !world.pair.target.sequences.contains_key(&id.name));
            found.extend(gone.next().map(|id| Impossible {
                object: ObjectId::column(&table.name, column.name.as_str()),
                reason: format!(
                    "its default draws from {id}, which the models do not have; declare it, as in \
                     aludel::database! {{ sequence(name = \"{}\") }}",
                    id.name
                ),
            }));
        }
    }
    found
}

fn own(sequence: &Sequence, seed: bool) -> Operation {
    Operation::Alter(Alter::SequenceOwner { sequence: Box::new(sequence.clone()), seed })
}

/// Returns true if the column that owns the sequence has an integer type.
fn counts(sequence: &Sequence, target: &Metadata) -> bool {
    let owner = sequence.owned_by.as_ref();
    let column = owner.and_then(|owner| target.tables.get(&owner.table)?.column(&owner.column));
    column.is_some_and(|c| ["smallint", "integer", "bigint"].contains(&c.sql_type.spelling()))
}

/// Returns true if the owner of a sequence is dropped, and the sequence together with it.
fn goes_with_its_owner(sequence: &Sequence, target: &Metadata) -> bool {
    sequence.owned_by.as_ref().is_some_and(|owner| {
        target.tables.get(&owner.table).is_none_or(|table| table.column(&owner.column).is_none())
    })
}

/// Removes the drops of sequences whose column is dropped, even if the column is added again,
/// because the server drops a sequence together with its owner.
pub(crate) fn drop_with_column(operations: &mut Vec<Operation>) {
    let dropped: BTreeSet<ObjectId> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Drop(column @ Object::Column { .. }) => Some(column.id()),
            _ => None,
        })
        .collect();
    operations.retain(|operation| match operation {
        Operation::Drop(Object::Sequence(sequence)) => {
            !sequence.owned_by.as_ref().is_some_and(|owner| dropped.contains(&owner.id()))
        }
        _ => true,
    });
}
