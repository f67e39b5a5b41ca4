//! The settings of a run.

use std::time::Duration;

/// The settings of a run. The default is for a run that nobody watches.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Refuses to run if the file of an applied revision has changed since it was applied.
    pub strict: bool,
    /// The role that executes all statements, including the bookkeeping; `None` for the one that
    /// connects.
    pub role: Option<String>,
    /// The longest time for which a statement that keeps others out may wait for a lock, and others
    /// behind it. After that its transaction is tried again. Zero stands for no limit, and `None`
    /// for 2 seconds unless the connection has a `lock_timeout` of its own.
    pub lock_timeout: Option<Duration>,
    /// The number of times that a transaction is tried because of locks.
    pub lock_attempts: u32,
    /// The longest time to wait for another runner; `None` for no limit.
    pub lock_wait: Option<Duration>,
    /// The treatment of a statement outside a transaction whose outcome is not known.
    pub unknown: UnknownOutcome,
    /// Runs all revisions in one transaction, so that either all of them are applied or none.
    pub single_transaction: bool,
}

/// The treatment of a statement outside a transaction that an earlier run began, if neither the
/// journal nor the catalogue shows whether it was completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownOutcome {
    /// The run stops and names the statement.
    #[default]
    Stop,
    /// The statement is recorded as completed, and the run goes on behind it.
    AssumeDone,
    /// The statement is executed again.
    RunAgain,
}

impl RunSettings {
    /// The default settings.
    pub const DEFAULT: Self = Self {
        strict: false,
        role: None,
        lock_timeout: None,
        lock_attempts: 50,
        lock_wait: Some(Duration::from_secs(600)),
        unknown: UnknownOutcome::Stop,
        single_transaction: false,
    };
}

impl Default for RunSettings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
