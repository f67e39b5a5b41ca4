//! Type names of SQLite, which accepts any words as a type and only evaluates their affinity.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::TokenKind;

/// Converts a type name to upper case, with single spaces and none before or inside parentheses.
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

/// The form that SQLite prefers for the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

/// Returns the affinity of a type's name (SQLite's page "Datatypes", section 3.1).
pub(super) fn affinity(sql_type: &str) -> Affinity {
    let name = sql_type.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["INT"]) {
        Affinity::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Affinity::Text
    } else if name.is_empty() || has(&["BLOB"]) {
        Affinity::Blob
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Returns SQLite's type for a type of PostgreSQL in canonical spelling; `None` if there is no
/// counterpart.
pub(crate) fn portable(canonical: &str) -> Option<&'static str> {
    if canonical.ends_with("[]") {
        return None;
    }
    let base = canonical.split('(').next().unwrap_or_default();
    let base = if canonical.starts_with("time") { canonical } else { base };
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

/// Translates the defaults that models share, such as `now()`, to SQLite.
pub(crate) fn portable_default(expression: &str) -> String {
    match expression.trim().to_ascii_lowercase().as_str() {
        "now()" => "CURRENT_TIMESTAMP".to_owned(),
        _ => expression.to_owned(),
    }
}

/// Returns the type with which models express a type of SQLite.
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
