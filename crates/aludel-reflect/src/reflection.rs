use aludel_driver::{Connection, DriverError};
use aludel_schema::{Metadata, QualifiedName};

use crate::{postgres, sqlite};

/// What a database holds.
#[derive(Clone, Debug, Default)]
pub struct Reflection {
    /// What metadata can say.
    pub metadata: Metadata,
    /// What it can't, by name.
    pub leftovers: Vec<Leftover>,
    /// The schema that names without one live in; empty on SQLite.
    pub default_schema: String,
}

/// Something that metadata has no place for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// What it is, such as `view` or `trigger`.
    pub kind: String,
    /// Its name; `table.name` for what belongs to a table.
    pub name: QualifiedName,
}

/// Reads the whole database, except the tables in `ignore`.
pub async fn reflect(
    connection: &Connection,
    ignore: &[QualifiedName],
) -> Result<Reflection, DriverError> {
    let mut reflection = match connection {
        Connection::Postgres(_) => postgres::reflect(connection).await?,
        Connection::Sqlite(_) => sqlite::reflect(connection).await?,
    };
    for name in ignore {
        reflection.metadata.tables.remove(name);
    }
    Ok(reflection)
}
