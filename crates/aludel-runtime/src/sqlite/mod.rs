//! SQLite: statements run one after the other, and references that SQLite does not enforce are
//! checked.

pub(crate) mod alone;
pub(crate) mod bookkeeping;
pub(crate) mod examine;
pub(crate) mod execute;
pub(crate) mod lock;
pub(crate) mod offline;
pub(crate) mod outcome;
pub(crate) mod session;
pub(crate) mod wholeness;
