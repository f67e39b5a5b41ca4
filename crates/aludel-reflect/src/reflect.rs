//! The entry point of reflection, for each database.

use aludel_driver::{Connection, DatabaseKind, DriverError};
use aludel_schema::{QualifiedName, Table};

use crate::reflection::Reflection;
use crate::shadows::Shadows;
use crate::{postgres, sqlite};

/// Reads the whole database, except the tables in `ignore` and what belongs to them.
///
/// On PostgreSQL the result is a consistent snapshot. It takes a fixed number of queries, all of
/// which are sent before the first result arrives.
///
/// # Errors
///
/// Fails if the database refuses a query or returns an unexpected result.
pub async fn reflect(
    connection: &Connection<'_>,
    ignore: &[QualifiedName],
) -> Result<Reflection, DriverError> {
    let mut reflection = match connection.kind() {
        DatabaseKind::Postgres => postgres::reflect(connection).await?,
        DatabaseKind::Sqlite => sqlite::reflect(connection).await?,
    };
    for name in ignore {
        reflection.metadata.tables.remove(name);
        reflection.metadata.definitions.retain(|_, own| own.table() != Some(name));
        reflection.leftovers.retain(|leftover| leftover.object.table.as_ref() != Some(name));
    }
    Ok(reflection)
}

/// Reads partitions as the tables that they are apart from the tables which they are partitions of. Those
/// that the database does not have are left out.
///
/// # Errors
///
/// Fails if the database refuses a query or returns an unexpected result.
pub async fn detached_partitions(
    connection: &Connection<'_>,
    names: &[QualifiedName],
) -> Result<Vec<Table>, DriverError> {
    match connection.kind() {
        DatabaseKind::Postgres => postgres::apart::read(connection, names).await,
        DatabaseKind::Sqlite => Ok(Vec::new()),
    }
}

/// Returns the tables that hold rows, without `ours`, as far as the role of the connection may read them.
/// The connection has no open transaction.
///
/// # Errors
///
/// Fails if the database refuses a query, if another session has locked a table, or if the
/// connection is lost.
pub async fn filled_tables(
    connection: &Connection<'_>,
    ours: &[QualifiedName],
) -> Result<Vec<QualifiedName>, DriverError> {
    let mut filled = match connection.kind() {
        DatabaseKind::Postgres => postgres::filled::filled(connection).await?,
        DatabaseKind::Sqlite => sqlite::filled::filled(connection).await?,
    };
    let is_ours = |name: &QualifiedName, own: &QualifiedName| {
        own.name == name.name && (own.schema.is_none() || own.schema == name.schema)
    };
    filled.retain(|name| !ours.iter().any(|own| is_ours(name, own)));
    Ok(filled)
}

/// Returns which of the given types and routines the server itself has, where unqualified SQL finds them
/// before those of the default schema.
///
/// # Errors
///
/// Fails if the catalogue can't be read.
pub async fn shadowing(
    connection: &Connection<'_>,
    wanted: &Shadows,
) -> Result<Shadows, DriverError> {
    match connection.kind() {
        _ if wanted.is_empty() => Ok(Shadows::default()),
        DatabaseKind::Postgres => postgres::shadowing(connection, wanted).await,
        DatabaseKind::Sqlite => Ok(Shadows::default()),
    }
}
