//! A name of its own that a partition has for the NOT NULL constraint of its table.

use aludel_schema::{Clause, Definition, QualifiedName};

/// A partition with such a name, and the table above all with its column.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) partition: Definition,
    pub(crate) clause: Clause,
    pub(crate) table: QualifiedName,
    pub(crate) column: String,
}
