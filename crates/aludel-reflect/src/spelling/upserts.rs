//! Keys of tables, which texts name by `ON CONFLICT ON CONSTRAINT`, and foreign keys by their columns.

use aludel_dialect::Dialect;
use aludel_schema::{Constraint, ConstraintKind, Deferrable, Definition, Index, Table};

use super::names::Names;

/// Returns the statements of object files that may name keys of tables.
pub(super) fn upserts<'m>(
    definitions: impl Iterator<Item = &'m Definition>,
) -> impl Iterator<Item = &'m str> {
    let sources = definitions.filter_map(|own| own.source.as_deref());
    sources.filter(|source| source.to_ascii_uppercase().contains("ON CONSTRAINT"))
}

/// Returns true if a table gets a key that statements may name.
pub(super) fn has_new_key(before: &Table, table: &Table, upserts: &[&str]) -> bool {
    let is_new = |own: &&Constraint| !before.constraints.iter().any(|old| old.name == own.name);
    let keys = table.constraints.iter().filter(|own| own.has_index()).filter(is_new);
    let mut names = keys.filter_map(|own| own.name.as_deref());
    names.any(|name| upserts.iter().any(|statement| statement.contains(name)))
}

/// Returns the part of a CREATE TABLE for a key; `None` for any other constraint, and for an exclusion that no
/// statement names. The temporary schema holds tables of several schemas, whose keys may have one name.
pub(super) fn key_line(
    constraint: &Constraint,
    upserts: &[&str],
    names: &Names,
    dialect: Dialect,
) -> Option<String> {
    let columns = || dialect.quote_list(constraint.columns());
    let name = constraint.name.as_ref().filter(|_| !names.are_temporary());
    let is_named =
        || name.is_some_and(|name| upserts.iter().any(|own| own.contains(name.as_str())));
    let demand = match &constraint.kind {
        ConstraintKind::PrimaryKey { .. } => format!("PRIMARY KEY ({})", columns()),
        ConstraintKind::Unique { .. } => format!("UNIQUE ({})", columns()),
        ConstraintKind::Exclusion { definition } if is_named() => {
            format!("EXCLUDE {}", names.there(&definition.written, dialect))
        }
        ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => return None,
    };
    let name = name.map(|name| format!("CONSTRAINT {} ", dialect.quote(name)));
    let deferrable = match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate | Deferrable::InitiallyDeferred => " DEFERRABLE",
    };
    Some(format!("{}{demand}{deferrable}", name.unwrap_or_default()))
}

/// Returns the part of a CREATE TABLE for a unique index that foreign keys may refer to; `None` for any other one.
pub(super) fn unique_line(index: &Index, dialect: Dialect) -> Option<String> {
    let has_own_class = index.keys.iter().any(|key| key.opclass.is_some());
    let columns = index.key_columns().filter(|_| !has_own_class)?;
    Some(format!("UNIQUE ({})", dialect.quote_list(&columns)))
}
