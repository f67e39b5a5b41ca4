//! Objects of the server itself that have the names of others.

use aludel_driver::{Connection, DriverError};

use super::catalog::PG;
use super::signature::with_signatures;
use crate::shadows::Shadows;

/// Returns which of the given types and routines the server has in `pg_catalog`, where it looks first.
pub(crate) async fn shadowing(
    connection: &Connection<'_>,
    wanted: &Shadows,
) -> Result<Shadows, DriverError> {
    let list = |names: Vec<&String>| {
        let literals: Vec<String> = names.into_iter().map(|name| PG.literal(name)).collect();
        if literals.is_empty() { "NULL".to_owned() } else { literals.join(", ") }
    };
    let query = with_signatures(include_str!("shadowing.sql"))
        .replace("{types}", &list(wanted.types.iter().collect()))
        .replace("{routines}", &list(wanted.routines.iter().map(|own| &own.name).collect()));
    let mut found = Shadows::default();
    for row in connection.query(&query).await? {
        let name = row.text("name")?;
        match row.optional("signature")? {
            None => _ = found.types.insert(name.to_owned()),
            Some(signature) => found.add_routine(name, signature),
        }
    }
    found.routines.retain(|routine| wanted.routines.contains(routine));
    Ok(found)
}
