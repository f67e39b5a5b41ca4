//! SQLite: one statement after the other, and what it does not look after is looked at.

pub(crate) mod bookkeeping;
pub(crate) mod execute;
pub(crate) mod lock;
pub(crate) mod offline;
pub(crate) mod wholeness;
