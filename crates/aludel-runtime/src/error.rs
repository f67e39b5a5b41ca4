//! The reasons why a run stops.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use aludel_dialect::Dialect;
use aludel_driver::DriverError;
use aludel_revision::{Direction, FileProblem, ResolveError};

use crate::cause::Cause;
use crate::session::Session;

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
    Irreversible { revision: String, reason: String, path: PathBuf, line: usize },
    #[error("revision {revision} has no {direction} for {dialect} yet: {reason}")]
    Gap {
        revision: String,
        direction: Direction,
        dialect: Dialect,
        reason: String,
        path: PathBuf,
        line: usize,
    },
    #[error(
        "revision {revision} was begun by an earlier run, and {} changed since", first(*.done)
    )]
    DoneStatementsChanged { revision: String, done: usize },
    #[error(
        "revision {revision} repeats a statement until it touches no row, which sqlite3 can't do"
    )]
    NoBatchOffline { revision: String },
    #[error("{at}, which this program does not have: {}{}", has(.registered), question(.meant.as_deref()))]
    UnknownStep {
        at: Box<StepPlace>,
        /// The steps that the program has.
        registered: Vec<String>,
        /// The one of them that is spelled almost the same.
        meant: Option<String>,
    },
    #[error("{0}, which is Rust and can't stand in a script")]
    StepOffline(Box<StepPlace>),
    #[error("{} changed after being applied: {}", if .revisions.len() == 1 { "a revision was" } else { "revisions were" }, .revisions.join(", "))]
    Edited { revisions: Vec<String> },
    #[error("can't lock {}: {source}", path.display())]
    Lock { path: PathBuf, source: std::io::Error },
    #[error("interrupted{}", interrupted(.revision.as_deref(), *.stage, *.stays))]
    Interrupted { revision: Option<String>, stage: Stage, stays: usize },
    #[error("the connection was lost while revision {revision} was {}: {reason}", running(*.direction))]
    ConnectionLost {
        revision: String,
        direction: Direction,
        reason: String,
        fate: Fate,
        /// The number of statements that stay completed.
        stays: usize,
        /// True if COMMIT was sent.
        committing: bool,
    },
    #[error(
        "the outcome of statement {} of revision {revision} is unknown", .statement + 1
    )]
    OutcomeUnknown {
        revision: String,
        direction: Direction,
        path: PathBuf,
        line: usize,
        sql: String,
        statement: usize,
        /// False if the statement is known to have failed, perhaps after a part of its work.
        is_open: bool,
        /// False if the file has another statement in its place by now.
        is_same: bool,
    },
    #[error(
        "revision {revision} was begun to be {} by an earlier run, and is not completed",
        running(*.direction)
    )]
    BegunOtherWay { revision: String, direction: Direction },
    #[error("revision {revision} was begun by an earlier run, whose session had {what}")]
    SessionGone { revision: String, done: usize, what: String },
    #[error("index {index} of revision {revision} is there, but is not valid")]
    InvalidIndex { revision: String, index: String },
    #[error("the connection goes through a pooler that shares sessions between clients")]
    Pooled,
    #[error("another runner holds the lock of {table} for more than {} s", .waited.as_secs())]
    LockWait { table: String, waited: Duration, holder: Option<Session> },
    #[error("revision {revision} released the lock of the runner, and another runner has it now")]
    LockReleased { revision: String },
    #[error(
        "revision {revision} has a COPY with data at line {line}, which this connection can't run; run \
         the revision by a URL"
    )]
    NoCopy { revision: String, path: PathBuf, line: usize },
    #[error("revision {revision} can't be part of a single transaction: {reason}")]
    NotOneTransaction { revision: String, reason: String },
    #[error(
        "the batch of revision {revision} does not come to an end: {rounds} rounds affected {rows} rows, and {table} has {size}"
    )]
    EndlessBatch { revision: String, rounds: u64, rows: u64, table: String, size: u64 },
    #[error(
        "expected to match one row when moving the version table from {from:?} to {to:?}: \
         another program has changed it meanwhile"
    )]
    VersionMoved { from: Vec<String>, to: Vec<String> },
    #[error("revision {revision} failed to {direction} at its end: {source}")]
    AtTheEnd {
        revision: String,
        direction: Direction,
        source: Cause,
        /// True if the version table or the journal could not be written.
        is_bookkeeping: bool,
        /// The number of statements that stay completed.
        stays: usize,
    },
    #[error("the line of revision {revision} in {journal} was not written, and no error says why")]
    NotRecorded { revision: String, journal: String },
    #[error("expected to match one row: revision {revision} changes the version table itself")]
    VersionChanged { revision: String },
    #[error("revision {revision} leaves {count} broken: {example}")]
    Damage { revision: String, count: usize, example: String, stays: usize },
}

