use std::fmt;

use crate::row::RowError;

/// An error in the communication with a database.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The URL of the database can't be read.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The connection could not be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database refused a statement.
    #[error(transparent)]
    Statement(#[from] Box<StatementError>),
    /// An answer does not have the columns or values that its reader expects.
    #[error("the database gave an unexpected answer: {0}")]
    Row(#[from] RowError),
    /// The connection was lost.
    #[error("the connection was lost: {0}")]
    Lost(String),
}

impl DriverError {
    /// Returns the error of the refused statement, if that is the cause.
    pub fn statement(&self) -> Option<&StatementError> {
        match self {
            Self::Statement(error) => Some(error),
            Self::Url(_) | Self::Connect(_) | Self::Row(_) | Self::Lost(_) => None,
        }
    }

    /// Returns the error with the statement that was refused.
    pub(crate) fn of(mut self, sql: &str) -> Self {
        if let Self::Statement(error) = &mut self {
            error.sql.get_or_insert_with(|| sql.to_owned());
        }
        self
    }

    /// Returns true if a statement was cancelled, by this program or by the server.
    pub fn is_cancelled(&self) -> bool {
        self.statement()
            .is_some_and(|error| error.code == "57014" || error.code == "SQLITE_INTERRUPT")
    }
}

/// A URL that can't be parsed, or something around it that says where to connect. The error does not
/// repeat the URL, which may contain a password.
#[derive(Debug)]
pub struct UrlError {
    /// The variable, the service or the file that is wrong; `None` for the URL itself.
    pub origin: Option<String>,
    /// The fault of it.
    pub problem: String,
}

impl UrlError {
    pub(crate) fn in_url(problem: impl Into<String>) -> Self {
        Self { origin: None, problem: problem.into() }
    }

    pub(crate) fn of(origin: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { origin: Some(origin.into()), problem: problem.into() }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.as_deref().unwrap_or("the database URL");
        write!(f, "can't read {origin}: {}", self.problem)
    }
}

impl std::error::Error for UrlError {}

/// A connection that could not be opened. The error never contains a password.
#[derive(Debug, thiserror::Error)]
#[error("can't connect to {target}: {reason}")]
pub struct ConnectError {
    /// The URL of the database, without its password.
    pub target: String,
    /// The reason, in the words of the system or the server.
    pub reason: String,
    /// The server's error code (SQLSTATE), if the server answered.
    pub code: Option<String>,
    /// The cause that kept the connection from being opened.
    pub cause: ConnectCause,
}

/// The cause that kept a connection from being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectCause {
    /// Nothing accepts connections at the address.
    Unreachable,
    /// No address is known for the name of the host.
    NameNotFound,
    /// Something accepts connections at the address, and does not answer as a server does.
    NoAnswer,
    /// TLS failed, or a file that it needs. The reason then says what to do.
    Tls,
    /// The session is not bound to TLS, and `channel_binding=require` asks for that.
    NotBound,
    /// The server asks for a password, and there is none.
    NoPassword,
    /// The session is not one that `target_session_attrs` asks for.
    OtherSession,
    /// The server answered and refused. The code, if there is one, says why.
    Refused,
    /// The file is not a database that can be opened.
    File,
    /// Another connection has locked the file.
    Locked,
    /// The folder of the file is missing.
    NoFolder,
    /// The program, or a pool of the application, has no such connection.
    NotHere,
}

/// The error of a statement that the database refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementError {
    /// The message.
    pub message: String,
    /// Further details from the server.
    pub detail: Option<String>,
    /// The server's hint.
    pub hint: Option<String>,
    /// The SQLSTATE, or the name of SQLite's result code.
    pub code: String,
    /// The position in the statement, in characters, counted from 1.
    pub position: Option<usize>,
    /// The server's context, such as the place in the body of a function.
    pub context: Option<String>,
    /// The table whose constraint was violated.
    pub table: Option<String>,
    /// The statement, if it was sent by itself.
    pub sql: Option<String>,
}

impl fmt::Display for StatementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StatementError {}
