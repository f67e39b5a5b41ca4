//! A live database to metadata, and SQL texts as the server spells them.
//!
//! Nothing here writes: PostgreSQL is read in one repeatable-read, read-only transaction with a
//! fixed number of catalogue queries; questions about spelling are asked with temporary objects in
//! a transaction that is rolled back. What belongs to an extension is nobody's.

mod array;
mod postgres;
mod reflection;
mod spelling;
mod sqlite;

pub use reflection::{Leftover, Reflection, reflect};
pub use spelling::{SpellError, Surroundings, spell};
