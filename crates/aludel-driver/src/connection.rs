use crate::url::Target;
use crate::{DatabaseUrl, DriverError, Row, postgres::Postgres, sqlite::Sqlite};

/// An open connection.
#[derive(Debug)]
pub enum Connection {
    /// To a PostgreSQL server.
    Postgres(PostgresConnection),
    /// To a SQLite file, or to a database in memory.
    Sqlite(SqliteConnection),
}

/// A connection to a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresConnection(Postgres);

/// A connection to a SQLite database.
#[derive(Debug)]
pub struct SqliteConnection(Sqlite);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Only to look: nothing is created, not even the file of a SQLite database.
    Read,
    /// To change things; a SQLite file that is not there is made.
    Write,
}

impl Connection {
    /// Connects.
    pub async fn open(url: &DatabaseUrl, mode: OpenMode) -> Result<Self, DriverError> {
        match &url.0 {
            Target::Postgres { config, tls, root_certificate } => {
                let root = root_certificate.as_deref();
                let postgres = Postgres::open(config, *tls, root, &url.to_string()).await?;
                Ok(Self::Postgres(PostgresConnection(postgres)))
            }
            Target::Sqlite(path) => {
                let sqlite = Sqlite::open(path.clone(), mode, &url.to_string()).await?;
                Ok(Self::Sqlite(SqliteConnection(sqlite)))
            }
        }
    }

    /// Runs one statement, as it stands; gives the number of rows that it touched.
    pub async fn run(&self, sql: &str) -> Result<u64, DriverError> {
        match self {
            Self::Postgres(connection) => connection.0.run(sql).await,
            Self::Sqlite(connection) => connection.0.run(sql).await,
        }
    }

    /// Runs statements in order and stops at the first that fails, telling which it was. On
    /// PostgreSQL they are all on their way before the first answer is back, so they have to be in
    /// one transaction, where nothing takes effect behind a failure.
    pub async fn run_all(&self, statements: &[&str]) -> Result<Vec<u64>, (usize, DriverError)> {
        match self {
            Self::Postgres(connection) => connection.0.run_all(statements).await,
            Self::Sqlite(connection) => connection.0.run_all(statements).await,
        }
    }

    /// The rows of one query.
    pub async fn query(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        match self {
            Self::Postgres(connection) => connection.0.query(sql).await,
            Self::Sqlite(connection) => connection.0.query(sql).await,
        }
    }

    /// The rows of several queries, all on their way at once where the database can do that.
    pub async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        match self {
            Self::Postgres(connection) => connection.0.query_all(queries).await,
            Self::Sqlite(connection) => connection.0.query_all(queries).await,
        }
    }

    /// The file of a SQLite database, if it is in one.
    pub fn file(&self) -> Option<std::path::PathBuf> {
        match self {
            Self::Postgres(_) => None,
            Self::Sqlite(connection) => connection.0.file(),
        }
    }

    /// What stops the statement that is running, from outside.
    pub fn canceller(&self) -> Canceller {
        match self {
            Self::Postgres(connection) => Canceller::Postgres(Box::new(connection.0.canceller())),
            Self::Sqlite(connection) => Canceller::Sqlite(connection.0.canceller()),
        }
    }
}

/// Stops the statement that runs on a connection.
pub enum Canceller {
    /// Asks the server to.
    Postgres(Box<crate::postgres::PostgresCanceller>),
    /// Interrupts the library.
    Sqlite(rusqlite::InterruptHandle),
}

impl Canceller {
    /// Asks for it; the statement then fails, if it was not done already.
    pub async fn cancel(&self) {
        match self {
            Self::Postgres(canceller) => canceller.cancel().await,
            Self::Sqlite(handle) => handle.interrupt(),
        }
    }
}
