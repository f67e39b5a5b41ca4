//! Connections to PostgreSQL and SQLite, without any knowledge of schemas.
//!
//! A [`DatabaseUrl`] says which database to open, and a [`Connection`] runs statements and queries
//! on it. A connection is a [`Session`] of any driver behind one type with async methods. The values of an answer are text
//! or NULL; a [`Row`] gives them by column name, and a value of the wrong kind is an error.
//!
//! Statements are sent as text, on PostgreSQL by the simple query protocol. They arrive byte for
//! byte as a revision contains them, work behind any connection pooler, and several of them can be
//! sent at once. [`Connection::cancel`] stops a running statement.
//!
//! The features `postgres` and `sqlite` are the drivers of this crate. A URL of a database whose
//! driver is not compiled is an error that names the feature.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use aludel_driver::{Connection, DatabaseUrl, OpenMode};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let url = DatabaseUrl::parse("sqlite:app.db", Path::new("."))?;
//! let connection = Connection::open(&url, OpenMode::Read).await?;
//! for row in connection.query("SELECT name FROM sqlite_schema").await? {
//!     println!("{}", row.text("name")?);
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "a driver that is left out would use it")
)]

mod adapters;
mod connect;
mod connection;
mod error;
#[cfg(any(feature = "tokio-postgres", feature = "sqlx-postgres", feature = "diesel-postgres"))]
mod in_transaction;
mod led;
mod libpq;
mod notice;
mod open_mode;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(not(feature = "postgres"))]
#[path = "absent/postgres.rs"]
mod postgres;
mod row;
mod script;
mod session;
#[cfg(feature = "tokio-postgres")]
mod simple_query;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(not(feature = "sqlite"))]
#[path = "absent/sqlite.rs"]
mod sqlite;
#[cfg(feature = "rusqlite")]
mod sqlite_calls;
mod sqlite_code;
mod url;

pub use connect::Connect;
pub use connection::Connection;
pub use error::{ConnectCause, ConnectError, DriverError, StatementError, UrlError};
pub use libpq::LibpqEnvironment;
pub use notice::Notice;
pub use open_mode::OpenMode;
pub use row::{Row, RowError};
pub use script::{ScriptAnswer, ScriptFailure};
pub use session::{DatabaseKind, Pending, Session};
pub use url::DatabaseUrl;
