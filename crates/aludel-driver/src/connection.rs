use crate::error::DriverError;
use crate::notice::Notice;
use crate::open_mode::OpenMode;
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::url::{DatabaseUrl, Target};
use crate::{postgres::Postgres, sqlite::Sqlite};

/// An open connection.
#[derive(Debug)]
pub enum Connection {
    /// A connection to a PostgreSQL server.
    Postgres(Box<PostgresConnection>),
    /// A connection to a SQLite file or to an in-memory database.
    Sqlite(SqliteConnection),
}

/// A connection to a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresConnection {
    session: Postgres,
    url: DatabaseUrl,
}

/// A connection to a SQLite database.
#[derive(Debug)]
pub struct SqliteConnection(Sqlite);

impl Connection {
    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached or refuses the connection, or if a file is not a
    /// SQLite database.
    pub async fn open(url: &DatabaseUrl, mode: OpenMode) -> Result<Self, DriverError> {
        match &url.0 {
            Target::Postgres { config, tls } => {
                let session = Postgres::open(config, tls, &url.to_string()).await?;
                let url = url.clone();
                Ok(Self::Postgres(Box::new(PostgresConnection { session, url })))
            }
            Target::Sqlite(path) => {
                let sqlite = Sqlite::open(path.clone(), mode, &url.to_string()).await?;
                Ok(Self::Sqlite(SqliteConnection(sqlite)))
            }
        }
    }

    /// Runs one statement, byte for byte as given, and returns the number of rows that it affected.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the statement or the connection is lost.
    pub async fn run(&self, sql: &str) -> Result<u64, DriverError> {
        match self {
            Self::Postgres(connection) => connection.session.run(sql).await,
            Self::Sqlite(connection) => connection.0.run(sql).await,
        }
    }

    /// Runs statements in order and stops at the first one that fails. Returns the number of rows
    /// that each of them affected.
    ///
    /// On PostgreSQL all statements are sent before the first answer arrives. They have to be in
    /// one transaction, where no statement takes effect after a failure.
    ///
    /// # Errors
    ///
    /// Fails with the index of the statement that failed, and its error.
    pub async fn run_all(&self, statements: &[&str]) -> Result<Vec<u64>, (usize, DriverError)> {
        match self {
            Self::Postgres(connection) => connection.session.run_all(statements).await,
            Self::Sqlite(connection) => connection.0.run_all(statements).await,
        }
    }

    /// Opens another connection to the same database; `None` for SQLite, whose database may be in
    /// the memory of this connection.
    ///
    /// # Errors
    ///
    /// Fails if the server can't be reached or refuses the connection.
    pub async fn another(&self) -> Result<Option<Self>, DriverError> {
        match self {
            Self::Postgres(connection) => {
                Self::open(&connection.url, OpenMode::Write).await.map(Some)
            }
            Self::Sqlite(_) => Ok(None),
        }
    }

    /// Runs statements in order and stops at the first one that fails. PostgreSQL gets all of them
    /// in one message, which it parses as a whole, and executes none after the failed one. Outside
    /// of a transaction block the statements are one transaction.
    ///
    /// `statements` are given as one text for PostgreSQL and must be a single one for SQLite.
    ///
    /// # Errors
    ///
    /// Fails with the number of statements that were completed, and the error of the next one.
    pub async fn run_script(&self, statements: &str) -> Result<ScriptAnswer, ScriptFailure> {
        match self {
            Self::Postgres(connection) => connection.session.run_script(statements).await,
            Self::Sqlite(connection) => match connection.0.run(statements).await {
                Ok(rows) => Ok(ScriptAnswer { touched: vec![rows], last_row: None }),
                Err(error) => Err(ScriptFailure { completed: 0, error }),
            },
        }
    }

    /// Returns the notices and warnings since the last call, in order: those of a PostgreSQL server, and
    /// that the file of a SQLite database is locked.
    pub fn take_notices(&self) -> Vec<Notice> {
        match self {
            Self::Postgres(connection) => connection.session.take_notices(),
            Self::Sqlite(connection) => connection.0.take_notices(),
        }
    }

    /// Runs `COPY … FROM STDIN` with its data, and returns the number of rows that it added. The
    /// line `\.` that ends the data in a file is not part of it.
    ///
    /// The data is sent in pieces. The statement is prepared, unlike any other one: outside of a
    /// transaction, a connection pooler has to keep the session for that. After a COPY that could
    /// not begin, because there is no such table or no privilege on it, the connection is
    /// [`DriverError::Lost`]; after a refused row it goes on.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the statement or a row, or the connection is lost. SQLite
    /// refuses every COPY.
    pub async fn copy_in(&self, sql: &str, data: &str) -> Result<u64, DriverError> {
        match self {
            Self::Postgres(connection) => connection.session.copy_in(sql, data).await,
            Self::Sqlite(connection) => connection.0.run(sql).await,
        }
    }

    /// Runs one query and returns its rows.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the query or the connection is lost.
    pub async fn query(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        match self {
            Self::Postgres(connection) => connection.session.query(sql).await,
            Self::Sqlite(connection) => connection.0.query(sql).await,
        }
    }

    /// Runs one query and hands each row to `read` as soon as it arrives, so that reading overlaps
    /// with the work of a PostgreSQL server, and a large answer is never held whole.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the query, the connection is lost, or `read` fails.
    pub async fn for_each_row(
        &self,
        sql: &str,
        read: impl FnMut(Row) -> Result<(), RowError>,
    ) -> Result<(), DriverError> {
        match self {
            Self::Postgres(connection) => connection.session.for_each_row(sql, read).await,
            Self::Sqlite(connection) => {
                let rows = connection.0.query(sql).await?;
                Ok(rows.into_iter().try_for_each(read)?)
            }
        }
    }

    /// Runs several queries and returns the rows of each. On PostgreSQL all queries are sent before
    /// the first answer arrives.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses one of the queries or the connection is lost.
    pub async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        match self {
            Self::Postgres(connection) => connection.session.query_all(queries).await,
            Self::Sqlite(connection) => connection.0.query_all(queries).await,
        }
    }

    /// Returns the file of a SQLite database; `None` for PostgreSQL and for an in-memory database.
    pub fn file(&self) -> Option<std::path::PathBuf> {
        match self {
            Self::Postgres(_) => None,
            Self::Sqlite(connection) => connection.0.file(),
        }
    }

    /// Returns a handle that cancels the running statement from outside of the connection.
    pub fn canceller(&self) -> Canceller {
        match self {
            Self::Postgres(connection) => {
                Canceller::Postgres(Box::new(connection.session.canceller()))
            }
            Self::Sqlite(connection) => Canceller::Sqlite(connection.0.canceller()),
        }
    }
}

/// A handle that cancels the statement which runs on a connection.
pub enum Canceller {
    /// Sends a cancel request to the server.
    Postgres(Box<crate::postgres::PostgresCanceller>),
    /// Interrupts the SQLite library.
    Sqlite(crate::busy::SqliteCanceller),
}

impl Canceller {
    /// Requests the cancellation. The statement then fails, unless it is already done.
    pub async fn cancel(&self) {
        match self {
            Self::Postgres(canceller) => canceller.cancel().await,
            Self::Sqlite(canceller) => canceller.cancel(),
        }
    }
}
