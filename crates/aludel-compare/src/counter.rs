//! Counters that pass from one sequence to another, so that no number is given twice: between
//! `serial` and identity, the server can't keep the sequence itself. Its privileges and its comment pass
//! on, too.

use std::collections::BTreeSet;

use aludel_dialect::sequence_defaults;
use aludel_operations::{Alter, ColumnChange, Counter, Object, Operation};
use aludel_schema::{
    Belongings, Column, Kind, Metadata, ObjectId, OwnerColumn, QualifiedName, Sequence,
    SequenceOptions,
};

use crate::depends::World;
use crate::exchange;
use crate::hints::third_name;
use crate::pair::Pair;

/// Lets each new identity column take over the counter of the sequence that its default drew from,
/// and each sequence that of the identity before it.
pub(crate) fn hand_over(world: &World<'_>, operations: &mut Vec<Operation>) {
    look_beside(world, operations);
    let altered: BTreeSet<OwnerColumn> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Alter(Alter::Column(ColumnChange { table, to, .. })) => {
                Some(OwnerColumn { table: table.clone(), column: to.name.clone() })
            }
            _ => None,
        })
        .collect();
    for owner in altered {
        let column = world.pair.map(|side| side.tables.get(&owner.table)?.column(&owner.column));
        let Pair { database: Some(database), target: Some(target) } = column else { continue };
        match (&database.identity, &target.identity) {
            (None, Some(_)) => to_identity(world, operations, owner, Pair::new(database, target)),
            (Some(_), None) => from_identity(world, operations, owner, Pair::new(database, target)),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
}

fn to_identity(
    world: &World<'_>,
    operations: &mut Vec<Operation>,
    owner: OwnerColumn,
    column: Pair<&Column>,
) {
    let (Some(old), Some(new)) =
        (drawn_from(world, column.database), column.target.identity_sequence(&owner.table))
    else {
        return;
    };
    if !world.pair.database.sequences.contains_key(&old) {
        return;
    }
    let added = operations.iter_mut().enumerate().find_map(|(at, operation)| match operation {
        Operation::Alter(Alter::Column(change))
            if change.table == owner.table
                && change.to.name == owner.column
                && change.from.identity.is_none()
                && change.to.identity.is_some() =>
        {
            change.seed = false;
            Some(at)
        }
        _ => None,
    });
    let Some(added) = added else { return };
    let mut from = old.clone();
    let dropped = operations.iter_mut().find_map(|operation| match operation {
        Operation::Drop(Object::Sequence(sequence)) if sequence.name == old => Some(sequence),
        _ => None,
    });
    if let Some(dropped) = dropped
        && new == old
    {
        from = third(world, &old);
        dropped.name = from.clone();
    }
    let counter = Counter {
        from: from.clone(),
        to: new.clone(),
        to_identity: true,
        before: options(world.pair.database, &owner.table, column.database, &old),
        after: options(world.pair.target, &owner.table, column.target, &new),
        data_type: column.target.sql_type.spelling().to_owned(),
        column: owner,
    };
    operations.insert(added + 1, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
    if from != old {
        operations.insert(0, rename(old, &from));
    }
}

fn from_identity(
    world: &World<'_>,
    operations: &mut Vec<Operation>,
    owner: OwnerColumn,
    column: Pair<&Column>,
) {
    let (Some(new), Some(old)) =
        (drawn_from(world, column.target), column.database.identity_sequence(&owner.table))
    else {
        return;
    };
    let created = |name: &QualifiedName| {
        operations.iter().position(|operation| {
            matches!(operation, Operation::Create(Object::Sequence(own)) if own.name == *name)
        })
    };
    let (Some(at), again) = (created(&new), created(&old)) else { return };
    // The column may have another sequence of that name, which it does not draw from.
    let from = if again.is_some() { third(world, &old) } else { old.clone() };
    for operation in &mut *operations {
        match operation {
            Operation::Alter(Alter::SequenceOwner { sequence, seed }) if sequence.name == new => {
                *seed = false;
            }
            Operation::Alter(Alter::Column(change))
                if change.table == owner.table && change.to.name == owner.column =>
            {
                if let Some(identity) = &mut change.from.identity {
                    identity.sequence = Some(from.to_string());
                }
            }
            _ => {}
        }
    }
    let counter = Counter {
        from: from.clone(),
        to: new.clone(),
        to_identity: false,
        before: options(world.pair.database, &owner.table, column.database, &old),
        after: options(world.pair.target, &owner.table, column.target, &new),
        data_type: column.target.sql_type.spelling().to_owned(),
        column: owner,
    };
    operations.insert(at + 1, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
    if from != old {
        operations.insert(0, rename(old, &from));
    }
}

/// Gives the new sequence the privileges and the comment of the old one, unless they are given to it
/// already.
fn hand_over_belongings(
    world: &World<'_>,
    operations: &mut Vec<Operation>,
    old: &QualifiedName,
    new: &QualifiedName,
) {
    let Pair { database, target } = world.pair;
    let id = |name: &QualifiedName| ObjectId::new(Kind::Sequence, name.clone());
    let (old, new) = (id(old), id(new));
    let belongings = target.belongings.get(&new).or_else(|| database.belongings.get(&old));
    let grants = belongings.map(|own| own.grants.clone()).unwrap_or_default();
    let is_granted = |operation: &Operation| matches!(operation, Operation::Alter(Alter::Access { on, .. }) if *on == new);
    if !grants.is_empty() && !operations.iter().any(is_granted) {
        let to = Box::new(Belongings { grants, ..Belongings::default() });
        let (on, from) = (new.clone(), Box::default());
        operations.push(Operation::Alter(Alter::Access { on, from, to }));
    }
    let is_commented =
        |operation: &Operation| matches!(operation, Operation::Comment { on, .. } if *on == new);
    if let Some(comment) = target.comments.get(&new)
        && !operations.iter().any(is_commented)
    {
        operations.push(Operation::Comment { on: new, comment: Some(comment.clone()) });
    }
}

/// Lets the counter of a table that becomes a partition go on in the new table above it, and that of a table
/// that goes in the partition that is left of it.
pub(crate) fn pass_on(world: &World<'_>, operations: &mut Vec<Operation>) {
    for exchange in exchange::all(world, operations) {
        let Pair { database, target } = world.pair;
        let ends = match exchange.comes {
            true => Pair::new(&exchange.table, &exchange.top),
            false => Pair::new(&exchange.top, &exchange.table),
        };
        let is_new = exchange.comes && !database.tables.contains_key(ends.target);
        let is_gone = !exchange.comes && !target.tables.contains_key(ends.database);
        let tables = (database.tables.get(ends.database), target.tables.get(ends.target));
        let (Some(old), Some(new), true) = (tables.0, tables.1, is_new || is_gone) else {
            continue;
        };
        for column in &new.columns {
            let Some(before) = old.column(&column.name) else { continue };
            let is_numbered =
                if is_new { column.identity.is_some() } else { before.identity.is_some() };
            let from = before.identity_sequence(&old.name).or_else(|| {
                drawn_from(world, before).filter(|own| !target.sequences.contains_key(own))
            });
            let to = column.identity_sequence(&new.name).or_else(|| {
                drawn_from(world, column).filter(|own| !database.sequences.contains_key(own))
            });
            if let (Some(from), Some(to), true) = (from, to, is_numbered) {
                let table = exchange.table.clone();
                let owner = OwnerColumn { table, column: column.name.clone() };
                let before = options(database, &old.name, before, &from);
                let after = options(target, &new.name, column, &to);
                let counter = Counter {
                    column: owner,
                    from,
                    to,
                    to_identity: column.identity.is_some(),
                    before,
                    after,
                    data_type: column.sql_type.spelling().to_owned(),
                };
                pass(world, operations, counter);
            }
        }
    }
}

/// Adds the operation by which a sequence goes on where another one stands, if it is the first of this kind.
fn pass(world: &World<'_>, operations: &mut Vec<Operation>, mut counter: Counter) {
    let column = counter.column.clone();
    let (old, new) = (counter.from.clone(), counter.to.clone());
    let is_done = |operation: &Operation| matches!(operation, Operation::Alter(Alter::Counter(counter)) if counter.to == new);
    if operations.iter().any(is_done) {
        return;
    }
    let from = if old == new { third(world, &old) } else { old.clone() };
    for operation in &mut *operations {
        match operation {
            Operation::Drop(Object::Table(table)) => {
                let name = table.name.clone();
                for own in &mut table.columns {
                    call(own, &name, &old, &from);
                }
            }
            Operation::Drop(Object::Sequence(sequence)) if sequence.name == old => {
                sequence.name = from.clone();
            }
            Operation::Alter(Alter::Column(change)) if change.table == column.table => {
                call(&mut change.from, &column.table, &old, &from);
                if change.to.name == column.column {
                    change.seed = false;
                }
            }
            Operation::Alter(Alter::SequenceOwner { sequence, seed }) if sequence.name == new => {
                *seed = false;
            }
            _ => {}
        }
    }
    counter.from.clone_from(&from);
    // The counter of an identity ends with that of its column.
    let ends = operations.iter().position(|operation| match operation {
        Operation::Alter(Alter::Column(change)) => {
            let OwnerColumn { table, column } = &counter.column;
            change.table == *table && change.to.name == *column && change.to.identity.is_none()
        }
        _ => false,
    });
    let at = ends.unwrap_or(operations.len());
    operations.insert(at, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
    if from != old {
        operations.insert(0, rename(old, &from));
    }
}

/// Returns the options of the sequence that a column draws from, with its bounds.
fn options(
    side: &Metadata,
    table: &QualifiedName,
    column: &Column,
    sequence: &QualifiedName,
) -> SequenceOptions {
    let identity = column
        .identity
        .as_ref()
        .filter(|_| column.identity_sequence(table).as_ref() == Some(sequence));
    let (mut options, data_type) = match identity {
        Some(identity) => (identity.options.clone(), Some(column.sql_type.spelling().to_owned())),
        None => {
            let own = side.sequences.get(sequence).map(|own| own.options.clone());
            let own = own.unwrap_or_default();
            let data_type = own.data_type.clone();
            (own, data_type)
        }
    };
    let data_type = data_type.unwrap_or_else(|| "bigint".to_owned());
    let usual = sequence_defaults(&data_type, options.increment.unwrap_or(1));
    options.min = options.min.or(usual.min);
    options.max = options.max.or(usual.max);
    options
}

/// Notes at the identities that change whether other sequences belong to their columns.
fn look_beside(world: &World<'_>, operations: &mut [Operation]) {
    for operation in operations {
        let Operation::Alter(Alter::Column(change)) = operation else { continue };
        let belongs = |own: &Sequence| {
            let owner = own.owned_by.as_ref();
            owner.is_some_and(|own| own.table == change.table && own.column == change.to.name)
        };
        let sides = [world.pair.database, world.pair.target];
        change.has_others = sides.iter().any(|side| side.sequences.values().any(belongs));
    }
}

/// Gives the sequence behind an identity column another name.
fn call(column: &mut Column, table: &QualifiedName, old: &QualifiedName, name: &QualifiedName) {
    if column.identity_sequence(table).as_ref() == Some(old)
        && let Some(identity) = &mut column.identity
    {
        identity.sequence = Some(name.to_string());
    }
}

/// Returns the sequence that the default of a column draws from.
fn drawn_from(world: &World<'_>, column: &Column) -> Option<QualifiedName> {
    let default = column.default.as_ref()?;
    world.sequences(default).into_iter().next().map(|id| id.name)
}

/// Returns a name for a sequence while its successor takes over.
fn third(world: &World<'_>, old: &QualifiedName) -> QualifiedName {
    let Pair { database, target } = world.pair;
    let is_taken = |name: &str| {
        let name = old.sibling(name);
        [database, target]
            .iter()
            .any(|side| side.sequences.contains_key(&name) || side.tables.contains_key(&name))
    };
    old.sibling(third_name(&old.name, is_taken))
}

fn rename(from: QualifiedName, to: &QualifiedName) -> Operation {
    Operation::Rename { from: ObjectId::new(Kind::Sequence, from), to: to.name.clone() }
}
