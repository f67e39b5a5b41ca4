//! Upgrade, downgrade and stamp: what to run, in which transaction, and the record of it.
//!
//! A revision is one transaction together with its row of the version table and its row of the
//! journal, unless it has statements that can't run in one; then each of those is journalled on its
//! own, so that the next run goes on behind the last one that was done.
//!
//! Nothing here prints: what happens is told to an [`Observer`].

mod checksum;
mod error;
mod execute;
mod journal;
mod lock;
mod observer;
mod offline;
mod past;
mod runner;
mod script;
mod version_table;
mod whole;

pub use checksum::checksum;
pub use error::{RunError, StatementFailure};
pub use observer::{Event, Observer, Silent};
pub use offline::{offline, offline_stamp};
pub use past::{Edited, Remembered, remembered};
pub use runner::{Identity, Runner};
pub use version_table::VersionTable;
