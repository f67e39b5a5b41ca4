//! Sequences that are objects of their own.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Move, Object, Operation};
use aludel_schema::{Kind, Metadata, ObjectId, OwnerColumn, Sequence, SequenceOptions, Table};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::privileges::owners;

/// Compares the sequences.
pub(crate) fn compare(world: &World<'_>) -> Vec<Operation> {
    let pair = world.pair;
    let mut operations = Vec::new();
    for target in pair.target.sequences.values() {
        let Some(database) = pair.database.sequences.get(&target.name) else {
            let unlogged = pair.database.has_unlogged_sequences && pair.target.is_unlogged(target);
            let new = with_log(target, Some(unlogged).filter(|unlogged| *unlogged));
            operations.push(Operation::Create(Object::Sequence(new)));
            if let Some(owner) = &target.owned_by {
                let is_old = pair.database.tables.contains_key(&owner.table);
                let seed = is_old && counts(world, target);
                operations.push(own(target, None, seed));
            }
            continue;
        };
        let (from, to) = logs(database, target, pair);
        if from.options != to.options {
            let (from, to) = (Box::new(from), Box::new(to));
            operations.push(Operation::Alter(Alter::Sequence { from, to }));
        }
        if database.owned_by != target.owned_by {
            let mut before = database.owned_by.clone();
            let leaves = before.is_some() && target.owned_by.is_some();
            if passes_on(target, pair) || leaves && owners::goes_alone(target, pair) {
                let released = Sequence { owned_by: None, ..target.clone() };
                operations.push(own(&released, before.take(), false));
            }
            operations.push(own(target, before, false));
        }
    }
    let gone = pair.database.sequences.values().filter(|database| {
        !pair.target.sequences.contains_key(&database.name)
            && !goes_with_its_owner(database, pair.target)
    });
    operations.extend(gone.map(|sequence| Operation::Drop(Object::Sequence(sequence.clone()))));
    operations
}

/// Removes the word on whether the counter of an identity is logged where the table says the same, or
/// where the database can't tell them apart.
pub(crate) fn settle_identities(target: &mut Metadata) {
    let can_differ = target.has_unlogged_sequences;
    for table in target.tables.values_mut() {
        let usual = table.options.unlogged;
        for identity in table.columns.iter_mut().filter_map(|column| column.identity.as_mut()) {
            identity.options.unlogged.take_if(|own| !can_differ || *own == usual);
        }
    }
}

/// Removes the same word from changes of columns whose table takes the counters along when it is
/// itself no longer logged, or logged again.
pub(crate) fn take_along(tables: Pair<&Table>, operations: &mut Vec<Operation>) {
    if tables.database.options.unlogged == tables.target.options.unlogged {
        return;
    }
    operations.retain_mut(|operation| {
        let Operation::Alter(Alter::Column(change)) = operation else { return true };
        let both = change.to.identity.is_some();
        let before = change.from.identity.as_mut().filter(|_| both);
        before.is_none_or(|identity| identity.options.unlogged.take().is_none())
            || change.from != change.to
    });
}

fn with_log(sequence: &Sequence, unlogged: Option<bool>) -> Sequence {
    let options = SequenceOptions { unlogged, ..sequence.options.clone() };
    Sequence { options, ..sequence.clone() }
}

