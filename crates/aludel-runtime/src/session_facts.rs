//! Facts about the session of a run.

use std::sync::OnceLock;
use std::time::Duration;

/// The facts about the session of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionFacts {
    /// The process id of the server process; empty if it is not known yet, or if the database has none.
    pub(crate) pid: OnceLock<i64>,
    /// The role that has connected; empty if the database has none.
    pub(crate) user: String,
    /// True if the encoding of the database may lack a character of a text.
    pub(crate) lacks_characters: bool,
    pub(crate) timeouts: Timeouts,
}

/// The timeouts, and the mode of transactions, that a session has by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeouts {
    /// The `lock_timeout`; zero stands for none.
    pub(crate) lock: Duration,
    /// The names of those that would end long work.
    pub(crate) ending: Vec<String>,
    /// True if its transactions are read-only unless they say otherwise.
    pub(crate) is_read_only: bool,
    /// True if one would end a session that waits between two statements.
    pub(crate) ends_idle: bool,
}
