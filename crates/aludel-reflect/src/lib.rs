//! A live database to metadata, and the spelling of texts.
//!
//! [`reflect`] reads everything that is the user's: PostgreSQL in one repeatable-read, read-only
//! transaction with a fixed number of catalogue queries, SQLite out of the texts that
//! `sqlite_schema` keeps. What metadata has no place for comes out as a named [`Leftover`], and what
//! belongs to an extension is nobody's. [`settle`] finds out which texts mean the same. Nothing here
//! leaves a trace in the database.

mod array;
mod postgres;
mod reflection;
mod spelling;
mod sqlite;

pub use reflection::{Leftover, Reflection, reflect};
pub use spelling::{Part, Place, SpellingError, settle};
pub use sqlite::damage;
