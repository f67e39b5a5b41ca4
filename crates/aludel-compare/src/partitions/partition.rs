//! Partition keys, which no ALTER changes, and partitions.

use aludel_dialect::{Dialect, Hazard, name_columns, normal_form, referenced_key};
use aludel_operations::{Alter, Operation};
use aludel_schema::{
    Clause, Constraint, Definition, Kind, Metadata, ObjectId, QualifiedName, SqlText, Table,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::not_nulls::part_kept::NOT_NULL_NAME;
use crate::not_nulls::part_names;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::pairing::Both;
use crate::partitions::bound::{self, leaves, part, parts};
use crate::partitions::firing;
use crate::tables::column;
use crate::types::replacement::moves;

/// Returns the differences of a partitioned table that a server refuses: another key, and changes
/// of the columns of the key other than their names, defaults and NULLs.
pub(crate) fn impossible(
    world: &World<'_>,
    both: &Both<'_>,
    replaced: &[ObjectId],
) -> Vec<Impossible> {
    let tables = both.tables;
    let keys = tables.map(|table| table.options.partition_by.as_ref().map(SqlText::spelling));
    if tables.differs(|table| key(table, world.dialect)) {
        let reason = format!(
            "partitioned by `{}` in the models, by `{}` in the database; a table can't change that: \
             make a new one and copy the rows in a revision written by hand",
            keys.target.unwrap_or("nothing"),
            keys.database.unwrap_or("nothing"),
        );
        return vec![Impossible { object: ObjectId::table(&tables.target.name), reason }];
    }
    let Some(key) = keys.database else { return Vec::new() };
    let names = || tables.database.columns.iter().map(|column| column.name.as_str());
    let below = keys_below(world, &tables.database.name);
    let all = [(&tables.target.name, key)].into_iter().chain(below);
    let of_keys = all.flat_map(|(own, key)| {
        let named = name_columns(parts(key).1, names(), world.dialect);
        named.into_iter().map(move |name| (own, name))
    });
    let found = of_keys.filter_map(|(partitioned, name)| {
        let pair = both.columns.both.iter().find(|pair| pair.target.name == name);
        let change = match pair {
            None => "it would be dropped",
            Some(pair) if column::is_renewed(world, &tables.target.name, *pair) => "it would be made again",
            Some(pair) if column::is_retyped(*pair) => "it would get another type",
            Some(pair) if moves(world, replaced, *pair) => "its type would be replaced by a new one",
            Some(_) => return None,
        };
        Some(Impossible {
            object: ObjectId::column(&tables.target.name, name),
            reason: format!(
                "{change}, and table {partitioned} is partitioned by it, which a table can't change: \
                 make a new table and copy the rows in a revision written by hand"
            ),
        })
    });
    found.collect()
}

/// Returns the keys of the partitions of a table that have partitions themselves and stay, with the names
/// of these.
fn keys_below<'d>(
    world: &World<'d>,
    table: &QualifiedName,
) -> impl Iterator<Item = (&'d QualifiedName, &'d str)> {
    let stays = |own: &&Definition| world.pair.target.definitions.contains_key(&own.id);
    let all = world.pair.database.definitions.values();
    let below = all.filter(stays).filter(move |own| top(world, own) == Some(table));
    below.filter_map(|own| {
        let key = own.clauses.iter().find(|clause| clause.word == "partition by")?;
        Some((&own.id.name, key.text.spelling()))
    })
}

/// Returns the tables that become partitions, and the partitions that become tables, as far as no plan does
/// it. To drop and create them would lose the rows.
pub(crate) fn exchanged(world: &World<'_>) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let joins = database.tables.keys().filter(|name| !target.tables.contains_key(*name));
    let joins = joins.filter_map(|name| {
        let partition = target.definitions.get(&part(name))?;
        let parent = bound::parent(partition, world.dialect)?;
        let reason = format!(
            "table {name} becomes it, and its rows stay only if that is written by hand: make the table \
             like {parent}, then `ALTER TABLE {parent} ATTACH PARTITION {name} …`"
        );
        Some(Impossible { object: partition.id.clone(), reason })
    });
    let leaves = target.tables.keys().filter(|name| !database.tables.contains_key(*name));
    let leaves = leaves.filter_map(|name| {
        let partition = database.definitions.get(&part(name))?;
        let parent = bound::parent(partition, world.dialect)?;
        let reason = format!(
            "it is a partition of {parent}, and its rows stay only if that is written by hand: `ALTER \
             TABLE {parent} DETACH PARTITION {name}`, then make the table like its model"
        );
        Some(Impossible { object: ObjectId::table(name), reason })
    });
    joins.chain(leaves).collect()
}

