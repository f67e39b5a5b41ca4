//! The bound of a partition: the table that it is one of, and the part of the key that it holds.

use aludel_dialect::{Dialect, partitioned, rename_columns};
use aludel_schema::{Clause, Definition, Kind, Metadata, ObjectId, QualifiedName, SqlText, Table};

use crate::pair::Pair;
use crate::texts::each_spelling;

/// The word for the state of a trigger that a partition has from its table.
pub(crate) const TRIGGER: &str = "trigger";

/// Applies a rename of a column to the partition key of its table.
pub(crate) fn rename(table: &mut Table, rename: &[aludel_dialect::Rename<'_>], dialect: Dialect) {
    if let Some(key) = &mut table.options.partition_by {
        in_key(key, |columns| rename_columns(columns, rename, dialect));
    }
}

/// Changes what stands in the parentheses of a partition key.
pub(crate) fn in_key(key: &mut SqlText, change: impl Fn(&str) -> String) {
    each_spelling(key, |text| {
        let (strategy, columns) = parts(text);
        *text = format!("{strategy}{}", change(columns));
    });
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

/// Returns the names of what is above a partition: the table that it is one of, and if that is a partition
/// itself, the table above that.
pub(crate) fn above<'m>(
    side: &'m Metadata,
    partition: &'m Definition,
    dialect: Dialect,
) -> Vec<&'m QualifiedName> {
    let next = |name: &&'m QualifiedName| parent(side.definitions.get(&part(name))?, dialect);
    std::iter::successors(parent(partition, dialect), next).collect()
}

/// Returns the table of a name, or the one above all if that is a partition.
pub(crate) fn table_above<'m>(
    side: &'m Metadata,
    name: &QualifiedName,
    dialect: Dialect,
) -> Option<&'m Table> {
    side.tables.get(name).or_else(|| {
        let above = above(side, side.definitions.get(&part(name))?, dialect);
        above.into_iter().find_map(|name| side.tables.get(name))
    })
}

/// Returns the bound of a partition; `None` while it belongs to no table.
pub(crate) fn bound(definition: &Definition) -> Option<&Clause> {
    let mut clauses = definition.clauses.iter();
    clauses.find(|clause| definition.id.kind == Kind::Partition && clause.word == "bound")
}

/// Returns a partition apart from its table, whose triggers it loses.
pub(crate) fn detached(definition: &Definition) -> Definition {
    let mut detached = definition.clone();
    detached.clauses.retain(|clause| !["bound", TRIGGER].contains(&clause.word.as_str()));
    detached
}

/// Returns the identity of a partition.
pub(crate) fn part(name: &QualifiedName) -> ObjectId {
    ObjectId::new(Kind::Partition, name.clone())
}

/// Returns true for the identity that a partition would have as a table.
pub(crate) fn is_part(side: &Metadata, table: &ObjectId) -> bool {
    table.kind == Kind::Table && side.definitions.contains_key(&part(&table.name))
}

/// Returns true for a partition that is a table on the same side.
pub(crate) fn is_table(side: &Metadata, definition: &Definition) -> bool {
    definition.id.kind == Kind::Partition && side.tables.contains_key(&definition.id.name)
}

/// Returns true for a partition that is a table on both sides, because it becomes one of another table.
pub(crate) fn changes_tables(sides: Pair<&Metadata>, id: &ObjectId) -> bool {
    let is_one = sides
        .map(|side| side.definitions.get(id).is_some_and(|definition| is_table(side, definition)));
    is_one.database && is_one.target
}

/// Returns a partition without all that is said of it.
pub(crate) fn bare(partition: &Definition) -> Definition {
    Definition { clauses: Vec::new(), ..partition.clone() }
}

/// Returns true if a partition leaves its table.
pub(crate) fn leaves(from: &Definition, to: &Definition) -> bool {
    bound(from).is_some() && bound(to).is_none()
}

/// Returns true if a partition comes to its table.
pub(crate) fn comes(from: &Definition, to: &Definition) -> bool {
    bound(from).is_none() && bound(to).is_some()
}

/// Splits a partition key into its strategy and what stands in parentheses behind it.
pub(crate) fn parts(key: &str) -> (&str, &str) {
    key.split_at(key.find('(').unwrap_or(key.len()))
}
