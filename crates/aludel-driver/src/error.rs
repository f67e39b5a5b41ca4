use std::fmt;

use crate::RowError;

/// What can go wrong between us and a database.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database refused a statement.
    #[error(transparent)]
    Statement(#[from] Box<StatementError>),
    /// An answer does not fit its reader.
    #[error("the database gave an unexpected answer: {0}")]
    Row(#[from] RowError),
    /// The connection went away.
    #[error("the connection was lost: {0}")]
    Lost(String),
}

impl DriverError {
    /// The refused statement's error, if that is what happened.
    pub fn statement(&self) -> Option<&StatementError> {
        match self {
            Self::Statement(error) => Some(error),
            Self::Connect(_) | Self::Row(_) | Self::Lost(_) => None,
        }
    }

    /// Whether a statement was cancelled, by us or by the server.
    pub fn is_cancelled(&self) -> bool {
        self.statement()
            .is_some_and(|error| error.code == "57014" || error.code == "SQLITE_INTERRUPT")
    }
}

/// Why there is no connection. `target` never holds a password.
#[derive(Debug, thiserror::Error)]
#[error("can't connect to {target}: {reason}")]
pub struct ConnectError {
    /// The database, without its password.
    pub target: String,
    /// What the system or the server said.
    pub reason: String,
    /// The server's error code, if it got that far.
    pub code: Option<String>,
}

/// What the database said of a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementError {
    /// The message.
    pub message: String,
    /// Further facts.
    pub detail: Option<String>,
    /// The server's advice.
    pub hint: Option<String>,
    /// SQLSTATE, or the name of SQLite's result code.
    pub code: String,
    /// Where in the statement, in characters from 1.
    pub position: Option<usize>,
    /// Where in a function's body.
    pub context: Option<String>,
    /// The table whose constraint was violated.
    pub table: Option<String>,
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StatementError {}
