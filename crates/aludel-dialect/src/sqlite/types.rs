//! Type names on SQLite, where any words are a type and only the affinity matters.

use crate::{Dialect, TokenKind, significant};

/// Upper case, single spaces, no space before or inside parentheses.
pub(crate) fn canonical(written: &str) -> String {
    let mut out = String::new();
    for token in significant(written, Dialect::Sqlite) {
        let symbol = token.kind == TokenKind::Symbol;
        if !out.is_empty() && !symbol && !out.ends_with(['(', ',']) {
            out.push(' ');
        }
        out.push_str(&token.text.to_ascii_uppercase());
    }
    out
}

/// SQLite's type for one of PostgreSQL; `None` where SQLite has nothing like it.
pub(crate) fn portable(sql_type: &str) -> Option<&'static str> {
    let canonical = Dialect::Postgres.sql_type(sql_type).spelling().to_owned();
    if canonical.ends_with("[]") {
        return None;
    }
    let base = canonical.split('(').next().unwrap_or_default();
    let base = if canonical.starts_with("time") { &canonical } else { base };
    Some(match base {
        "boolean" => "BOOLEAN",
        "smallint" | "integer" | "bigint" | "int" => "INTEGER",
        "real" | "double precision" => "REAL",
        "numeric" => "NUMERIC",
        "text" | "character varying" | "character" | "citext" | "json" | "jsonb" | "date"
        | "inet" | "cidr" | "macaddr" | "xml" | "ltree" | "interval" => "TEXT",
        "bytea" | "uuid" | "blob" => "BLOB",
        _ if base.starts_with("timestamp") || base.starts_with("time") => "TEXT",
        _ => return None,
    })
}

/// SQLite's defaults for expressions that every PostgreSQL model has.
pub(crate) fn portable_default(expression: &str) -> String {
    match expression.trim().to_ascii_lowercase().as_str() {
        "now()" => "CURRENT_TIMESTAMP".to_owned(),
        _ => expression.to_owned(),
    }
}

/// The type by which a model says one of SQLite.
pub(crate) fn notation(sql_type: &str) -> Option<&'static str> {
    Some(match sql_type {
        "INTEGER" => "bigint",
        "TEXT" => "text",
        "BLOB" => "bytea",
        "REAL" => "double precision",
        "BOOLEAN" => "boolean",
        "NUMERIC" => "numeric",
        _ => return None,
    })
}
