//! The keys that foreign keys refer to.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, Hazard, Rename, Step, referenced_columns, rename_columns};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Constraint, ConstraintKind, Definition, Metadata, ObjectId, QualifiedName, Table,
};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::ordering::states::options_of;
use crate::partitions::{bound, partition};

/// A table and the columns of a key in it.
type Key = (QualifiedName, BTreeSet<String>);

/// Adds edges that put new foreign keys behind the end of old keys of the columns that they refer to. The
/// server takes any key of the columns, and then does not let go of it.
pub(crate) fn edges(dialect: Dialect, operations: &[Operation], graph: &mut Graph) {
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
        for key in referred_to(operation, dialect) {
            let before = ends.get(&key).into_iter().flatten();
            before.for_each(|end| graph.edge(*end, at));
        }
    }
}

/// Adds edges that end the primary key of a table before it gets another one, because a table has one at a time.
pub(crate) fn edges_of_primary_keys(operations: &[Operation], graph: &mut Graph) {
    let is_primary = |own: &Constraint| matches!(own.kind, ConstraintKind::PrimaryKey { .. });
    let ends = operations.iter().enumerate().filter_map(|(at, operation)| match operation {
        Operation::Drop(Object::Constraint { table, constraint }) => {
            is_primary(constraint).then_some((table, at))
        }
        _ => None,
    });
    let ends: BTreeMap<&QualifiedName, usize> = ends.collect();
    for (at, operation) in operations.iter().enumerate() {
        if let Operation::Create(Object::Constraint { table, constraint })
        | Operation::Alter(Alter::KeyOfIndex { table, constraint }) = operation
            && is_primary(constraint)
            && let Some(end) = ends.get(table)
        {
            graph.edge(*end, at);
        }
    }
}

/// Adds edges that let a partition leave its table, and come back, while a foreign key to the table that the
/// plan makes again is gone: no row that it refers to could leave.
pub(crate) fn edges_of_partitions(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { continue };
        let (leaves, comes) = (bound::leaves(from, to), bound::comes(from, to));
        let Some(top) = partition::top(world, from).filter(|_| leaves || comes) else { continue };
        let refers = |table: &QualifiedName, own: &Constraint| {
            table != top && own.foreign_key().is_some_and(|key| key.references == *top)
        };
        for (other, operation) in operations.iter().enumerate() {
            match operation {
                Operation::Drop(Object::Constraint { table, constraint })
                    if leaves && refers(table, constraint) =>
                {
                    graph.soft_edge(other, at);
                }
                Operation::Create(Object::Constraint { table, constraint })
                    if refers(table, constraint) =>
                {
                    graph.soft_edge(at, other);
                }
                Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => {}
            }
        }
    }
}

/// Takes back what is said of rows that a partition can't take along, where the foreign key to them is gone by
/// then, and does not come back without the partition.
pub(crate) fn trust(world: &World<'_>, steps: &mut [Step]) {
    let mut gone = BTreeSet::new();
    for step in steps {
        for operation in &step.operations {
            let id = operation.object();
            match operation {
                Operation::Drop(Object::Constraint { .. }) => gone.insert(id),
                Operation::Create(Object::Constraint { .. }) => gone.remove(&id),
                Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => continue,
            };
        }
        let left = step.operations.iter().filter_map(leaving);
        let mut left = left.map(|own| world.pair.target.definitions.contains_key(&own.id));
        let Some(comes_back) = left.next() else { continue };
        let is_idle = |object: &ObjectId| {
            gone.contains(object) && (comes_back || !has_constraint(world, object))
        };
        step.hazards
            .retain(|own| !matches!(own, Hazard::FailsOnRule { object, .. } if is_idle(object)));
    }
}

/// Returns true if the target has a constraint.
fn has_constraint(world: &World<'_>, id: &ObjectId) -> bool {
    let table = id.table.as_ref().and_then(|table| world.pair.target.tables.get(table));
    table.is_some_and(|table| table.constraints.iter().any(|own| own.id(&table.name) == *id))
}

/// Returns the partition that leaves its table by an operation.
fn leaving(operation: &Operation) -> Option<&Definition> {
    match operation {
        Operation::Alter(Alter::Definition { from, to, .. }) if bound::leaves(from, to) => {
            Some(from)
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Lets the foreign keys to a table or partition refer to it under its new name.
pub(crate) fn follow(metadata: &mut Metadata, from: &QualifiedName, to: &QualifiedName) {
    let tables = metadata.tables.values_mut();
    for constraint in tables.flat_map(|table| &mut table.constraints) {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && key.references == *from
        {
            key.references = to.clone();
        }
    }
}

/// Renames a column in the clauses of a partition that have it, or in those of its foreign keys that refer to it.
pub(crate) fn rename_column(
    partition: &mut Definition,
    refers: bool,
    renames: &[Rename<'_>],
    dialect: Dialect,
) {
    let renamed = |text: &str| rename_columns(text, renames, dialect);
    let texts = partition.clauses.iter_mut().map(|clause| &mut clause.text);
    for text in texts.flat_map(|text| [Some(&mut text.written), text.canonical.as_mut()]).flatten()
    {
        let key = referenced_columns(text, dialect);
        let parts = key.and_then(|key| {
            Some((text.get(..key.start)?, text.get(key.clone())?, text.get(key.end..)?))
        });
        *text = match parts {
            Some((before, key, after)) if refers => format!("{before}{}{after}", renamed(key)),
            Some((before, key, after)) => format!("{}{key}{}", renamed(before), renamed(after)),
            None if refers => continue,
            None => renamed(text),
        };
    }
}

/// Returns the keys that the foreign keys refer to which an operation creates.
fn referred_to(operation: &Operation, dialect: Dialect) -> Vec<Key> {
    let constraints: Vec<&Constraint> = match operation {
        Operation::Create(Object::Table(table)) => table.constraints.iter().collect(),
        Operation::Create(Object::Column { constraints, .. }) => constraints.iter().collect(),
        Operation::Create(Object::Constraint { constraint, .. }) => vec![constraint],
        Operation::Create(Object::Definition(new)) => {
            return of_partition(new, &bound::bare(new), dialect);
        }
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            return of_partition(to, from, dialect);
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    };
    let keys = constraints.into_iter().filter_map(Constraint::foreign_key);
    keys.map(|key| (key.references.clone(), key.referenced_columns.iter().cloned().collect()))
        .collect()
}

fn of_partition(to: &Definition, from: &Definition, dialect: Dialect) -> Vec<Key> {
    let keys = partition::foreign_keys(to, from, dialect);
    keys.map(|(table, columns)| (table, columns.into_iter().collect())).collect()
}

/// Returns the tables whose logging must change after that of `table`, because PostgreSQL allows no
/// foreign key from a logged table to an unlogged one.
pub(crate) fn logged_before(
    world: &World<'_>,
    table: &QualifiedName,
    unlogged: bool,
) -> Vec<ObjectId> {
    let tables = &world.pair.target.tables;
    if unlogged {
        let own = tables.get(table).into_iter().flat_map(Table::foreign_keys);
        let others = own.map(|(_, key)| &key.references).filter(|other| *other != table);
        return others.map(options_of).collect();
    }
    let refers = |other: &&Table| {
        other.name != *table && other.foreign_keys().any(|(_, key)| key.references == *table)
    };
    tables.values().filter(refers).map(|other| options_of(&other.name)).collect()
}
