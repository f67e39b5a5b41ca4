//! A connection of sqlx to PostgreSQL.
//!
//! Statements are sent by the simple query protocol (`raw_sql`). There is no COPY, no cancellation of
//! a running statement and no second session; notices of the server go to the log of sqlx.

use std::ops::DerefMut;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgQueryResult, PgRow};
use sqlx::{AssertSqlSafe, Column as _, Either, PgConnection, PgPool, Row as _, ValueRef as _};
use tokio::sync::Mutex;

use crate::connect::Connect;
use crate::connection::Connection;
use crate::error::{ConnectCause, ConnectError, DriverError, StatementError};
use crate::open_mode::OpenMode;
use crate::row::Row;
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};

impl<'c> Connect<'c> for &'c mut PgConnection {
    async fn connect(self, _: OpenMode) -> Result<Connection<'c>, DriverError> {
        Ok(Connection::of(SqlxSession(Mutex::new(self))))
    }
}

/// Takes one connection of the pool; a pool of one is enough.
impl Connect<'static> for &PgPool {
    async fn connect(self, _: OpenMode) -> Result<Connection<'static>, DriverError> {
        let connection = self.acquire().await.map_err(|error| {
            DriverError::Connect(ConnectError {
                target: "the database of the pool".to_owned(),
                reason: error.to_string(),
                code: None,
                cause: ConnectCause::NotHere,
            })
        })?;
        Ok(Connection::of(SqlxSession(Mutex::new(connection))))
    }
}

struct SqlxSession<C>(Mutex<C>);

impl<C: DerefMut<Target = PgConnection> + Send> SqlxSession<C> {
    /// Sends a text of statements, and hands each row and the end of each statement to `take`.
    async fn send(
        &self,
        sql: &str,
        mut take: impl FnMut(Either<PgQueryResult, PgRow>) -> Result<(), DriverError> + Send,
    ) -> Result<(), DriverError> {
        let mut connection = self.0.lock().await;
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let mut answers = sql.fetch_many(&mut **connection);
        while let Some(answer) = answers.try_next().await.map_err(|error| failed(&error))? {
            take(answer)?;
        }
        Ok(())
    }
}

impl<C: DerefMut<Target = PgConnection> + Send> Session for SqlxSession<C> {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move {
            let mut touched = 0;
            let take = |answer| {
                if let Either::Left(result) = answer {
                    touched = PgQueryResult::rows_affected(&result);
                }
                Ok(())
            };
            self.send(sql, take).await?;
            Ok(touched)
        })
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move {
            let mut answer = ScriptAnswer::default();
            let take = |one| {
                match one {
                    Either::Left(result) => {
                        answer.touched.push(PgQueryResult::rows_affected(&result));
                    }
                    Either::Right(row) => answer.last_row = Some(read(&row)?),
                }
                Ok(())
            };
            match self.send(statements, take).await {
                Ok(()) => Ok(answer),
                Err(error) => Err(ScriptFailure { completed: answer.touched.len(), error }),
            }
        })
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

    fn takes_scripts_as_queries(&self) -> bool {
        true
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(crate::in_transaction::on_postgres(self))
    }
}

/// Reads a row, whose values the simple query protocol sends as text.
fn read(row: &PgRow) -> Result<Row, DriverError> {
    let columns: Arc<[Box<str>]> = row.columns().iter().map(|one| one.name().into()).collect();
    let mut values = Vec::with_capacity(columns.len());
    for at in 0..columns.len() {
        let value = row.try_get_raw(at).map_err(|error| failed(&error))?;
        let text = if value.is_null() { None } else { Some(value.as_str()) };
        values.push(text.transpose().map_err(|error| DriverError::Lost(error.to_string()))?);
    }
    Ok(Row::new(&columns, values.into_iter()))
}

fn failed(error: &sqlx::Error) -> DriverError {
    let server = error.as_database_error().and_then(|error| error.try_downcast_ref());
    let Some(server): Option<&PgDatabaseError> = server else {
        return DriverError::Lost(error.to_string());
    };
    let position = match server.position() {
        Some(PgErrorPosition::Original(at)) => Some(at),
        Some(PgErrorPosition::Internal { .. }) | None => None,
    };
    DriverError::Statement(Box::new(StatementError {
        message: server.message().to_owned(),
        detail: server.detail().map(str::to_owned),
        hint: server.hint().map(str::to_owned),
        code: server.code().to_owned(),
        position,
        context: server.r#where().map(str::to_owned),
        table: server.table().map(str::to_owned),
        sql: None,
    }))
}
