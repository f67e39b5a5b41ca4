//! A connection of sqlx to SQLite.
//!
//! A running statement is not cancelled. The connection's own busy timeout counts.

use std::ops::DerefMut;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteQueryResult, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, Either, Row as _, SqliteConnection, SqlitePool, TypeInfo as _,
    Value as _, ValueRef as _,
};
use tokio::sync::Mutex;

use crate::connect::Connect;
use crate::connection::Connection;
use crate::error::{ConnectCause, ConnectError, DriverError, StatementError};
use crate::open_mode::OpenMode;
use crate::row::Row;
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};
use crate::sqlite_code::code_name;

impl<'c> Connect<'c> for &'c mut SqliteConnection {
    async fn connect(self, _: OpenMode) -> Result<Connection<'c>, DriverError> {
        SqlxSession::connection(self).await
    }
}

/// Takes one connection of the pool; a pool of one is enough.
impl Connect<'static> for &SqlitePool {
    async fn connect(self, _: OpenMode) -> Result<Connection<'static>, DriverError> {
        let connection = self.acquire().await.map_err(|error| {
            DriverError::Connect(ConnectError {
                target: "the database of the pool".to_owned(),
                reason: error.to_string(),
                code: None,
                cause: ConnectCause::NotHere,
            })
        })?;
        SqlxSession::connection(connection).await
    }
}

struct SqlxSession<C> {
    connection: Mutex<C>,
    file: Option<PathBuf>,
}

impl<C: DerefMut<Target = SqliteConnection> + Send> SqlxSession<C> {
    /// Asks for the file, beside which the lock of a runner stands.
    async fn connection<'c>(connection: C) -> Result<Connection<'c>, DriverError>
    where
        C: 'c,
    {
        let mut session = Self { connection: Mutex::new(connection), file: None };
        let query = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let rows = session.query(query).await?;
        let file = rows.first().map(|row| row.optional("file")).transpose()?.flatten();
        session.file = file.filter(|file| !file.is_empty()).map(PathBuf::from);
        Ok(Connection::of(session))
    }

    /// Executes a statement, and hands each row and the end to `take`.
    async fn send(
        &self,
        sql: &str,
        mut take: impl FnMut(Either<SqliteQueryResult, SqliteRow>) -> Result<(), DriverError> + Send,
    ) -> Result<(), DriverError> {
        let mut connection = self.connection.lock().await;
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let mut answers = sql.fetch_many(&mut **connection);
        while let Some(answer) = answers.try_next().await.map_err(|error| failed(&error))? {
            take(answer)?;
        }
        Ok(())
    }
}

impl<C: DerefMut<Target = SqliteConnection> + Send> Session for SqlxSession<C> {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    /// SQLite says of every statement how many rows the last one that changed any has changed. The
    /// number of all changes before and after it tells what this one has done.
    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move {
            let before = self.changes().await?;
            self.send(sql, |_| Ok(())).await?;
            Ok(self.changes().await?.saturating_sub(before))
        })
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move { ScriptAnswer::of_one(self.run(statements).await) })
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(async move {
            let mut rows = Vec::new();
            let take = |answer| {
                if let Either::Right(row) = answer {
                    rows.push(read(&row)?);
                }
                Ok(())
            };
            self.send(sql, take).await?;
            Ok(rows)
        })
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(is_in_transaction(self))
    }

    /// SQLite has no COPY, and says so itself.
    fn copy_in<'a>(&'a self, sql: &'a str, _: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        self.run(sql)
    }

    fn file(&self) -> Option<PathBuf> {
        self.file.clone()
    }
}

impl<C: DerefMut<Target = SqliteConnection> + Send> SqlxSession<C> {
    async fn changes(&self) -> Result<u64, DriverError> {
        let rows = self.query("SELECT total_changes() AS changes").await?;
        let changes = rows.first().map(|row| row.number("changes")).transpose()?;
        Ok(changes.and_then(|changes| u64::try_from(changes).ok()).unwrap_or_default())
    }
}

fn read(row: &SqliteRow) -> Result<Row, DriverError> {
    let columns: Arc<[Box<str>]> = row.columns().iter().map(|one| one.name().into()).collect();
    let values: Result<Vec<Option<String>>, DriverError> =
        (0..columns.len()).map(|at| text(row, at).map_err(|error| failed(&error))).collect();
    Ok(Row::new(&columns, values?.iter().map(Option::as_deref)))
}

/// Returns a value as text, whatever its storage class.
fn text(row: &SqliteRow, at: usize) -> Result<Option<String>, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    let value = value.to_owned();
    let class = value.type_info().name().to_owned();
    let decoded = match class.as_str() {
        "INTEGER" | "BOOLEAN" => value.try_decode_unchecked::<i64>().map(|one| one.to_string()),
        "REAL" => value.try_decode_unchecked::<f64>().map(|one| one.to_string()),
        "BLOB" => value
            .try_decode_unchecked::<Vec<u8>>()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        _ => value.try_decode_unchecked::<String>(),
    };
    decoded.map(Some)
}

fn failed(error: &sqlx::Error) -> DriverError {
    let Some(refused) = error.as_database_error() else {
        return DriverError::Lost(error.to_string());
    };
    DriverError::Statement(Box::new(StatementError {
        message: refused.message().to_owned(),
        code: code_name(refused.code().and_then(|code| code.parse().ok()).unwrap_or(1)),
        ..StatementError::default()
    }))
}

/// Asks SQLite, by a statement that is refused inside of a transaction.
async fn is_in_transaction(session: &dyn Session) -> Result<bool, DriverError> {
    match session.run("BEGIN").await {
        Ok(_) => {
            session.run("ROLLBACK").await?;
            Ok(false)
        }
        Err(DriverError::Statement(error)) if error.message.contains("within a transaction") => {
            Ok(true)
        }
        Err(error) => Err(error),
    }
}
