//! Sequences, and the options that they share with identity columns.

use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};

/// A sequence that is an object of its own, such as the one behind a `serial` column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The name of the sequence.
    pub name: QualifiedName,
    /// The options of the sequence.
    pub options: SequenceOptions,
    /// The column together with which the sequence is dropped (`OWNED BY`).
    pub owned_by: Option<OwnerColumn>,
}

/// The column that owns a sequence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerColumn {
    /// The table of the column.
    pub table: QualifiedName,
    /// The name of the column.
    pub column: String,
}

impl OwnerColumn {
    /// Returns the column's identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::column(&self.table, self.column.as_str())
    }
}

impl Sequence {
    /// Returns the sequence's identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Sequence, self.name.clone())
    }
}

/// The options of a sequence. `None` stands for PostgreSQL's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SequenceOptions {
    /// The type: `smallint`, `integer`, or `None` for `bigint`. For an identity column, `None`
    /// stands for the type of the column.
    pub data_type: Option<String>,
    /// The first value.
    pub start: Option<i64>,
    /// The difference between successive values.
    pub increment: Option<i64>,
    /// The lowest value.
    pub min: Option<i64>,
    /// The highest value.
    pub max: Option<i64>,
    /// The number of values that a session reserves at once.
    pub cache: Option<i64>,
    /// True if the sequence wraps around after the last value.
    pub cycle: bool,
    /// True if the counter is not logged, so that a crash of the server resets it. `None` stands for
    /// what the table of the owner does; without an owner, the counter is logged.
    pub unlogged: Option<bool>,
}