/// The point at which an interrupted run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing of the revision was executed.
    Before,
    /// The transaction of the revision was rolled back.
    RolledBack,
    /// A statement outside a transaction was cancelled. Earlier statements of the revision stay.
    Cancelled,
    /// A batch paused between two rounds. The rounds before stay.
    Paused,
}

/// The outcome of a transaction or a statement whose connection was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing of it is committed, now or later.
    RolledBack,
    /// It is committed.
    Committed,
    /// It may be committed, now or later.
    Unknown,
}

/// The place of a step in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPlace {
    /// The id of the revision.
    pub revision: String,
    /// The path of its file.
    pub path: PathBuf,
    /// The line of the file, counted from 1.
    pub line: usize,
    /// The name of the step.
    pub step: String,
}

impl fmt::Display for StepPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { revision, path, line, step } = self;
        write!(f, "{}:{line}: revision {revision} runs the step `{step}`", path.display())
    }
}

fn has(steps: &[String]) -> String {
    match steps {
        [] => "it registers none".to_owned(),
        steps => format!("it has {}", steps.join(", ")),
    }
}

fn question(meant: Option<&str>) -> String {
    meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn first(done: usize) -> String {
    match done {
        1 => "its first statement has".to_owned(),
        done => format!("its first {done} statements have"),
    }
}

fn running(direction: Direction) -> &'static str {
    match direction {
        Direction::Upgrade => "applied",
        Direction::Downgrade => "undone",
    }
}

fn interrupted(revision: Option<&str>, stage: Stage, stays: usize) -> String {
    let Some(revision) = revision else { return String::new() };
    match stage {
        Stage::Before => format!(" before revision {revision}"),
        Stage::RolledBack if stays > 0 => {
            format!(": the transaction of revision {revision} that ran was rolled back")
        }
        Stage::RolledBack => format!(": revision {revision} was rolled back"),
        Stage::Cancelled => format!(": a statement of revision {revision} was cancelled"),
        Stage::Paused => format!(": the batch of revision {revision} is paused"),
    }
}

/// Returns a number with its noun, whose plural ends with an `s`.
fn counted(number: u64, noun: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{end}")
}

/// The completed rounds of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounds {
    /// The number of rounds.
    pub count: u64,
    /// The number of rows that they affected.
    pub rows: u64,
}

impl Rounds {
    /// Reads the form that [`Display`](fmt::Display) writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rounds, rows) = text.split_once(", ")?;
        let number = |text: &str, noun: &str| {
            let (number, word) = text.split_once(' ')?;
            let is_noun = word.strip_suffix('s').unwrap_or(word) == noun;
            is_noun.then(|| number.parse().ok())?
        };
        Some(Self { count: number(rounds, "round")?, rows: number(rows, "row")? })
    }
}

impl fmt::Display for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", counted(self.count, "round"), counted(self.rows, "row"))
    }
}

/// The failure of a statement in a revision, or of a step in Rust in the place of one.
#[derive(Debug)]
pub struct StatementFailure {
    /// The id of the revision.
    pub revision: String,
    /// The direction of the run.
    pub direction: Direction,
    /// The path of the revision's file.
    pub path: PathBuf,
    /// The line of the file on which the statement begins, counted from 1.
    pub line: usize,
    /// The SQL of the statement. That of a step is the comment that names it.
    pub sql: String,
    /// The error of the database or of the step.
    pub source: Cause,
    /// The number of earlier statements that stay completed, because they ran outside of this
    /// transaction.
    pub stays: usize,
    /// True if the failed statement itself ran outside of a transaction.
    pub alone: bool,
    /// The completed rounds of a batch, which are committed; `None` for any other statement.
    pub rounds: Option<Rounds>,
    /// The known outcome of the failed transaction, or of the statement outside of one.
    pub fate: Fate,
    /// True if the transaction was that of the whole run.
    pub whole_run: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_rounds_is_read_back() {
        for (count, rows, text) in [(1, 1, "1 round, 1 row"), (2, 40, "2 rounds, 40 rows")] {
            let rounds = Rounds { count, rows };
            assert_eq!(rounds.to_string(), text);
            assert_eq!(Rounds::parse(text), Some(rounds));
        }
        // As earlier versions wrote it.
        assert_eq!(Rounds::parse("1 rounds, 1 rows"), Some(Rounds { count: 1, rows: 1 }));
        assert_eq!(Rounds::parse("2 rounds"), None);
        assert_eq!(Rounds::parse("2 rows, 3 rounds"), None);
    }
}
