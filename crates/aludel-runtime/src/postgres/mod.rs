//! PostgreSQL: statements are sent in messages of several, and the session belongs to the runner.

pub(crate) mod alone;
pub(crate) mod bookkeeping;
pub(crate) mod examine;
pub(crate) mod execute;
pub(crate) mod lock;
pub(crate) mod offline;
pub(crate) mod outcome;
pub(crate) mod server;
pub(crate) mod session;
