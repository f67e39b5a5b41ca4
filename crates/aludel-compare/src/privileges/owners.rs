//! Owners that come along: a sequence of a column has the owner of the table.
//!
//! The server changes both at once, and refuses to link a sequence to a table of another owner.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Column, Kind, Metadata, ObjectId, OwnerColumn, QualifiedName, Sequence};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::pair::Pair;

/// Returns the table, or the definition that has columns, with the column that a sequence belongs to.
pub(crate) fn table_of(metadata: &Metadata, id: &ObjectId) -> Option<ObjectId> {
    if id.kind != Kind::Sequence {
        return None;
    }
    owner(metadata, &id.name)
        .or_else(|| metadata.identity_of(&id.name)?.table.map(|table| ObjectId::table(&table)))
}

/// Returns what [`table_of`] does for all sequences of columns. To ask for one after the other would take
/// a time that grows with the square of the tables.
pub(crate) fn tables(metadata: &Metadata) -> BTreeMap<ObjectId, ObjectId> {
    let id = |name| ObjectId::new(Kind::Sequence, name);
    let own = metadata.sequences.keys();
    let own = own.filter_map(|name| Some((id(name.clone()), owner(metadata, name)?)));
    let counters = metadata.tables.values().flat_map(|table| {
        table.counters().map(move |name| (id(name), ObjectId::table(&table.name)))
    });
    counters.chain(own).collect()
}

/// Returns the table, or the definition that has columns, that a sequence of its own is said to belong to.
fn owner(metadata: &Metadata, sequence: &QualifiedName) -> Option<ObjectId> {
    let own = metadata.sequences.get(sequence)?.owned_by.as_ref()?;
    relation(metadata, &own.table)
}

fn relation(metadata: &Metadata, name: &QualifiedName) -> Option<ObjectId> {
    if metadata.tables.contains_key(name) {
        return Some(ObjectId::table(name));
    }
    let kinds = [Kind::Partition, Kind::ForeignTable, Kind::View];
    let mut ids = kinds.into_iter().map(|kind| ObjectId::new(kind, name.clone()));
    ids.find(|id| metadata.definitions.contains_key(id))
}

