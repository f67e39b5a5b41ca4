//! PostgreSQL: one snapshot, a fixed number of catalogue queries, all on their way at once.

mod build;
mod catalog;

use std::collections::BTreeMap;

use aludel_driver::{Connection, DriverError};
use aludel_schema::{Metadata, QualifiedName, Table};

use crate::{Leftover, Reflection};
pub(crate) use catalog::{Catalog, Scope};

/// Reads everything that belongs to the user.
pub(crate) async fn reflect(connection: &Connection) -> Result<Reflection, DriverError> {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let mut opening = connection.query_all(&[begin, include_str!("session.sql")]).await?;
    let session = opening.pop().unwrap_or_default();
    let session = session.first();
    let default_schema = session.and_then(|row| row.get(0)).unwrap_or("public").to_owned();
    let version = session.map_or(0, |row| row.number(1));
    let read = read(connection, &default_schema, version).await;
    let closed = connection.run("COMMIT").await;
    let reflection = read?;
    closed?;
    Ok(reflection)
}

async fn read(
    connection: &Connection,
    default_schema: &str,
    version: i64,
) -> Result<Reflection, DriverError> {
    let scope = Scope::User;
    let leftovers = scope.fill(include_str!("leftovers.sql"), version);
    let queries = [
        leftovers,
        scope.fill(include_str!("enums.sql"), version),
        include_str!("sequences.sql").to_owned(),
        include_str!("extensions.sql").to_owned(),
        scope.fill(include_str!("schemas.sql"), version),
    ];
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    let (catalog, other) = futures_util::future::join(
        Catalog::read(connection, scope, default_schema, version),
        connection.query_all(&queries),
    )
    .await;
    let (mut catalog, other) = (catalog?, other?);
    let mut metadata = Metadata { tables: build::tables(&mut catalog), ..Metadata::default() };
    build::enums(&mut metadata, &other[1], &catalog);
    build::sequences(&mut metadata, &other[2], &catalog);
    build::extensions(&mut metadata, &other[3], default_schema);
    build::schemas(&mut metadata, &other[4], &catalog);
    let leftovers = other[0]
        .iter()
        .map(|row| Leftover {
            kind: row.text(0).to_owned(),
            name: QualifiedName::new(catalog.schema(row.get(1)), row.text(2)),
        })
        .collect();
    Ok(Reflection { metadata, leftovers, default_schema: default_schema.to_owned() })
}

/// The temporary tables of this session.
pub(crate) async fn temporary_tables(
    connection: &Connection,
) -> Result<BTreeMap<QualifiedName, Table>, DriverError> {
    let session = connection.query(include_str!("session.sql")).await?;
    let row = session.first();
    let default_schema = row.and_then(|row| row.get(0)).unwrap_or("public").to_owned();
    let version = row.map_or(0, |row| row.number(1));
    let mut catalog = Catalog::read(connection, Scope::Temporary, &default_schema, version).await?;
    Ok(build::tables(&mut catalog))
}
