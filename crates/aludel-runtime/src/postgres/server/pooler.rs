//! Poolers that share a session of the server between clients.

use std::time::Duration;

use aludel_driver::{Connection, DriverError};

/// The server process behind a connection.
pub(crate) struct Backend {
    /// The process id.
    pub(crate) pid: i64,
    /// True if another connection is served by the same process, or if statements of this one are
    /// served by several. `None` without a second connection to find out.
    pub(crate) is_shared: Option<bool>,
}

/// Returns the server process of a connection. A second connection shows whether a pooler shares
/// it between clients: while that connection has a transaction open, it can't have the process of
/// the first one unless the process is lent for single transactions.
pub(crate) async fn backend(connection: &Connection<'_>) -> Result<Backend, DriverError> {
    let own = pid(connection).await?;
    let other = match another(connection).await {
        Some(other) => other,
        // Without a second connection the answers of the first one are compared later.
        None => return Ok(Backend { pid: own, is_shared: None }),
    };
    other.run("BEGIN").await?;
    let theirs = pid(&other).await?;
    let is_shared = theirs == own || pid(connection).await? != own;
    other.run("ROLLBACK").await?;
    Ok(Backend { pid: own, is_shared: Some(is_shared) })
}

/// The longest time to wait for a second connection. A pool of sessions with no session left lets a
/// client wait until another one goes.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens a second connection; `None` if there is none to be had soon.
pub(crate) async fn another(connection: &Connection<'_>) -> Option<Connection<'static>> {
    match tokio::time::timeout(PATIENCE, connection.another()).await {
        Ok(Ok(other)) => other,
        Ok(Err(_)) | Err(_) => None,
    }
}

async fn pid(connection: &Connection<'_>) -> Result<i64, DriverError> {
    let rows = connection.query("SELECT pg_catalog.pg_backend_pid() AS pid").await?;
    match rows.first() {
        Some(row) => Ok(row.number("pid")?),
        None => Ok(0),
    }
}
