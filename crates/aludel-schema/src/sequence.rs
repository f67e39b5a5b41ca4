use crate::{Kind, ObjectId, QualifiedName};

/// A sequence that is an object of its own, such as the one behind a `serial` column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: QualifiedName,
    /// Its options.
    pub options: SequenceOptions,
    /// The table and column with which it is dropped (`OWNED BY`).
    pub owned_by: Option<OwnerColumn>,
}

/// The column that a sequence belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerColumn {
    /// Its table.
    pub table: QualifiedName,
    /// Its name.
    pub column: String,
}

impl OwnerColumn {
    /// The column's identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::column(&self.table, self.column.as_str())
    }
}

impl Sequence {
    /// Its identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Sequence, self.name.clone())
    }
}

/// Options of a sequence; `None` is PostgreSQL's default for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SequenceOptions {
    /// `smallint`, `integer`, or `None` for `bigint` (an identity column: the column's own type).
    pub data_type: Option<String>,
    /// First value.
    pub start: Option<i64>,
    /// Step.
    pub increment: Option<i64>,
    /// Lowest value.
    pub min: Option<i64>,
    /// Highest value.
    pub max: Option<i64>,
    /// Values handed out per session at once.
    pub cache: Option<i64>,
    /// Start again after the last value.
    pub cycle: bool,
}
