//! Statements that SQLite refuses or ignores inside a transaction.

use crate::dialect::Dialect;
use crate::lexer::significant;

/// Returns true if `sql` fails or has no effect in a transaction.
pub(crate) fn must_run_alone(sql: &str) -> bool {
    let words: Vec<String> = significant(sql, Dialect::Sqlite)
        .iter()
        .take(4)
        .map(|token| token.text.to_ascii_lowercase())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["vacuum" | "attach" | "detach", ..] => true,
        ["pragma", name, ..] => matches!(*name, "journal_mode" | "auto_vacuum" | "page_size"),
        _ => false,
    }
}
