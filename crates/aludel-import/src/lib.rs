//! The histories of other migration tools.
//!
//! [`read()`] reads the folder of a tool into a neutral history: revisions with their parents,
//! their SQL, and what the tool says of transactions. Each tool has a file of its own for that. SQL
//! is kept byte for byte. What is no SQL, such as a migration in Rust, becomes a [`Way::Unreadable`]
//! with its place; it is never guessed. [`ReadApplied::read`] reads the table in which a tool keeps its
//! books, and writes nothing.
//!
//! The history of Alembic is rendered by Alembic itself, in its offline mode.

mod alembic;
mod applied;
mod body;
mod diesel;
mod error;
mod files;
mod flyway;
mod goose;
mod history;
mod linear;
mod read;
mod refinery;
mod rust_code;
mod sea_orm;
mod sqlx;
mod tool;
mod version;

pub use applied::{Applied, ReadApplied};
pub use error::ImportError;
pub use history::{ForeignRevision, History, Note, Way};
pub use read::{ReadOptions, read};
pub use tool::Tool;
