//! Effects of SQLite's statements that run outside a transaction.

use crate::dialect::Dialect;
use crate::effect::{Effect, Reader};

/// Returns the effect of a statement. Each of those that SQLite refuses in a transaction sets a
/// state, and may be repeated.
pub(crate) fn effect(sql: &str) -> Effect {
    let mut reader = Reader::new(sql, Dialect::Sqlite);
    let repeatable = ["VACUUM", "PRAGMA", "ATTACH", "DETACH", "ANALYZE", "REINDEX"];
    if repeatable.iter().any(|word| reader.take(&[word])) {
        Effect::Repeatable
    } else {
        Effect::Unseen
    }
}
