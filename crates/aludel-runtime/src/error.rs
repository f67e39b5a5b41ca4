//! The reasons why a run stops.

use std::fmt;

use aludel_driver::DriverError;
use aludel_revision::{Direction, FileProblem, ResolveError};

/// The reason why a run stopped.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum RunError {
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    File(#[from] FileProblem),
    #[error(transparent)]
    Statement(Box<StatementFailure>),
    #[error("Can't locate revision identified by '{}'", .unknown.join("', '"))]
    UnknownInDatabase { unknown: Vec<String>, table: String },
    #[error("revision {revision} can't be downgraded: {reason}")]
    Irreversible { revision: String, reason: String },
    #[error(
        "revision {revision} was begun by an earlier run, and its first {done} statements have changed since"
    )]
    DoneStatementsChanged { revision: String, done: usize },
    #[error(
        "revision {revision} repeats a statement until it touches no row, which sqlite3 can't do"
    )]
    NoBatchOffline { revision: String },
    #[error("{} changed after being applied: {}", if .revisions.len() == 1 { "a revision was" } else { "revisions were" }, .revisions.join(", "))]
    Edited { revisions: Vec<String> },
    #[error("can't lock {}: {source}", path.display())]
    Lock { path: std::path::PathBuf, source: std::io::Error },
    #[error("interrupted before revision {next}")]
    Interrupted { next: String },
    #[error(
        "expected to match one row when moving the version table from {from:?} to {to:?}: \
         another program has changed it meanwhile"
    )]
    VersionMoved { from: Vec<String>, to: Vec<String> },
    #[error("revision {revision} failed to {direction} at its end: {source}")]
    AtTheEnd { revision: String, direction: Direction, source: DriverError },
    #[error("expected to match one row: revision {revision} changes the version table itself")]
    VersionChanged { revision: String },
    #[error("revision {revision} leaves {count} broken: {example}")]
    Damage { revision: String, count: usize, example: String },
}

/// The failure of a statement in a revision.
#[derive(Debug)]
pub struct StatementFailure {
    /// The id of the revision.
    pub revision: String,
    /// The direction of the run.
    pub direction: Direction,
    /// The path of the revision's file.
    pub path: std::path::PathBuf,
    /// The line of the file on which the statement begins, counted from 1.
    pub line: usize,
    /// The SQL of the statement.
    pub sql: String,
    /// The error of the database.
    pub source: DriverError,
    /// The number of earlier statements that stay completed, because they ran outside of this
    /// transaction.
    pub stays: usize,
    /// True if the failed statement itself ran outside of a transaction.
    pub alone: bool,
}

impl fmt::Display for StatementFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {} failed to {}: {}", self.revision, self.direction, self.source)
    }
}

impl std::error::Error for StatementFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