/// Returns both sides of a sequence with the word on whether the counter is logged. A table takes the
/// sequences that it owns along when that changes.
fn logs(database: &Sequence, target: &Sequence, pair: Pair<&Metadata>) -> (Sequence, Sequence) {
    if !pair.database.has_unlogged_sequences {
        return (with_log(database, None), with_log(target, None));
    }
    let owner = database.owned_by.as_ref().map(|owner| &owner.table);
    let before = owner.and_then(|table| pair.database.tables.get(table));
    let after = owner.and_then(|table| pair.target.tables.get(table));
    let taken_along = match (before, after) {
        (Some(before), Some(after)) if before.options.unlogged != after.options.unlogged => {
            Some(after.options.unlogged)
        }
        _ => None,
    };
    let now = taken_along.unwrap_or_else(|| pair.database.is_unlogged(database));
    let wanted = pair.target.is_unlogged(target);
    (with_log(database, Some(now)), with_log(target, Some(wanted)))
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

/// Returns the operation by which a sequence gets its owner in place of another one.
pub(crate) fn own(sequence: &Sequence, from: Option<OwnerColumn>, seed: bool) -> Operation {
    Operation::Alter(Alter::SequenceOwner { sequence: Box::new(sequence.clone()), from, seed })
}

/// Returns true if the column that owns the sequence draws from it and has an integer type.
pub(crate) fn counts(world: &World<'_>, sequence: &Sequence) -> bool {
    let tables = &world.pair.target.tables;
    let owner = sequence.owned_by.as_ref();
    let column = owner.and_then(|owner| tables.get(&owner.table)?.column(&owner.column));
    column.is_some_and(|column| {
        let mut drawn = column.default.iter().flat_map(|default| world.sequences(default));
        let is_integer = ["smallint", "integer", "bigint"].contains(&column.sql_type.spelling());
        is_integer && drawn.any(|id| id.name == sequence.name)
    })
}

/// Returns true if the owner of a sequence is dropped, and the sequence together with it.
pub(crate) fn goes_with_its_owner(sequence: &Sequence, target: &Metadata) -> bool {
    sequence.owned_by.as_ref().is_some_and(|owner| {
        target.tables.get(&owner.table).is_none_or(|table| table.column(&owner.column).is_none())
    })
}

/// Lets the sequences of a column that is made again belong to none meanwhile. They would go with it.
pub(crate) fn keep_without_column(world: &World<'_>, operations: &mut Vec<Operation>) {
    let columns = |goes: bool| -> BTreeSet<ObjectId> {
        let all = operations.iter().filter_map(|operation| match operation {
            Operation::Drop(column @ Object::Column { .. }) if goes => Some(column.id()),
            Operation::Create(column @ Object::Column { .. }) if !goes => Some(column.id()),
            _ => None,
        });
        all.collect()
    };
    let (gone, new) = (columns(true), columns(false));
    let kept = world.pair.database.sequences.values().filter_map(|database| {
        let owner = database.owned_by.as_ref()?;
        let is_remade = gone.contains(&owner.id()) && new.contains(&owner.id());
        let target = world.pair.target.sequences.get(&database.name).filter(|_| is_remade)?;
        (target.owned_by.as_ref() == Some(owner)).then(|| {
            let released = Sequence { owned_by: None, ..target.clone() };
            [own(&released, Some(owner.clone()), false), own(target, None, false)]
        })
    });
    let kept: Vec<[Operation; 2]> = kept.collect();
    operations.extend(kept.into_iter().flatten());
}

/// Lets sequences that move by themselves belong to no column before, because PostgreSQL moves one that a column
/// owns with its table alone ("ALTER SEQUENCE", SET SCHEMA).
pub(crate) fn release_before_moves(world: &World<'_>, operations: &mut Vec<Operation>) {
    let all = std::mem::take(operations);
    let mut released = BTreeSet::new();
    for operation in &all {
        let Some(moves) = moved(operation) else { continue };
        let Some(before) = world.pair.database.sequences.get(&moves.to) else { continue };
        let Some(owner) = &before.owned_by else { continue };
        let free = Sequence { name: moves.from.name.clone(), owned_by: None, ..before.clone() };
        operations.push(own(&free, Some(owner.clone()), false));
        released.insert(&moves.to);
    }
    for operation in &all {
        match operation {
            Operation::Alter(Alter::SequenceOwner { sequence, seed, .. })
                if released.contains(&sequence.name) =>
            {
                let owned = sequence.owned_by.is_some();
                operations.extend(owned.then(|| own(sequence, None, *seed)));
            }
            other => operations.push(other.clone()),
        }
    }
}

/// Returns the move of a sequence.
fn moved(operation: &Operation) -> Option<&Move> {
    match operation {
        Operation::Alter(Alter::Move(moves)) => {
            Some(moves).filter(|moves| moves.from.kind == Kind::Sequence)
        }
        _ => None,
    }
}

/// Adds edges from the operations that take the owners from sequences to the moves of these.
pub(crate) fn edges(operations: &[Operation], graph: &mut Graph) {
    for (at, moves) in operations.iter().enumerate() {
        let Some(moves) = moved(moves) else { continue };
        for (other, operation) in operations.iter().enumerate() {
            if let Operation::Alter(Alter::SequenceOwner { sequence, .. }) = operation
                && sequence.name == moves.from.name
                && sequence.owned_by.is_none()
            {
                graph.edge(other, at);
            }
        }
    }
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
