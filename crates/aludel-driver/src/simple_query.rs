//! The simple query protocol, through a client of tokio-postgres.

use std::borrow::Borrow;
use std::error::Error as _;
use std::io::Cursor;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_postgres::error::Severity;
use tokio_postgres::{Client, SimpleColumn, SimpleQueryMessage, SimpleQueryRow};

use crate::error::{DriverError, StatementError};
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};

/// The number of bytes of COPY that are sent at once.
const COPY_PIECE: usize = 64 * 1024;

/// The conversation with a server, through a client that is owned or borrowed.
pub(crate) struct SimpleQuery<C> {
    client: C,
    /// True after a COPY that could not begin: the driver then ends the copy that never was, the
    /// server answers that too, and every later answer would be taken for that of the statement
    /// before.
    is_out_of_step: AtomicBool,
}

impl<C: Borrow<Client>> SimpleQuery<C> {
    pub(crate) fn new(client: C) -> Self {
        Self { client, is_out_of_step: AtomicBool::new(false) }
    }

    /// Returns the client, unless its answers can't be trusted any more.
    fn client(&self) -> Result<&Client, DriverError> {
        if self.is_out_of_step.load(Ordering::Relaxed) {
            return Err(DriverError::Lost("a COPY could not begin, which ends the session".into()));
        }
        Ok(self.client.borrow())
    }

    pub(crate) fn cancel_token(&self) -> tokio_postgres::CancelToken {
        self.client.borrow().cancel_token()
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<u64, DriverError> {
        let messages = self.client()?.simple_query(sql).await.map_err(statement_error)?;
        Ok(rows_touched(&messages))
    }

    pub(crate) async fn run_all(
        &self,
        statements: &[&str],
    ) -> Result<Vec<u64>, (usize, DriverError)> {
        let client = self.client().map_err(|error| (0, error))?;
        let answers = join_all(statements.iter().map(|sql| client.simple_query(sql))).await;
        let mut touched = Vec::with_capacity(answers.len());
        for (at, answer) in answers.into_iter().enumerate() {
            let messages = answer.map_err(|error| (at, statement_error(error)))?;
            touched.push(rows_touched(&messages));
        }
        Ok(touched)
    }

    pub(crate) async fn run_script(&self, sql: &str) -> Result<ScriptAnswer, ScriptFailure> {
        let mut answer = ScriptAnswer::default();
        let failed =
            |answer: &ScriptAnswer, error| ScriptFailure { completed: answer.touched.len(), error };
        let client = self.client().map_err(|error| failed(&answer, error))?;
        let sent = client.simple_query_raw(sql).await;
        let mut messages = pin!(sent.map_err(|error| failed(&answer, statement_error(error)))?);
        let mut columns: Arc<[Box<str>]> = Arc::new([]);
        while let Some(message) = messages.next().await {
            match message.map_err(|error| failed(&answer, statement_error(error)))? {
                SimpleQueryMessage::RowDescription(described) => columns = names(&described),
                SimpleQueryMessage::Row(row) => {
                    let row = read_row(&columns, &row);
                    answer.last_row = Some(row.map_err(|error| failed(&answer, error))?);
                }
                SimpleQueryMessage::CommandComplete(rows) => answer.touched.push(rows),
                // Messages that later versions of the client may add.
                _ => {}
            }
        }
        Ok(answer)
    }

    pub(crate) async fn copy_in(&self, sql: &str, data: &str) -> Result<u64, DriverError> {
        let client = self.client()?;
        // A statement that can't be parsed fails here, and leaves the connection in step.
        let statement = client.prepare(sql).await.map_err(statement_error)?;
        self.is_out_of_step.store(true, Ordering::Relaxed);
        let mut sink = pin!(client.copy_in(&statement).await.map_err(statement_error)?);
        self.is_out_of_step.store(false, Ordering::Relaxed);
        for piece in data.as_bytes().chunks(COPY_PIECE) {
            // After a row that it refuses, the server reads and drops the rest, and says why at the
            // end.
            sink.send(Cursor::new(piece.to_vec())).await.map_err(statement_error)?;
        }
        sink.finish().await.map_err(statement_error)
    }

    pub(crate) async fn query(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        let mut rows = Vec::new();
        let keep = |row| {
            rows.push(row);
            Ok(())
        };
        self.for_each_row(sql, keep).await?;
        Ok(rows)
    }

    pub(crate) async fn for_each_row(
        &self,
        sql: &str,
        mut read: impl FnMut(Row) -> Result<(), RowError>,
    ) -> Result<(), DriverError> {
        let mut messages =
            pin!(self.client()?.simple_query_raw(sql).await.map_err(statement_error)?);
        let mut columns: Arc<[Box<str>]> = Arc::new([]);
        while let Some(message) = messages.next().await {
            match message.map_err(statement_error)? {
                SimpleQueryMessage::RowDescription(described) => columns = names(&described),
                SimpleQueryMessage::Row(row) => read(read_row(&columns, &row)?)?,
                // The end of the answer, and messages that later versions of the client may add.
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        join_all(queries.iter().map(|sql| self.query(sql))).await.into_iter().collect()
    }
}

fn names(described: &[SimpleColumn]) -> Arc<[Box<str>]> {
    described.iter().map(|column| column.name().into()).collect()
}

fn read_row(columns: &Arc<[Box<str>]>, row: &SimpleQueryRow) -> Result<Row, DriverError> {
    let values: Result<Vec<_>, _> = (0..row.len()).map(|at| row.try_get(at)).collect();
    Ok(Row::new(columns, values.map_err(statement_error)?.into_iter()))
}

fn rows_touched(messages: &[SimpleQueryMessage]) -> u64 {
    messages
        .iter()
        .rev()
        .find_map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => Some(*rows),
            _ => None,
        })
        .unwrap_or(0)
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn statement_error(error: tokio_postgres::Error) -> DriverError {
    let Some(server) = error.as_db_error() else {
        return DriverError::Lost(innermost(&error));
    };
    // The server ends the connection after an error of these severities.
    if matches!(server.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) {
        return DriverError::Lost(server.message().to_owned());
    }
    let position = match server.position() {
        Some(tokio_postgres::error::ErrorPosition::Original(at)) => Some(*at as usize),
        _ => None,
    };
    DriverError::Statement(Box::new(StatementError {
        message: server.message().to_owned(),
        detail: server.detail().map(str::to_owned),
        hint: server.hint().map(str::to_owned),
        code: server.code().code().to_owned(),
        position,
        context: server.where_().map(str::to_owned),
        table: server.table().map(str::to_owned),
        sql: None,
    }))
}

/// Returns the innermost message of the chain, which is that of the server or the system.
pub(crate) fn innermost(error: &tokio_postgres::Error) -> String {
    if let Some(server) = error.as_db_error() {
        return server.message().to_owned();
    }
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = cause.to_string();
        source = cause.source();
    }
    words
}
