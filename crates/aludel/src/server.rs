//! Databases of a server other than the project's own.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};

use crate::databases::dialect_of;
use crate::error::Error;

/// The beginning of the names of databases for one comparison. Sixteen hexadecimal digits follow.
const PREFIX: &str = "aludel_scratch_";

/// The beginning of the comment on such a database. The time of its creation by the server's clock
/// follows, in seconds.
const MARK: &str = "made by aludel for one comparison, at ";

/// The age in seconds from which on a database without a session is a leftover of a run that was
/// killed.
const STALE: i64 = 3600;

/// A database that exists for one comparison.
#[derive(Debug)]
pub(crate) struct Scratch {
    server: DatabaseUrl,
    name: String,
}

impl Scratch {
    /// Creates an empty database on the server of a URL. Those that runs have left that were killed
    /// are dropped.
    pub(crate) async fn create(url: &DatabaseUrl) -> Result<Self, Error> {
        let random = getrandom::u64().map_err(|error| Error::System {
            what: "can't get a random name from the system",
            source: std::io::Error::other(error),
        })?;
        let dialect = dialect_of(url);
        let server = maintenance(url).await?;
        remove_stale(&server, dialect).await?;
        let scratch = Self { server: url.clone(), name: format!("{PREFIX}{random:016x}") };
        let name = dialect.quote(&scratch.name);
        let mark = dialect.literal(&format!("{MARK}{}", now(&server).await?));
        server.run(&format!("CREATE DATABASE {name}")).await?;
        server.run(&format!("COMMENT ON DATABASE {name} IS {mark}")).await?;
        Ok(scratch)
    }

    /// Returns the URL of the database.
    pub(crate) fn url(&self) -> DatabaseUrl {
        self.server.with_database(&self.name)
    }

    /// Drops the database, and ends the sessions in it.
    pub(crate) async fn remove(self) -> Result<(), Error> {
        let name = dialect_of(&self.server).quote(&self.name);
        let server = maintenance(&self.server).await?;
        server.run(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        Ok(())
    }
}

async fn now(server: &Connection<'_>) -> Result<i64, DriverError> {
    let rows = server.query("SELECT extract(epoch FROM now())::bigint AS seconds").await?;
    match rows.first() {
        Some(row) => Ok(row.number("seconds")?),
        None => Ok(0),
    }
}

/// Drops the databases that are ours beyond doubt: by their name, their comment and their age,
/// without a session, and with an owner whose rights the role has.
async fn remove_stale(server: &Connection<'_>, dialect: Dialect) -> Result<(), Error> {
    let query = format!(
        "SELECT d.datname::text AS name, extract(epoch FROM now())::bigint AS now, \
         pg_catalog.shobj_description(d.oid, 'pg_database') AS mark FROM pg_catalog.pg_database d \
         WHERE d.datname ~ '^{PREFIX}[0-9a-f]{{16}}$' AND pg_catalog.pg_has_role(d.datdba, 'USAGE') \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)"
    );
    for row in server.query(&query).await? {
        let (name, now) = (
            row.text("name").map_err(DriverError::from)?,
            row.number("now").map_err(DriverError::from)?,
        );
        let mark = row.optional("mark").map_err(DriverError::from)?;
        let made = mark.and_then(|mark| mark.strip_prefix(MARK)?.parse::<i64>().ok());
        if made.is_some_and(|made| now - made >= STALE) {
            let drop = format!("DROP DATABASE IF EXISTS {}", dialect.quote(name));
            match server.run(&drop).await {
                // Somebody has connected to it meanwhile, or drops it too.
                Ok(_) | Err(DriverError::Statement(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Connects to a database of the same server that is always there.
pub(crate) async fn maintenance(url: &DatabaseUrl) -> Result<Connection<'static>, Error> {
    match Connection::open(&url.with_database("postgres"), OpenMode::Write).await {
        Err(error) if is_missing(&error) => {
            Ok(Connection::open(&url.with_database("template1"), OpenMode::Write).await?)
        }
        other => Ok(other?),
    }
}

/// Returns true if the server says that the database does not exist.
pub(crate) fn is_missing(error: &DriverError) -> bool {
    match error {
        DriverError::Connect(error) => error.code.as_deref() == Some("3D000"),
        DriverError::Url(_)
        | DriverError::Statement(_)
        | DriverError::Row(_)
        | DriverError::Lost(_) => false,
    }
}
