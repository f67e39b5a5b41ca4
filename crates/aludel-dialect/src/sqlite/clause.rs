//! Clauses that several kinds share.

use crate::dialect::Dialect::Sqlite;

/// Renders `COLLATE …` for a column or an index key; nothing without a collation.
pub(super) fn collate(collation: Option<&String>) -> String {
    collation.map(|name| format!(" COLLATE {}", Sqlite.quote(name))).unwrap_or_default()
}
