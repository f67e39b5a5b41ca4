//! The number of rows of a table, as the last ANALYZE or VACUUM has left it.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

/// Returns the number; `None` for a table that was never analysed.
pub(crate) async fn rows(
    connection: &Connection<'_>,
    table: &QualifiedName,
) -> Result<Option<u64>, DriverError> {
    let name = Dialect::Postgres.literal(&Dialect::Postgres.quote_name(table));
    let query = format!(
        "SELECT reltuples::bigint AS rows FROM pg_catalog.pg_class WHERE oid = to_regclass({name})"
    );
    let rows = connection.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    // The number is -1, or 0 in old versions, before the first ANALYZE.
    Ok(u64::try_from(row.number("rows")?).ok().filter(|rows| *rows > 0))
}
