//! Connections to PostgreSQL and SQLite, without any knowledge of schemas.
//!
//! A [`DatabaseUrl`] says which database to open, and a [`Connection`] runs statements and queries
//! on it. Both databases stand behind one enum with async methods. The values of an answer are text
//! or NULL; a [`Row`] gives them by column name, and a value of the wrong kind is an error.
//!
//! Statements are sent as text, on PostgreSQL by the simple query protocol. They arrive byte for
//! byte as a revision contains them, work behind any connection pooler, and several of them can be
//! sent at once. A [`Canceller`] stops a running statement from outside of the connection.
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

mod busy;
mod connect;
mod connection;
mod error;
mod libpq;
mod notice;
mod open_mode;
mod postgres;
mod refused;
mod row;
mod script;
mod sqlite;
mod tls;
mod url;

pub use connection::{Canceller, Connection};
pub use error::{ConnectError, DriverError, StatementError};
pub use libpq::LibpqEnvironment;
pub use notice::Notice;
pub use open_mode::OpenMode;
pub use row::{Row, RowError};
pub use script::{ScriptAnswer, ScriptFailure};
pub use url::{DatabaseUrl, UrlError};