/// Returns the partitions that are attached together with partitions of their own, to which ATTACH PARTITION does
/// not give the identity columns of the table above all. DETACH PARTITION would fail from then on.
pub(crate) fn lost_identities(world: &World<'_>, replaced: &[ObjectId]) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let place = |own: &Definition| {
        (bound::parent(own, world.dialect).cloned(), bound::bound(own).map(|own| own.text.clone()))
    };
    let is_attached = |own: &&Definition| match database.definitions.get(&own.id) {
        Some(before) => {
            let (mut before, mut after) = (before.clone(), (*own).clone());
            place(&before) != place(own)
                || part_names::settle(world, replaced, &mut before, &mut after)
        }
        None => database.tables.contains_key(&own.id.name),
    };
    let partitions = target.definitions.values().filter(|own| own.id.kind == Kind::Partition);
    let lost = |own: &Definition| {
        let table = target.tables.get(top(world, own)?)?;
        let column = table.columns.iter().find(|column| column.identity.is_some())?;
        let is_below = |below: &&Definition| {
            bound::parent(below, world.dialect) == Some(&own.id.name)
                && target.definitions.contains_key(&below.id)
        };
        let below = database.definitions.values().find(is_below)?;
        let reason = format!(
            "PostgreSQL does not attach its own partition {} with the identity of {}: detach that first, \
             and attach it again afterwards, in a revision written by hand",
            below.id.name,
            ObjectId::column(&table.name, column.name.as_str())
        );
        Some(Impossible { object: own.id.clone(), reason })
    };
    let attached = partitions.filter(|_| target.shares_identities).filter(is_attached);
    attached.filter_map(lost).collect()
}

fn key(table: &Table, dialect: Dialect) -> Option<String> {
    table.options.partition_by.as_ref().map(|key| normal_form(key.spelling(), dialect))
}

/// Returns what a partition says of columns and keys where another form of it does not: the columns of
/// the table that it is one of, the keys that its foreign keys refer to, and triggers.
pub(crate) fn said_of(
    world: &World<'_>,
    partition: &Definition,
    other: &Definition,
) -> Vec<ObjectId> {
    // The name of a constraint is no matter of its column.
    let clauses = partition.clauses.iter().filter(|clause| clause.word != NOT_NULL_NAME);
    let clauses = clauses.filter(|clause| !other.clauses.contains(clause));
    let facts = world.dialect.kind_facts(partition.id.kind);
    let has_part = |own: &Clause| {
        facts.and_then(|facts| facts.clause(&own.word)).is_some_and(|own| own.is_exclusive)
    };
    // The server looks at the columns of an index that gets a part in the whole table.
    let with_key = |clause| {
        let keys = partition.clauses.iter().filter(move |key| {
            has_part(clause) && facts.is_some_and(|facts| facts.is_about(clause, key))
        });
        std::iter::once(clause).chain(keys)
    };
    let columns =
        clauses.flat_map(with_key).flat_map(|clause| columns_of(world, partition, clause));
    let columns = columns.chain(keys_of(world, partition, other));
    columns.chain(firing::triggers_of(world, partition, other)).collect()
}

/// Returns the columns that a clause of a partition is about. The server knows them as columns of the
/// partition, and plans as those of the table above it.
pub(crate) fn columns_of(
    world: &World<'_>,
    partition: &Definition,
    clause: &Clause,
) -> Vec<ObjectId> {
    let sides = [world.pair.target, world.pair.database];
    let top = top(world, partition);
    let tables = sides.into_iter().filter_map(|side| side.tables.get(top?));
    let columns = tables.flat_map(|table| {
        let named = clause.name.iter().filter(|name| table.column(name).is_some()).cloned();
        let named = named.chain(world.reads(&clause.text, table));
        named.map(|column| ObjectId::column(&table.name, column)).collect::<Vec<_>>()
    });
    columns.collect()
}

/// Returns the keys that the foreign keys of a partition refer to where another form of it does not.
pub(crate) fn keys_of(
    world: &World<'_>,
    partition: &Definition,
    other: &Definition,
) -> Vec<ObjectId> {
    let keys = foreign_keys(partition, other, world.dialect);
    keys.flat_map(|(table, columns)| world.key(&table, &columns)).collect()
}

/// Iterates over the tables and columns that the foreign keys of a partition refer to where another form of
/// it does not.
pub(crate) fn foreign_keys(
    partition: &Definition,
    other: &Definition,
    dialect: Dialect,
) -> impl Iterator<Item = (QualifiedName, Vec<String>)> {
    let is_part = partition.id.kind == Kind::Partition;
    let clauses = partition.clauses.iter().filter(move |_| is_part);
    let clauses = clauses.filter(|clause| !other.clauses.contains(clause));
    clauses.filter_map(move |clause| referenced_key(clause.text.spelling(), dialect))
}

