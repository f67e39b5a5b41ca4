//! The runtime: upgrade, downgrade and stamp, with the transactions of a run and its records.
//!
//! Each transition of a run becomes a schedule: a list of transactions and of statements outside of
//! transactions, including the bookkeeping. The [`Runner`] executes schedules on a database, and
//! [`offline()`] writes them as an SQL script. Both use the same schedules, so they can't diverge.
//!
//! A revision is one transaction, which also changes the version table and writes a line of the
//! journal. If a revision has statements that can't run in a transaction, each of these is recorded
//! on its own, so that the next run resumes after the last completed one. A lock ensures that only
//! one runner works on a version table at a time.
//!
//! A revision may name functions of the program in the places of statements: its [`Steps`].
//!
//! The crate prints nothing. The progress of a run is reported to an [`Observer`].

mod adopt;
mod alone;
mod attempted;
mod batch;
mod begun;
mod cause;
mod checksum;
mod database;
mod edited;
mod elsewhere;
mod error;
mod examine;
mod execute;
mod execution;
mod finding;
mod flag;
mod held;
mod journal;
mod lock;
mod locking;
mod log;
mod observer;
mod offline;
mod outcome;
mod past;
mod postgres;
mod read_only;
mod refused;
mod retry;
mod runner;
mod schedule;
mod script;
mod script_head;
mod segment;
mod session;
mod session_facts;
mod settings;
mod single;
mod sqlite;
mod stamp;
mod step_connection;
mod step_run;
mod steps;
mod turn;
mod unfinished;
mod version_table;
mod watch;

pub use adopt::rows_adopted;
pub use cause::{Cause, StepError};
pub use checksum::checksum;
pub use database::{dialect_of, in_role};
pub use edited::Edited;
pub use elsewhere::Elsewhere;
pub use error::{Fate, Rounds, RunError, Stage, StatementFailure, StepPlace};
pub use examine::examine;
pub use finding::Finding;
pub use journal::Identity;
pub use log::{LogFilter, LogLine, LogOutcome, log};
pub use observer::{Event, Observer, Silent};
pub use offline::{offline, offline_stamp};
pub use past::{Remembered, journal_text, journalled, remembered};
pub use read_only::ReadOnly;
pub use refused::explained_error;
pub use runner::Runner;
pub use session::Session;
pub use settings::{RunSettings, UnknownOutcome};
pub use step_connection::StepConnection;
pub use steps::{StepFn, StepRows, Steps};
pub use unfinished::Unfinished;
pub use version_table::VersionTable;
