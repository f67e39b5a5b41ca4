//! Unique indexes that partitions have of their own, as keys of foreign keys.

use aludel_dialect::{Dialect, unique_columns};
use aludel_schema::{Definition, Metadata, QualifiedName};

/// Iterates over the unique indexes of a partition on one side that have these columns, which are sorted by name.
pub(crate) fn with_key<'m>(
    dialect: Dialect,
    side: &'m Metadata,
    partition: &QualifiedName,
    columns: &[String],
) -> impl Iterator<Item = &'m Definition> {
    let indexes = side.definitions.values();
    let indexes = indexes.filter(move |own| own.id.table.as_ref() == Some(partition));
    indexes.filter(move |own| unique_columns(own, dialect).as_deref() == Some(columns))
}
