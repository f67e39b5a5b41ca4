//! An examination of a database: what a run would meet.

use aludel_driver::{Connection, DriverError};

use crate::database;
use crate::finding::Finding;
use crate::version_table::VersionTable;

/// Examines a database and changes nothing.
///
/// # Errors
///
/// Fails if the database refuses a query or the connection is lost.
pub async fn examine(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<Vec<Finding>, DriverError> {
    database::examine(connection, table).await
}
