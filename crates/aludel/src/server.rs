//! Databases of a server other than the project's own.

use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};

use crate::databases::dialect_of;
use crate::error::Error;

/// A database that exists for one comparison.
#[derive(Debug)]
pub(crate) struct Scratch {
    server: DatabaseUrl,
    name: String,
}

impl Scratch {
    /// Creates an empty database on the server of a URL.
    pub(crate) async fn create(server: &DatabaseUrl) -> Result<Self, Error> {
        let random = getrandom::u64().map_err(|error| Error::Io {
            action: "can't get a random name from",
            path: "the system".into(),
            source: std::io::Error::other(error),
        })?;
        let scratch =
            Self { server: server.clone(), name: format!("aludel_scratch_{random:016x}") };
        scratch.execute("CREATE DATABASE", "").await?;
        Ok(scratch)
    }

    /// Returns the URL of the database.
    pub(crate) fn url(&self) -> DatabaseUrl {
        self.server.with_database(&self.name)
    }

    /// Drops the database, and ends the sessions in it.
    pub(crate) async fn remove(self) -> Result<(), Error> {
        self.execute("DROP DATABASE", " WITH (FORCE)").await
    }

    async fn execute(&self, verb: &str, options: &str) -> Result<(), Error> {
        let name = dialect_of(&self.server).quote(&self.name);
        let server = maintenance(&self.server).await?;
        server.run(&format!("{verb} {name}{options}")).await?;
        Ok(())
    }
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
