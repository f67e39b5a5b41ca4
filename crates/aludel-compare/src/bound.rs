//! The bound of a partition: the table that it is one of, and the part of the key that it holds.

use aludel_dialect::{Dialect, partitioned, rename_columns};
use aludel_schema::{Clause, Definition, Kind, ObjectId, QualifiedName, Table};

/// Applies a rename of a column to the partition key of its table.
pub(crate) fn rename(table: &mut Table, rename: &[aludel_dialect::Rename<'_>], dialect: Dialect) {
    if let Some(key) = &mut table.options.partition_by {
        let (strategy, columns) = parts(key);
        *key = format!("{strategy}{}", rename_columns(columns, rename, dialect));
    }
}

/// Returns the table that a partition is one of; `None` for a definition of any other kind.
pub(crate) fn parent(definition: &Definition, dialect: Dialect) -> Option<&QualifiedName> {
    if definition.id.kind != Kind::Partition {
        return None;
    }
    let name = partitioned(definition.body.spelling(), dialect)?;
    let mut on = definition.depends_on.iter();
    let is_it = |on: &&ObjectId| {
        matches!(on.kind, Kind::Table | Kind::Partition)
            && on.name.name == name.name
            && (on.name == name || name.schema.is_none())
    };
    on.find(is_it).map(|on| &on.name)
}

/// Returns the bound of a partition; `None` while it belongs to no table.
pub(crate) fn bound(definition: &Definition) -> Option<&Clause> {
    let mut clauses = definition.clauses.iter();
    clauses.find(|clause| definition.id.kind == Kind::Partition && clause.word == "bound")
}

/// Returns a partition apart from its table.
pub(crate) fn detached(definition: &Definition) -> Definition {
    let mut detached = definition.clone();
    detached.clauses.retain(|clause| clause.word != "bound");
    detached
}

/// Splits a partition key into its strategy and what stands in parentheses behind it.
pub(crate) fn parts(key: &str) -> (&str, &str) {
    key.split_at(key.find('(').unwrap_or(key.len()))
}
