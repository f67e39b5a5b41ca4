//! Names of their own that partitions have for the NOT NULL constraints of their tables.

use aludel_schema::{Clause, Definition, QualifiedName};

/// A partition with a name of its own for a NOT NULL constraint of its table.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) partition: Definition,
    /// The clause of the partition that states the name.
    pub(crate) clause: Clause,
    /// The table above all, which has the constraint first.
    pub(crate) table: QualifiedName,
    pub(crate) column: String,
}
