use std::path::PathBuf;

use crate::error::DriverError;
use crate::led::Led;
use crate::notice::Notice;
use crate::open_mode::OpenMode;
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Session};
use crate::url::{DatabaseUrl, Target};
use crate::{postgres, sqlite};

/// An open connection: one that this crate has opened, or one of the application, which it may
/// borrow.
pub struct Connection<'c>(Box<dyn Session + 'c>);

impl std::fmt::Debug for Connection<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connection").field(&self.kind()).finish()
    }
}

impl Connection<'static> {
    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached or refuses the connection, or if a file is not a
    /// SQLite database.
    pub async fn open(url: &DatabaseUrl, mode: OpenMode) -> Result<Self, DriverError> {
        match &url.0 {
            Target::Postgres(target) => Ok(Self(postgres::open(target).await?)),
            Target::Sqlite(target) => Ok(Self(sqlite::open(target, mode).await?)),
        }
    }
}

impl<'c> Connection<'c> {
    /// Wraps the session of any driver.
    pub fn of(session: impl Session + 'c) -> Self {
        Self(Box::new(session))
    }

    /// Returns this connection for reading, with a statement at the beginning of each of its
    /// transactions, such as `SET LOCAL ROLE`. A query outside of a transaction is one by itself. The
    /// statement costs no round trip, unless the driver takes one statement at a time.
    ///
    /// Transactions begin by [`run`](Self::run), [`query`](Self::query) or
    /// [`query_all`](Self::query_all) with a text that starts with `BEGIN`; statements outside of a
    /// transaction are left alone.
    #[must_use]
    pub fn led_by(self, statement: Option<String>) -> Self {
        match statement {
            Some(_) => Self(Box::new(Led::new(self.0, statement))),
            None => self,
        }
    }

    /// Like [`led_by`](Self::led_by), with the connection borrowed.
    pub fn borrowed_led_by(&self, statement: Option<String>) -> Connection<'_> {
        Connection(Box::new(Led::new(&*self.0, statement)))
    }

    /// Returns the kind of the database.
    pub fn kind(&self) -> DatabaseKind {
        self.0.kind()
    }

    /// Runs one statement, byte for byte as given, and returns the number of rows that it affected.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the statement or the connection is lost.
    pub async fn run(&self, sql: &str) -> Result<u64, DriverError> {
        self.0.run(sql).await.map_err(|error| error.of(sql))
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
        self.0.run_all(statements).await
    }

    /// Opens another connection to the same database; `None` for SQLite, whose database may be in
    /// the memory of this connection, and for a connection of the application.
    ///
    /// # Errors
    ///
    /// Fails if the server can't be reached or refuses the connection.
    pub async fn another(&self) -> Result<Option<Connection<'static>>, DriverError> {
        Ok(self.0.another().await?.map(Connection))
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
        self.0.run_script(statements).await
    }

    /// Returns the notices and warnings since the last call, in order: those of a PostgreSQL server, and
    /// that the file of a SQLite database is locked.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.0.take_notices()
    }

    /// Returns true if the connection has received a notification on this channel since the last call
    /// with it, which a server sends to a session that listens.
    pub fn has_heard(&self, channel: &str) -> bool {
        self.0.has_heard(channel)
    }

    /// Returns true if the application has begun a transaction on its connection.
    ///
    /// # Errors
    ///
    /// Fails if the connection is lost.
    pub async fn is_in_transaction(&self) -> Result<bool, DriverError> {
        self.0.is_in_transaction().await
    }

    /// Returns true if the connection can run `COPY … FROM STDIN`.
    pub fn can_copy(&self) -> bool {
        self.0.can_copy()
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
    /// Fails if the database refuses the statement or a row, if the connection is lost, or if it
    /// [can't copy](Self::can_copy).
    pub async fn copy_in(&self, sql: &str, data: &str) -> Result<u64, DriverError> {
        self.0.copy_in(sql, data).await
    }

    /// Runs one query and returns its rows.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the query or the connection is lost.
    pub async fn query(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        self.0.query(sql).await.map_err(|error| error.of(sql))
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
        mut read: impl FnMut(Row) -> Result<(), RowError> + Send,
    ) -> Result<(), DriverError> {
        self.0.for_each_row(sql, &mut read).await.map_err(|error| error.of(sql))
    }

    /// Runs several queries and returns the rows of each. On PostgreSQL all queries are sent before
    /// the first answer arrives.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses one of the queries or the connection is lost.
    pub async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        self.0.query_all(queries).await
    }

    /// Returns the file of a SQLite database; `None` for PostgreSQL and for an in-memory database.
    pub fn file(&self) -> Option<PathBuf> {
        self.0.file()
    }

    /// Returns true if a SQLite database was opened so that it can't be written, as by `mode=ro` in its
    /// URL.
    pub fn is_read_only(&self) -> bool {
        self.0.is_read_only()
    }

    /// Requests the cancellation of the statement that runs meanwhile. It then fails, unless it is
    /// already done, or the driver can't cancel.
    pub async fn cancel(&self) {
        self.0.cancel().await;
    }
}
