//! SQLite through rusqlite, with the library built in.

mod busy;
mod holders;
mod session;
mod target;

pub(crate) use session::open;
pub(crate) use target::SqliteTarget;
