//! Statements that do not go together with the transaction of the runner.

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::postgres::alone as postgres;
use crate::split::SqlStatement;
use crate::sqlite::alone as sqlite;

impl Dialect {
    /// Returns true if the database does not run the statement inside a transaction.
    pub fn must_run_alone(self, statement: &SqlStatement) -> bool {
        match self {
            Self::Postgres => postgres::must_run_alone(&statement.sql),
            Self::Sqlite => sqlite::must_run_alone(&statement.sql),
        }
    }

    /// Returns the transaction command, such as `COMMIT`, if the statement would end the runner's
    /// transaction or begin one of its own.
    pub fn transaction_control(self, sql: &str) -> Option<String> {
        let words: Vec<String> = significant(sql, self)
            .iter()
            .take(3)
            .map(|token| token.text.to_ascii_uppercase())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO"] => None,
            ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] => Some(words[0].to_owned()),
            ["START" | "PREPARE", "TRANSACTION", ..] => Some(format!("{} TRANSACTION", words[0])),
            _ => None,
        }
    }
}