/// Adds edges that let a partition leave its table for a while only after the columns, constraints and indexes of
/// that have changed: it has to follow these, and has to be like its table when it comes back. One that comes back
/// as it was does so before.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { continue };
        let is_table = bound::is_table(world.pair.database, from);
        let is_back = world.pair.target.definitions.contains_key(&from.id);
        let Some(top) = top(world, from).filter(|_| leaves(from, to) && is_back && !is_table)
        else {
            continue;
        };
        let returns = |other: &Operation| {
            let Operation::Alter(Alter::Definition { from: left, to: back, .. }) = other else {
                return false;
            };
            left.says_the_same(to) && back.says_the_same(from)
        };
        let back = operations.iter().position(returns).filter(|back| *back == at + 1);
        for (other, operation) in operations.iter().enumerate() {
            if shapes(operation, top) {
                match back {
                    Some(back) => graph.edge(back, other),
                    None => graph.edge(other, at),
                }
            }
        }
    }
}

/// Returns true if an operation changes what the partitions of a table have from it.
fn shapes(operation: &Operation, table: &QualifiedName) -> bool {
    if let Operation::Alter(Alter::ReplaceType(replacement)) = operation {
        return replacement.columns.iter().any(|own| own.table == *table);
    }
    let is_part = matches!(operation.object().kind, Kind::Column | Kind::Constraint | Kind::Index);
    let is_comment = matches!(operation, Operation::Comment { .. });
    is_part && !is_comment && operation.table().as_ref() == Some(table)
}

/// Returns the hazard of a new bound: the rows of the default partition must not fit it.
pub(crate) fn beside_default(world: &World<'_>, partition: &Definition) -> Option<Hazard> {
    let is_default = |own: &Definition| {
        bound::bound(own)
            .is_some_and(|clause| clause.text.spelling().eq_ignore_ascii_case("default"))
    };
    let parent = bound::parent(partition, world.dialect).filter(|_| !is_default(partition))?;
    let is_beside = |own: &&Definition| {
        is_default(own)
            && bound::parent(own, world.dialect) == Some(parent)
            && world.pair.target.definitions.get(&own.id).is_some_and(is_default)
    };
    let default = world.pair.database.definitions.values().find(is_beside)?;
    Some(Hazard::FailsOnRule {
        object: default.id.clone(),
        rows: format!("a row of {} belongs to {}", default.id.name, partition.id.name),
    })
}

/// Returns a hazard for each foreign key of another table to the table above a partition that leaves:
/// the rows that it refers to can't leave.
pub(crate) fn referenced(world: &World<'_>, partition: &Definition) -> Vec<Hazard> {
    let hazards = keys_to(world, partition).map(|(table, own)| Hazard::FailsOnRule {
        object: own.id(&table.name),
        rows: format!("a row of {} refers to a row of {}", table.name, partition.id.name),
    });
    hazards.collect()
}

/// Returns true if foreign keys refer to the table above a partition, and the table stays.
pub(crate) fn is_referenced(world: &World<'_>, partition: &Definition) -> bool {
    let stays = |name: &QualifiedName| world.pair.target.tables.contains_key(name);
    top(world, partition).is_some_and(stays) && keys_to(world, partition).next().is_some()
}

/// Returns the partitions that get other bounds, for which they leave their tables and come back, each with the
/// foreign keys that keep it there.
pub(crate) fn kept_by_keys<'d>(world: &World<'d>) -> Vec<(&'d Definition, Vec<ObjectId>)> {
    let gets_another_bound = |from: &&Definition| {
        let to = world.pair.target.definitions.get(&from.id);
        to.is_some_and(|to| {
            let is_there = bound::bound(from).is_some() && bound::bound(to).is_some();
            let stays = bound::parent(from, world.dialect) == bound::parent(to, world.dialect);
            is_there && stays && bound::bound(from) != bound::bound(to)
        })
    };
    let partitions = world.pair.database.definitions.values().filter(gets_another_bound);
    let keys = |own| keys_to(world, own).map(|(table, key)| key.id(&table.name)).collect();
    partitions.map(|own| (own, keys(own))).collect()
}

/// Iterates over the foreign keys of the database to the table above a partition.
fn keys_to<'d>(
    world: &World<'d>,
    partition: &'d Definition,
) -> impl Iterator<Item = (&'d Table, &'d Constraint)> + use<'d> {
    let top = top(world, partition);
    let tables = world.pair.database.tables.values();
    let keys = tables.flat_map(|table| table.foreign_keys().map(move |own| (table, own)));
    let keys = keys.filter(move |(_, (_, key))| Some(&key.references) == top);
    keys.map(|(table, (own, _))| (table, own))
}

/// Returns the table above a partition, whose columns also a partition of a partition has.
pub(crate) fn top<'d>(world: &World<'d>, partition: &'d Definition) -> Option<&'d QualifiedName> {
    let sides = [world.pair.target, world.pair.database];
    let mut parent = bound::parent(partition, world.dialect)?;
    loop {
        let above = |side: &&'d Metadata| side.definitions.get(&part(parent));
        let is_table = sides.iter().any(|side| side.tables.contains_key(parent));
        let Some(above) = sides.iter().find_map(above).filter(|_| !is_table) else {
            return Some(parent);
        };
        parent = bound::parent(above, world.dialect)?;
    }
}
