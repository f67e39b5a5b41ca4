//! The advisory lock of the server, which the session holds.

use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::lock::Lock;
use crate::version_table::VersionTable;

pub(crate) async fn attempt(
    connection: &Connection,
    table: &VersionTable,
) -> Result<Option<Lock>, RunError> {
    let query = format!("SELECT pg_try_advisory_lock({}) AS locked", key(table));
    let rows = connection.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let locked = row.flag("locked").map_err(DriverError::from)?;
    Ok(locked.then_some(Lock::Advisory))
}

pub(crate) async fn release(
    connection: &Connection,
    table: &VersionTable,
) -> Result<(), DriverError> {
    let query = format!("SELECT pg_advisory_unlock({})", key(table));
    connection.query(&query).await.map(|_| ())
}

/// Returns the key of the lock. It is the same for all runners of a version table, whose name
/// includes its schema.
fn key(table: &VersionTable) -> String {
    let name = table.dialect.literal(&format!("aludel:{}", table.name));
    format!("hashtextextended({name}, 0)")
}
