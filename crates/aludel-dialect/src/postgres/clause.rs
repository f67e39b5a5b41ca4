//! Clauses that several kinds share.

use std::fmt::Write as _;

use aludel_schema::{Parameters, QualifiedName};

use crate::dialect::Dialect::Postgres as PG;
use crate::quote::quoted;

/// Renders one ALTER TABLE with all clauses.
pub(super) fn alter_table(table: &QualifiedName, clauses: &[String]) -> String {
    let name = PG.quote_name(table);
    match clauses {
        [one] => format!("ALTER TABLE {name} {one}"),
        many => format!("ALTER TABLE {name}\n    {}", many.join(",\n    ")),
    }
}

/// Renders storage parameters. A value that is not a plain word or number is quoted.
pub(super) fn parameters(parameters: &Parameters) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| {
            let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            let value = if plain { value.to_owned() } else { PG.literal(value) };
            format!("{name} = {value}")
        })
        .collect();
    pairs.join(", ")
}

/// Returns the clauses that turn one set of storage parameters into another: RESET, then SET.
pub(super) fn parameter_changes(from: &Parameters, to: &Parameters) -> Vec<String> {
    let mut clauses = Vec::new();
    let gone: Vec<&str> = from.iter().map(|(name, _)| name).filter(|name| !to.has(name)).collect();
    if !gone.is_empty() {
        clauses.push(format!("RESET ({})", gone.join(", ")));
    }
    if to != from && !to.is_empty() {
        clauses.push(format!("SET ({})", parameters(to)));
    }
    clauses
}

/// Adds `INCLUDE (…)` with the further columns that an index stores.
pub(super) fn push_include(sql: &mut String, include: &[String]) {
    if !include.is_empty() {
        let _ = write!(sql, " INCLUDE ({})", PG.quote_list(include));
    }
}

/// Quotes the name of a collation, `schema.name`, `"Schema"."name"` or `name`, because most names have
/// capitals or hyphens. A dot may be a part of a name, as in `en_US.utf8`, so that the parts stand
/// in quotes if the schema has capitals.
pub(crate) fn collation_name(name: &str) -> String {
    match name.split_once('.') {
        _ if name.starts_with('"') => PG.quote_name(&QualifiedName::parse(name)),
        Some((schema, name)) if PG.quote(schema) == schema => {
            format!("{schema}.{}", quoted(name))
        }
        _ => quoted(name),
    }
}

/// Returns the name of a collation as [`collation_name`] reads it.
pub(crate) fn written_collation(name: &QualifiedName) -> String {
    match &name.schema {
        Some(schema) if PG.quote(schema) != *schema => PG.quote_name(name),
        Some(_) | None => name.to_string(),
    }
}

/// Renders `COLLATE …` for a column or an index key; nothing without a collation.
pub(super) fn collate(collation: Option<&String>) -> String {
    collation.map(|name| format!(" COLLATE {}", collation_name(name))).unwrap_or_default()
}
