//! The reason why a server refuses to write.

use aludel_driver::{Connection, DriverError};

use crate::read_only::ReadOnly;

/// The facts, outside of the transaction that was refused.
const QUERY: &str = "SELECT pg_catalog.pg_is_in_recovery() AS is_standby, \
    current_setting('default_transaction_read_only') = 'on' AS is_default";

/// Returns the reason. What is neither true of the server nor of the session was true of the
/// transaction alone.
pub(crate) async fn reason(connection: &Connection<'_>) -> Result<ReadOnly, DriverError> {
    let rows = connection.query(QUERY).await?;
    let Some(row) = rows.first() else { return Ok(ReadOnly::Transaction) };
    Ok(match (row.flag("is_standby")?, row.flag("is_default")?) {
        (true, _) => ReadOnly::Standby,
        (false, true) => ReadOnly::Default,
        (false, false) => ReadOnly::Transaction,
    })
}