/// Returns the objects that operations make.
pub(crate) fn made<'o>(operations: impl IntoIterator<Item = &'o Operation>) -> BTreeSet<ObjectId> {
    let ids = operations.into_iter().flat_map(|operation| match operation {
        Operation::Create(object) => {
            let own = [object.id()].into_iter();
            own.chain(made_along(object)).collect()
        }
        Operation::Restore(restored) => sequence_of(&restored.table, &restored.column),
        Operation::Alter(Alter::ReplaceType(replacement)) => vec![replacement.to.id()],
        Operation::Alter(Alter::Column(change)) if change.from.identity.is_none() => {
            sequence_of(&change.table, &change.to)
        }
        Operation::Alter(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Comment { .. } => Vec::new(),
    });
    ids.collect()
}

/// Returns the sequences of the identity columns of an object, which are made with it.
fn made_along(object: &Object) -> Vec<ObjectId> {
    let id = object.id();
    let sequences = |table| object.columns().iter().flat_map(move |own| sequence_of(table, own));
    id.table_name().into_iter().flat_map(sequences).collect()
}

fn sequence_of(table: &QualifiedName, column: &Column) -> Vec<ObjectId> {
    let name = column.identity_sequence(table).into_iter();
    name.map(|name| ObjectId::new(Kind::Sequence, name)).collect()
}

/// Returns true if an object gets its new owner without a statement of its own. `made` are the objects
/// that the plan makes.
pub(crate) fn come_along(world: &World<'_>, id: &ObjectId, made: &BTreeSet<ObjectId>) -> bool {
    let Some(table) = table_of(world.pair.target, id) else { return false };
    let is_new = made.contains(id) || !world.pair.database.contains(id);
    if is_new {
        // The sequence of an identity is made with its owner, any other one by the connection's role.
        return made.contains(&table) || world.pair.target.identity_of(&id.name).is_some();
    }
    table_of(world.pair.database, id).is_some_and(|before| before.name == table.name)
}

/// Returns true if a sequence leaves its table before it gets the owner of another one.
pub(crate) fn goes_alone(sequence: &Sequence, pair: Pair<&Metadata>) -> bool {
    let id = sequence.id();
    let owner = |side: &Metadata| side.belongings_of(&id).and_then(|own| own.owner.clone());
    owner(pair.database) != owner(pair.target)
}

/// Adds the edges that owners need: a table gets its owner before its sequences get their privileges,
/// and before a sequence is linked to it that has that owner. A sequence that comes along is linked
/// before, and one that leaves a table does so before. A new owner may have to be granted the schema
/// first.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let new_owners = operations.iter().enumerate().filter_map(|(at, operation)| match operation {
        Operation::Alter(Alter::Access { on, from, to }) if from.owner != to.owner => {
            Some((at, on))
        }
        _ => None,
    });
    let new_owners: Vec<(usize, &ObjectId)> = new_owners.collect();
    let granted = operations.iter().enumerate().filter_map(|(at, operation)| match operation {
        Operation::Alter(Alter::Access { on, .. }) if on.kind == Kind::Schema => Some((at, on)),
        _ => None,
    });
    let granted: Vec<(usize, &ObjectId)> = granted.collect();
    let made = made(operations);
    for (at, operation) in operations.iter().enumerate() {
        if gives_an_owner(operation) {
            let schemas = granted.iter().filter(|(_, schema)| is_in(world, operation, schema));
            schemas.for_each(|(schema, _)| graph.edge(*schema, at));
        }
        let owner_of = |id: &ObjectId| {
            let same = new_owners.iter().filter(|(_, on)| *on == id);
            same.map(|(maker, _)| *maker).find(|maker| *maker != at)
        };
        match operation {
            Operation::Alter(Alter::Access { on, .. }) => {
                let table = table_of(world.pair.target, on);
                let maker = table.and_then(|table| owner_of(&table));
                maker.into_iter().for_each(|maker| graph.edge(maker, at));
            }
            Operation::Alter(Alter::SequenceOwner { sequence, from, .. }) => {
                let (from, to) = (from.as_ref(), sequence.owned_by.as_ref());
                if from.map(table) == to.map(table) {
                    continue;
                }
                let find = |side: &Metadata, own: &OwnerColumn| {
                    relation(side, &own.table).and_then(|table| owner_of(&table))
                };
                let sides = world.pair;
                let before = from.and_then(|own| find(sides.database, own));
                before.into_iter().for_each(|later| graph.edge(at, later));
                let after = to.and_then(|own| find(sides.target, own));
                match come_along(world, &sequence.id(), &made) {
                    true => after.into_iter().for_each(|later| graph.edge(at, later)),
                    false => after.into_iter().for_each(|maker| graph.edge(maker, at)),
                }
                match (owner_of(&sequence.id()), to) {
                    (Some(own), Some(_)) => graph.edge(own, at),
                    (Some(own), None) => graph.edge(at, own),
                    (None, _) => {}
                }
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

/// Adds soft edges from privileges to the materialized views that are filled by way of them: a view reads what it
/// reads with the privileges of its owner (PostgreSQL, "CREATE VIEW").
pub(crate) fn edges_of_rows(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let filled = operations.iter().enumerate().filter_map(|(at, operation)| match operation {
        Operation::Create(Object::Definition(own)) => {
            (own.id.kind == Kind::MaterializedView).then(|| (at, read(world, &own.id)))
        }
        _ => None,
    });
    for (at, read) in filled {
        for (other, operation) in operations.iter().enumerate() {
            if let Operation::Alter(Alter::Access { on, .. }) = operation
                && read.iter().any(|id| *id == on || id.table.as_ref() == Some(&on.name))
            {
                graph.soft_edge(other, at);
            }
        }
    }
}

/// Returns what a definition of the target rests on, itself or by way of others.
fn read<'w>(world: &'w World<'_>, id: &'w ObjectId) -> BTreeSet<&'w ObjectId> {
    let (mut found, mut open) = (BTreeSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        let below = world.pair.target.definitions.get(id);
        let below = below.into_iter().flat_map(|own| &own.depends_on);
        open.extend(below.filter(|id| found.insert(*id)));
    }
    found
}

/// Returns true if an object gets an owner that the connection's role may not be.
fn gives_an_owner(operation: &Operation) -> bool {
    match operation {
        Operation::Alter(Alter::Access { on, from, to }) => {
            on.kind != Kind::Schema && from.owner != to.owner
        }
        Operation::Create(Object::Definition(new)) => new.belongings.owner.is_some(),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => false,
    }
}

/// Returns true if the object of an operation is in a schema.
fn is_in(world: &World<'_>, operation: &Operation, schema: &ObjectId) -> bool {
    let own = operation.object();
    let usual = world.pair.database.default_schema.as_ref();
    !own.kind.has_no_schema() && own.name.schema.as_ref().or(usual) == Some(&schema.name.name)
}

fn table(own: &OwnerColumn) -> &QualifiedName {
    &own.table
}
