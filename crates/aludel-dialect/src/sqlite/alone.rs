//! Statements that SQLite refuses or ignores inside a transaction.

use crate::dialect::Dialect;
use crate::lexer::leading_words;

/// Returns true if `sql` fails or has no effect in a transaction.
pub(crate) fn must_run_alone(sql: &str) -> bool {
    let words = leading_words(sql, Dialect::Sqlite, 4);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["VACUUM" | "ATTACH" | "DETACH", ..] => true,
        ["PRAGMA", name, ..] => matches!(*name, "JOURNAL_MODE" | "AUTO_VACUUM" | "PAGE_SIZE"),
        _ => false,
    }
}
