//! The entry point of reflection, for each database.

use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use crate::reflection::Reflection;
use crate::{postgres, sqlite};

/// Reads the whole database, except the tables in `ignore`.
///
/// On PostgreSQL the result is a consistent snapshot. It takes a fixed number of queries, all of
/// which are sent before the first result arrives.
///
/// # Errors
///
/// Fails if the database refuses a query or returns an unexpected result.
pub async fn reflect(
    connection: &Connection,
    ignore: &[QualifiedName],
) -> Result<Reflection, DriverError> {
    let mut reflection = match connection {
        Connection::Postgres(_) => postgres::reflect(connection).await?,
        Connection::Sqlite(_) => sqlite::reflect(connection).await?,
    };
    for name in ignore {
        reflection.metadata.tables.remove(name);
    }
    Ok(reflection)
}
