//! PostgreSQL: all messages of a transaction are sent before the first result arrives.

pub(crate) mod bookkeeping;
pub(crate) mod execute;
pub(crate) mod lock;
pub(crate) mod offline;
