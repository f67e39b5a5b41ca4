//! Statements that PostgreSQL does not run inside a transaction block.

use crate::dialect::Dialect;
use crate::lexer::{leading_words, significant};

/// Returns true if `sql` can't run in a transaction block, according to its reference page.
pub(crate) fn must_run_alone(sql: &str) -> bool {
    let words = leading_words(sql, Dialect::Postgres, 12);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "INDEX", "CONCURRENTLY", ..]
        | ["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY", ..]
        | ["DROP", "INDEX", "CONCURRENTLY", ..]
        | ["VACUUM", ..]
        | ["CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..]
        | ["ALTER", "SYSTEM", ..] => true,
        ["REINDEX", rest @ ..] => {
            rest.iter().any(|w| matches!(*w, "CONCURRENTLY" | "DATABASE" | "SYSTEM"))
        }
        ["ALTER", "TABLE", rest @ ..] => {
            rest.contains(&"DETACH") && rest.contains(&"PARTITION") && sql_ends_concurrently(sql)
        }
        _ => false,
    }
}

fn sql_ends_concurrently(sql: &str) -> bool {
    significant(sql, Dialect::Postgres).last().is_some_and(|token| token.is_word("CONCURRENTLY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concurrently_runs_alone() {
        assert!(must_run_alone("create unique index concurrently i on t (a)"));
        assert!(must_run_alone("ALTER TABLE p DETACH PARTITION q CONCURRENTLY"));
        assert!(must_run_alone("VACUUM t"));
        assert!(!must_run_alone("CREATE INDEX concurrently_idx ON t (a)"));
        assert!(!must_run_alone("ALTER TYPE t ADD VALUE 'x'"));
    }
}
