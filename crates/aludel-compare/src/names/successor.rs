//! Successors: objects of the target that have the name of an object of another kind, which goes.
//!
//! A statement that names the one before the change names the other one afterwards, so that what
//! rests on it has to be made again, although its own text stays the same.

use std::collections::BTreeMap;

use aludel_schema::{EnumType, Kind, Metadata, Namespace, ObjectId};

use crate::pair::Pair;

/// The objects that go, with their successors.
#[derive(Debug, Default)]
pub(crate) struct Successors(BTreeMap<ObjectId, ObjectId>);

/// A space of names in which objects of different kinds exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Schema(Namespace),
    /// The names of functions, procedures and aggregates, with the types of their arguments.
    Routines,
}

impl Successors {
    pub(crate) fn of(pair: Pair<&Metadata>) -> Self {
        let mut new = BTreeMap::new();
        for id in without_counterpart(pair.target, pair.database) {
            new.extend(spaces(id.kind).into_iter().map(|space| (key(space, &id), id.clone())));
        }
        if new.is_empty() {
            return Self::default();
        }
        let gone = without_counterpart(pair.database, pair.target).filter_map(|id| {
            let found = spaces(id.kind).into_iter().find_map(|space| new.get(&key(space, &id)));
            found.cloned().map(|found| (id, found))
        });
        Self(gone.collect())
    }

    /// Iterates over the objects that go, with their successors.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ObjectId, &ObjectId)> {
        self.0.iter()
    }

    /// Returns the successor of an object. That of a column is the successor of its table.
    pub(crate) fn get(&self, id: &ObjectId) -> Option<&ObjectId> {
        if self.0.is_empty() {
            return None;
        }
        match (&id.table, id.kind) {
            (Some(table), Kind::Column) => self.0.get(&ObjectId::table(table)),
            _ => self.0.get(id),
        }
    }
}

/// The identity of an object apart from its kind.
fn key(space: Space, id: &ObjectId) -> (Space, ObjectId) {
    (space, ObjectId { kind: Kind::Type, ..id.clone() })
}

fn spaces(kind: Kind) -> Vec<Space> {
    match kind {
        Kind::Function | Kind::Procedure | Kind::Aggregate => vec![Space::Routines],
        _ => kind.namespaces().iter().copied().map(Space::Schema).collect(),
    }
}

/// Returns the objects of one side that are no parts of others and that the other side does not have.
fn without_counterpart<'m>(
    own: &'m Metadata,
    other: &'m Metadata,
) -> impl Iterator<Item = ObjectId> + 'm {
    let tables = own.tables.keys().filter(|name| !other.tables.contains_key(*name));
    let enums = own.enums.values().filter(|own| !other.enums.contains_key(&own.name));
    let definitions = own.definitions.keys().filter(|id| !other.definitions.contains_key(*id));
    let whole = definitions.filter(|id| id.table.is_none()).cloned();
    tables.map(ObjectId::table).chain(enums.map(EnumType::id)).chain(whole)
}
