//! Upgrade, downgrade and stamp: what to run, in which transaction, and the record of it.
//!
//! A revision's step becomes a schedule: a list of transactions and lone statements, bookkeeping
//! included. The [`Runner`] sends a schedule to a database, [`offline`] prints it as a script; they
//! have nothing else to agree on.
//!
//! A revision is one transaction together with its row of the version table and its line of the
//! journal, unless it has statements that can't run in one; then each of those is journalled on its
//! own, so that the next run goes on behind the last one that was done.
//!
//! Nothing here prints: what happens is told to an [`Observer`].

mod checksum;
mod database;
mod error;
mod execute;
mod journal;
mod lock;
mod observer;
mod offline;
mod past;
mod postgres;
mod runner;
mod schedule;
mod script;
mod sqlite;
mod version_table;

pub use checksum::checksum;
pub use error::{RunError, StatementFailure};
pub use journal::Identity;
pub use observer::{Event, Observer, Silent};
pub use offline::{offline, offline_stamp};
pub use past::{Edited, Remembered, remembered};
pub use runner::Runner;
pub use version_table::VersionTable;
