//! Connections: everything that touches a database driver, and nothing that knows a schema.
//!
//! Two databases behind one enum, no trait objects of futures. Statements go as text (the simple
//! protocol of PostgreSQL), so they arrive byte for byte as a revision has them, work behind any
//! pooler, and several can be on their way at once.

mod connection;
mod error;
mod postgres;
mod row;
mod sqlite;
mod tls;
mod url;

pub use connection::{Canceller, Connection, OpenMode};
pub use error::{ConnectError, DriverError, StatementError};
pub use row::{Row, RowError};
pub use url::{DatabaseUrl, UrlError};
