use std::fmt;

use aludel_driver::{Connection, DriverError};
use aludel_schema::{Metadata, ObjectId, QualifiedName};

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

/// Something that metadata has no place for: an object, or an aspect of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// The object.
    pub object: ObjectId,
    /// What of it has no place, such as `row level security`; `None` for the object itself.
    pub aspect: Option<String>,
}

impl Leftover {
    /// What it is, in words: the aspect, or else the kind of the object.
    pub fn what(&self) -> &str {
        self.aspect.as_deref().unwrap_or_else(|| self.object.kind.noun())
    }
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what(), self.object.place())
    }
}

/// Reads the whole database, except the tables in `ignore`.
///
/// On PostgreSQL everything comes out of one snapshot, by a fixed number of queries that are all on
/// their way before the first answer is back.
///
/// # Errors
///
/// The database refuses a query, or gives an answer that its reader does not expect.
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
