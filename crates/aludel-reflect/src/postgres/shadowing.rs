//! Objects of the server itself that have the names of others.

use aludel_driver::{Connection, DriverError};

use super::catalog::PG;
use super::rows::kind;
use super::signature::with_signatures;
use crate::shadows::Shadows;

/// Returns which of the given objects the server has in `pg_catalog`, where it looks first.
pub(crate) async fn shadowing(
    connection: &Connection<'_>,
    wanted: &Shadows,
) -> Result<Shadows, DriverError> {
    let names: Vec<String> = wanted.names().map(|name| PG.literal(name)).collect();
    let query = with_signatures(include_str!("shadowing.sql"));
    let query = query.replace("{names}", &names.join(", "));
    let mut found = Shadows::default();
    for row in connection.query(&query).await? {
        let signature = row.optional("signature")?.map(str::to_owned);
        found.add_named(kind(row.text("kind")?, "kind")?, row.text("name")?, signature);
    }
    Ok(found.of(wanted))
}
