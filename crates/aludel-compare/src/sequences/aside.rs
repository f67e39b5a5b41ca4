//! Sequences whose names pass to other ones: that of an identity column to a sequence that is an object of
//! its own, the reverse, or that of one identity column to another. The server can't make one of the other,
//! so that the old one gets a third name first, and its counter passes on to the new one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_operations::Operation;
use aludel_schema::{Kind, Metadata, ObjectId, OwnerColumn, QualifiedName};

use crate::names::moving;
use crate::pair::Pair;
use crate::privileges::access;
use crate::renaming::applied::rename_sequence;
use crate::renaming::hints::third_name;
use crate::sequences::sequence::{goes_with_its_owner, own};

/// The sequences that make room for others of their names.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    /// The names that pass on, each with the one that the old sequence gets meanwhile.
    names: BTreeMap<QualifiedName, QualifiedName>,
    operations: Vec<Operation>,
}

impl Aside {
    /// Iterates over the names that pass on, each with the one that the old sequence gets meanwhile.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&QualifiedName, &QualifiedName)> {
        self.names.iter()
    }

    /// Returns true if no sequence makes room.
    pub(crate) fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns the operations by which the sequences make room.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.operations.clone()
    }
}

/// The object that has a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The sequence is an object of its own.
    Own,
    /// The sequence is the one behind an identity column.
    Identity {
        column: OwnerColumn,
        /// True if the name is not the usual one of the column.
        is_said: bool,
    },
}

/// Returns the sequences of one side.
pub(crate) fn holders(side: &Metadata) -> BTreeMap<QualifiedName, Holder> {
    let own = side.sequences.keys().map(|name| (name.clone(), Holder::Own));
    let of_tables = side.tables.values().flat_map(|table| {
        table.columns.iter().filter_map(|column| {
            let name = column.identity_sequence(&table.name)?;
            let is_said = column.identity.as_ref().is_some_and(|own| own.sequence.is_some());
            let column = OwnerColumn { table: table.name.clone(), column: column.name.clone() };
            Some((name, Holder::Identity { column, is_said }))
        })
    });
    of_tables.chain(own).collect()
}

/// Gives the sequences that make room their third names on the database side.
pub(crate) fn set<'m>(
    database: Cow<'m, Metadata>,
    target: &Metadata,
    dialect: Dialect,
) -> (Cow<'m, Metadata>, Aside) {
    let (mut database, mut aside) = (database, Aside::default());
    if !dialect.capabilities().sequences {
        return (database, aside);
    }
    for name in passing(Pair::new(&database, target), dialect) {
        let is_taken = |third: &str| {
            let third = name.sibling(third);
            [&*database, target].iter().any(|side| moving::is_taken(side, Kind::Sequence, &third))
        };
        let third = name.sibling(third_name(&name.name, is_taken));
        let database = database.to_mut();
        let from = ObjectId::new(Kind::Sequence, name.clone());
        access::rename(database, &from, &third);
        rename_sequence(database, &name, &third, dialect);
        aside.operations.push(Operation::Rename { from, to: third.name.clone() });
        aside.operations.extend(released(database, target, &third));
        aside.names.insert(name, third);
    }
    (database, aside)
}

/// Takes the owner away from a sequence that would go with it before its counter has passed on.
fn released(
    database: &mut Metadata,
    target: &Metadata,
    sequence: &QualifiedName,
) -> Option<Operation> {
    let sequence = database.sequences.get_mut(sequence)?;
    if !goes_with_its_owner(sequence, target) {
        return None;
    }
    let before = sequence.owned_by.take();
    Some(own(sequence, before, false))
}

/// Returns the names of the sequences that both sides have, but not as the same sequence.
fn passing(pair: Pair<&Metadata>, dialect: Dialect) -> Vec<QualifiedName> {
    let after = holders(pair.target);
    let both = holders(pair.database).into_iter().filter_map(|(name, before)| {
        let after = after.get(&name)?;
        Some((name, before, after))
    });
    let passes = both.filter(|(name, before, after)| match (before, after) {
        (Holder::Own, Holder::Own) => false,
        (Holder::Identity { .. }, Holder::Own) => true,
        (Holder::Own, Holder::Identity { column, .. }) => {
            !draws_from_another(pair.database, column, name, dialect)
        }
        (
            Holder::Identity { column: before, is_said },
            Holder::Identity { column: after, is_said: is_said_again },
        ) => before != after && (*is_said || *is_said_again),
    });
    passes.map(|(name, ..)| name).collect()
}

/// Returns true if a column has the numbers of another sequence, where it goes on.
fn draws_from_another(
    database: &Metadata,
    column: &OwnerColumn,
    sequence: &QualifiedName,
    dialect: Dialect,
) -> bool {
    let column = database.tables.get(&column.table).and_then(|own| own.column(&column.column));
    let default = column.and_then(|column| column.default.as_ref());
    let literal = dialect.literal(&dialect.quote_name(sequence));
    default.is_some_and(|text| text.written.contains("nextval") && !text.written.contains(&literal))
}
