//! Reflection: reads a live database into metadata, and settles the spelling of SQL texts.
//!
//! [`reflect`] reads all objects of the user. On PostgreSQL it does so in a repeatable-read,
//! read-only transaction with a fixed number of catalogue queries; on SQLite it parses the
//! statements that `sqlite_schema` stores. Anything that metadata can't represent is reported as a
//! [`Leftover`]. Objects that belong to an extension are left out.
//!
//! [`settle`] finds out which texts of the models mean the same as those of the database.
//! PostgreSQL is asked for its own spelling of each text that differs, by means of temporary
//! objects in a transaction that is rolled back. On SQLite, tokens are compared. Neither function
//! leaves any change in the database.
//!
//! [`damage`] finds rows without parents, and views and triggers with missing references, in a
//! SQLite database.

mod array;
mod postgres;
mod reflect;
mod reflection;
mod rows;
mod shadows;
mod spelling;
mod sqlite;
mod unread;

pub use reflect::{detached_partitions, filled_tables, reflect, shadowing};
pub use reflection::{Leftover, Reflection};
pub use rows::{RowCount, row_counts};
pub use shadows::Shadows;
pub use spelling::{
    DatabaseSide, OfDefaults, Part, Place, Settled, SpellingError, Uncompared, passed, settle,
    unread_code,
};
pub use sqlite::damage;
pub use unread::{leave_unread, unread};
