//! Partitions, read as the tables that DETACH PARTITION makes of them.

use aludel_driver::{Connection, DriverError};
use aludel_schema::{QualifiedName, Table};

use super::catalog::{Catalog, Scope, Session};
use super::{open, table};

/// The version from which a partition has the identity columns of its table, which end with DETACH.
const INHERITS_IDENTITY: i64 = 170_000;

/// Reads partitions. The server's names of indexes and constraints stay when they leave their tables.
pub(crate) async fn read(
    connection: &Connection<'_>,
    names: &[QualifiedName],
) -> Result<Vec<Table>, DriverError> {
    let session = open(connection).await?;
    let found = tables(connection, names, &session).await;
    let closed = connection.run("COMMIT").await;
    let found = found?;
    closed?;
    Ok(found)
}

async fn tables(
    connection: &Connection<'_>,
    names: &[QualifiedName],
    session: &Session,
) -> Result<Vec<Table>, DriverError> {
    let in_schema = |name: &QualifiedName| {
        let schema = name.schema.clone().unwrap_or_else(|| session.default_schema.clone());
        QualifiedName::new(Some(schema), name.name.as_str())
    };
    let scope = Scope::Apart(names.iter().map(in_schema).collect());
    let mut catalog = Catalog::read(connection, &scope, session).await?;
    let mut tables = table::read_all(&mut catalog)?;
    let found = names.iter().filter_map(|name| tables.remove(name));
    Ok(found.map(|table| detached(table, session.version)).collect())
}

fn detached(mut table: Table, version: i64) -> Table {
    for column in &mut table.columns {
        column.inherited = false;
        if version >= INHERITS_IDENTITY {
            column.identity = None;
        }
    }
    table
}
