//! The advisory lock of the server, which the session holds.

use aludel_driver::{Connection, DriverError, Row, RowError};

use crate::error::RunError;
use crate::lock::Lock;
use crate::session::Session;
use crate::version_table::VersionTable;

use super::server::pooler;

pub(crate) async fn attempt(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<Option<Lock>, RunError> {
    let query = format!("SELECT pg_catalog.pg_try_advisory_lock({}) AS locked", key(table));
    let rows = connection.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let locked = row.flag("locked").map_err(DriverError::from)?;
    Ok(locked.then_some(Lock::Advisory))
}

/// Releases the lock, and returns false if the session did not hold it any more.
pub(crate) async fn release(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<bool, DriverError> {
    let query = format!("SELECT pg_catalog.pg_advisory_unlock({}) AS held", key(table));
    let rows = connection.query(&query).await?;
    match rows.first() {
        Some(row) => Ok(row.flag("held")?),
        None => Ok(false),
    }
}

/// The largest number of sessions of a pool that are looked through.
const MOST: usize = 50;

/// Releases the lock in the session of a pool that has it, and returns false if none of the free ones has.
/// Each further connection takes one of these sessions by a transaction. The lock would stay for as long as
/// the pooler keeps its session, and later runs would wait for it.
pub(crate) async fn release_in_pool(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<bool, DriverError> {
    let mut taken = Vec::new();
    while taken.len() < MOST {
        let Some(other) = pooler::another(connection).await else { break };
        let released = async {
            other.run("BEGIN").await?;
            release(&other, table).await
        };
        match pooler::soon(released).await {
            Ok(true) => return Ok(true),
            Ok(false) => taken.push(other),
            // The pool has no free session.
            Err(_) => break,
        }
    }
    Ok(false)
}

/// Returns the session that holds the lock; `None` if it has just been released.
pub(crate) async fn holder(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<Option<Session>, DriverError> {
    // The two halves of a key of 64 bits stand in two columns of pg_locks.
    let query = format!(
        "SELECT {SESSION} FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = \
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
         AND ((l.classid::bigint << 32) | l.objid::bigint) = {} ORDER BY a.pid LIMIT 1",
        key(table)
    );
    let rows = connection.query(&query).await?;
    Ok(rows.first().map(session).transpose()?)
}

/// The columns of a session, from `pg_stat_activity` as `a`.
pub(crate) const SESSION: &str = "a.pid::text AS pid, a.usename::text AS \"user\", \
     concat_ws(' at ', nullif(a.application_name, ''), coalesce(host(a.client_addr), 'local')) AS client, \
     date_trunc('seconds', coalesce(a.state_change, a.backend_start))::text AS since, \
     left(nullif(a.query, ''), 200) AS query";

/// Reads a row with the columns of [`SESSION`].
pub(crate) fn session(row: &Row) -> Result<Session, RowError> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Session {
        pid: row.text("pid")?.to_owned(),
        user: owned(row.optional("user")?),
        client: row.text("client")?.to_owned(),
        since: owned(row.optional("since")?),
        query: owned(row.optional("query")?),
    })
}

/// Returns the key of the lock. It is the same for all runners of a version table, whose name
/// includes its schema.
fn key(table: &VersionTable) -> String {
    let name = table.dialect.literal(&format!("aludel:{}", table.name));
    format!("pg_catalog.hashtextextended({name}, 0)")
}
