//! The answers to several statements that are sent as one message.

use crate::error::DriverError;
use crate::row::Row;

/// The answer to a message of several statements.
#[derive(Clone, Debug, Default)]
pub struct ScriptAnswer {
    /// The number of rows that each statement affected.
    pub touched: Vec<u64>,
    /// The last row that any of the statements returned.
    pub last_row: Option<Row>,
}

impl ScriptAnswer {
    /// Returns the answer to a message that was a single statement.
    pub(crate) fn of_one(answer: Result<u64, DriverError>) -> Result<Self, ScriptFailure> {
        match answer {
            Ok(rows) => Ok(Self { touched: vec![rows], last_row: None }),
            Err(error) => Err(ScriptFailure { completed: 0, error }),
        }
    }
}

/// The failure of a message of several statements. The statements after the failed one were not
/// executed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct ScriptFailure {
    /// The number of statements that were completed before the failed one. It is 0 for a syntax
    /// error, which PostgreSQL finds before it executes the first statement.
    pub completed: usize,
    /// The error. Its position is counted from the start of the whole message.
    pub error: DriverError,
}
