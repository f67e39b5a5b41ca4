//! PostgreSQL: everything of a transaction is on its way before the first answer is back.

pub(crate) mod bookkeeping;
pub(crate) mod execute;
pub(crate) mod lock;
pub(crate) mod offline;
