//! The operations that a connection of any driver has.

use std::path::PathBuf;
use std::pin::Pin;

use crate::error::{DriverError, StatementError};
use crate::notice::Notice;
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};

/// An answer of the database that has yet to come.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database, by the language that it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// PostgreSQL, or a relative that speaks its protocol.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// A session with a database, through any driver. [`Connection`](crate::Connection) gives one to
/// the rest of the program, and describes the methods.
///
/// Four methods are enough. The others have a default for a driver that can do no more: statements
/// are sent one by one, there are no notices, COPY is refused, a running statement is not
/// cancelled, and there is no second session.
pub trait Session: Send + Sync {
    /// Returns the kind of the database.
    fn kind(&self) -> DatabaseKind;

    /// Runs one statement and returns the number of rows that it affected.
    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>>;

    /// Runs a text of several statements in order, and stops at the first one that fails.
    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>>;

    /// Runs one query and returns its rows.
    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>>;

    /// Runs statements in order and stops at the first one that fails.
    fn run_all<'a>(
        &'a self,
        statements: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<u64>, (usize, DriverError)>> {
        Box::pin(async move {
            let mut touched = Vec::with_capacity(statements.len());
            for (at, sql) in statements.iter().enumerate() {
                touched.push(self.run(sql).await.map_err(|error| (at, error))?);
            }
            Ok(touched)
        })
    }

    /// Runs several queries and returns the rows of each.
    fn query_all<'a>(
        &'a self,
        queries: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<Vec<Row>>, DriverError>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(queries.len());
            for sql in queries {
                answers.push(self.query(sql).await?);
            }
            Ok(answers)
        })
    }

    /// Runs one query and hands each row to `read`.
    fn for_each_row<'a>(
        &'a self,
        sql: &'a str,
        read: &'a mut (dyn FnMut(Row) -> Result<(), RowError> + Send),
    ) -> Pending<'a, Result<(), DriverError>> {
        Box::pin(async move {
            let rows = self.query(sql).await?;
            Ok(rows.into_iter().try_for_each(read)?)
        })
    }

    /// Returns true if the application has begun a transaction on its connection.
    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(std::future::ready(Ok(false)))
    }

    /// Returns true if the session can run `COPY … FROM STDIN`.
    fn can_copy(&self) -> bool {
        false
    }

    /// Runs `COPY … FROM STDIN` with its data.
    fn copy_in<'a>(&'a self, sql: &'a str, data: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        let _ = (sql, data);
        let message =
            "this connection has no COPY; run the revision on one of Aludel's own, by a URL";
        let error = StatementError { message: message.to_owned(), ..StatementError::default() };
        Box::pin(std::future::ready(Err(DriverError::Statement(Box::new(error)))))
    }

    /// Returns the notices of the server since the last call.
    fn take_notices(&self) -> Vec<Notice> {
        Vec::new()
    }

    /// Returns true if the session has received a notification on this channel since the last call with
    /// it.
    fn has_heard(&self, _channel: &str) -> bool {
        false
    }

    /// Returns true if a query may have other statements before and behind it, all in one message and one
    /// transaction.
    fn takes_scripts_as_queries(&self) -> bool {
        false
    }

    /// Opens another session with the same database.
    fn another(&self) -> Pending<'_, Result<Option<Box<dyn Session>>, DriverError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Returns the file of a SQLite database.
    fn file(&self) -> Option<PathBuf> {
        None
    }

    /// Returns true if a SQLite database was opened so that it can't be written.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Requests the cancellation of the running statement, from outside of the session.
    fn cancel(&self) -> Pending<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
