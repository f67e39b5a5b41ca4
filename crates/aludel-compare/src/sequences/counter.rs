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
use crate::pair::Pair;
use crate::partitions::exchange;
use crate::privileges::owners;
use crate::sequences::aside::Aside;
use crate::sequences::sequence::counts;

/// Lets each sequence go on where the one stands whose place it takes.
pub(crate) fn pass_all(world: &World<'_>, operations: &mut Vec<Operation>, aside: &Aside) {
    hand_over(world, operations);
    pass_on(world, operations);
    pass_with_name(world, operations, aside);
}

/// Lets each new identity column take over the counter of the sequence that its default drew from,
/// and each sequence that of the identity before it.
fn hand_over(world: &World<'_>, operations: &mut Vec<Operation>) {
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
    let counter = Counter {
        from: old.clone(),
        to: new.clone(),
        to_identity: true,
        before: options(world.pair.database, &old),
        after: options(world.pair.target, &new),
        data_type: column.target.sql_type.spelling().to_owned(),
        column: Some(owner),
    };
    operations.insert(added + 1, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
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
    let created = operations.iter().position(|operation| {
        matches!(operation, Operation::Create(Object::Sequence(own)) if own.name == new)
    });
    let Some(at) = created else { return };
    begin_elsewhere(operations, &new);
    let counter = Counter {
        from: old.clone(),
        to: new.clone(),
        to_identity: false,
        before: options(world.pair.database, &old),
        after: options(world.pair.target, &new),
        data_type: column.target.sql_type.spelling().to_owned(),
        column: Some(owner),
    };
    operations.insert(at + 1, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
}

/// Lets a sequence that gets an owner not begin behind the rows, because it goes on from elsewhere.
fn begin_elsewhere(operations: &mut [Operation], new: &QualifiedName) {
    for operation in operations {
        if let Operation::Alter(Alter::SequenceOwner { sequence, seed, .. }) = operation
            && sequence.name == *new
        {
            *seed = false;
        }
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
    let mut grants = belongings.map(|own| own.grants.clone()).unwrap_or_default();
    let table = owners::table_of(target, &new).and_then(|table| target.belongings_of(&table));
    let owner = table.and_then(|own| own.owner.as_ref()).or(target.role.as_ref());
    grants.retain(|grant| grant.role.is_none() || grant.role.as_ref() != owner);
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
fn pass_on(world: &World<'_>, operations: &mut Vec<Operation>) {
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
                let before = options(database, &from);
                let after = options(target, &to);
                let counter = Counter {
                    column: Some(owner),
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
fn pass(world: &World<'_>, operations: &mut Vec<Operation>, counter: Counter) {
    let (old, new) = (counter.from.clone(), counter.to.clone());
    let is_done = |operation: &Operation| matches!(operation, Operation::Alter(Alter::Counter(counter)) if counter.to == new);
    if operations.iter().any(is_done) {
        return;
    }
    begin_elsewhere(operations, &new);
    for operation in &mut *operations {
        if let Operation::Alter(Alter::Column(change)) = operation
            && counter.column.as_ref().is_some_and(|own| is_about(change, own))
        {
            change.seed = false;
        }
    }
    // The counter of an identity ends with that of its column.
    let ends = operations.iter().position(|operation| match operation {
        Operation::Alter(Alter::Column(change)) => {
            let is_its = counter.column.as_ref().is_some_and(|own| is_about(change, own));
            is_its && change.to.identity.is_none()
        }
        _ => false,
    });
    let at = ends.unwrap_or(operations.len());
    operations.insert(at, Operation::Alter(Alter::Counter(counter)));
    hand_over_belongings(world, operations, &old, &new);
}

fn is_about(change: &ColumnChange, column: &OwnerColumn) -> bool {
    change.table == column.table && change.to.name == column.column
}

/// Lets the counter of each sequence that makes room for another one of its name go on in that one, unless
/// it goes on where another one stands.
fn pass_with_name(world: &World<'_>, operations: &mut Vec<Operation>, aside: &Aside) {
    let Pair { database, target } = world.pair;
    for (name, third) in aside.iter() {
        let identity = target.identity_of(name);
        // A column may own a sequence that does not number it, and a new table has no rows.
        let own = target.sequences.get(name).filter(|own| counts(world, own));
        let own = own.and_then(|own| own.owned_by.clone());
        let own = own.filter(|own| database.tables.contains_key(&own.table));
        let to_identity = identity.is_some();
        let column = identity.as_ref().map_or(own, owner_column);
        let type_of = |own: &OwnerColumn| {
            let column = target.tables.get(&own.table)?.column(&own.column)?;
            Some(column.sql_type.spelling().to_owned())
        };
        let data_type = column.as_ref().and_then(type_of).unwrap_or_default();
        let counter = Counter {
            column,
            from: third.clone(),
            to: name.clone(),
            to_identity,
            before: options(database, third),
            after: options(target, name),
            data_type,
        };
        pass(world, operations, counter);
    }
}

fn owner_column(id: &ObjectId) -> Option<OwnerColumn> {
    let table = id.table.clone()?;
    Some(OwnerColumn { table, column: id.name.name.clone() })
}

/// Returns the options of a sequence, with its bounds.
fn options(side: &Metadata, sequence: &QualifiedName) -> SequenceOptions {
    let column = side.identity_of(sequence).as_ref().and_then(owner_column);
    let column = column.and_then(|own| side.tables.get(&own.table)?.column(&own.column));
    let of_identity = column.and_then(|column| Some((column.identity.as_ref()?, column)));
    let (mut options, data_type) = match of_identity {
        Some((identity, column)) => {
            (identity.options.clone(), Some(column.sql_type.spelling().to_owned()))
        }
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

/// Returns the sequence that the default of a column draws from.
fn drawn_from(world: &World<'_>, column: &Column) -> Option<QualifiedName> {
    let default = column.default.as_ref()?;
    world.sequences(default).into_iter().next().map(|id| id.name)
}
