//! The lag of the replicas of a server.

use std::time::Duration;

use aludel_driver::{Connection, DriverError};

/// Returns the longest replay lag of the replicas; `None` if there is no replica, or none whose lag
/// this role may see.
pub(crate) async fn lag(connection: &Connection) -> Result<Option<Duration>, DriverError> {
    let query = "SELECT (extract(epoch FROM max(replay_lag)) * 1000)::bigint AS millis \
                 FROM pg_catalog.pg_stat_replication";
    let rows = connection.query(query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if row.optional("millis")?.is_none() {
        return Ok(None);
    }
    let millis = u64::try_from(row.number("millis")?).unwrap_or_default();
    Ok(Some(Duration::from_millis(millis)))
}
