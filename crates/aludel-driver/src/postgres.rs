//! PostgreSQL connections, through tokio-postgres.

use std::io::Cursor;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_postgres::error::Severity;
use tokio_postgres::{CancelToken, Client, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connect::{Connected, connect, connect_reason};
use crate::error::{ConnectError, DriverError, StatementError};
use crate::notice::{Notice, Notices};
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::tls::TlsOptions;

/// The number of bytes of COPY that are sent at once.
const COPY_PIECE: usize = 64 * 1024;

pub(crate) struct Postgres {
    client: Client,
    /// True after a COPY that could not begin: the driver then ends the copy that never was, the
    /// server answers that too, and every later answer would be taken for that of the statement
    /// before.
    is_out_of_step: AtomicBool,
    tls: Option<MakeRustlsConnect>,
    notices: Notices,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres")
    }
}

impl Postgres {
    pub(crate) async fn open(
        config: &tokio_postgres::Config,
        tls: &TlsOptions,
        target: &str,
    ) -> Result<Self, ConnectError> {
        let home = std::env::home_dir();
        let Connected { client, tls, notices } =
            connect(config, tls, home.as_deref(), target).await?;
        Ok(Self { client, is_out_of_step: AtomicBool::new(false), tls, notices })
    }

    /// Returns the client, unless its answers can't be trusted any more.
    fn client(&self) -> Result<&Client, DriverError> {
        if self.is_out_of_step.load(Ordering::Relaxed) {
            return Err(DriverError::Lost("a COPY could not begin, which ends the session".into()));
        }
        Ok(&self.client)
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
                SimpleQueryMessage::RowDescription(described) => {
                    columns = described.iter().map(|column| column.name().into()).collect();
                }
                SimpleQueryMessage::Row(row) => {
                    let values: Result<Vec<_>, _> =
                        (0..row.len()).map(|at| row.try_get(at)).collect();
                    let values = values.map_err(|error| failed(&answer, statement_error(error)))?;
                    answer.last_row = Some(Row::new(&columns, values.into_iter()));
                }
                SimpleQueryMessage::CommandComplete(rows) => answer.touched.push(rows),
                // Messages that later versions of the client may add.
                _ => {}
            }
        }
        Ok(answer)
    }

    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        self.notices.take()
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
                SimpleQueryMessage::RowDescription(described) => {
                    columns = described.iter().map(|column| column.name().into()).collect();
                }
                SimpleQueryMessage::Row(row) => {
                    let values: Result<Vec<_>, _> =
                        (0..row.len()).map(|at| row.try_get(at)).collect();
                    let values = values.map_err(statement_error)?;
                    read(Row::new(&columns, values.into_iter()))?;
                }
                // The end of the answer, and messages that later versions of the client may add.
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        join_all(queries.iter().map(|sql| self.query(sql))).await.into_iter().collect()
    }

    pub(crate) fn canceller(&self) -> PostgresCanceller {
        PostgresCanceller { token: self.client.cancel_token(), tls: self.tls.clone() }
    }
}

/// Cancels a statement through a connection of its own, as the protocol requires.
pub struct PostgresCanceller {
    token: CancelToken,
    tls: Option<MakeRustlsConnect>,
}

impl PostgresCanceller {
    pub(crate) async fn cancel(&self) {
        // A server that can't be reached has no statement left to cancel.
        let _ = match &self.tls {
            Some(tls) => self.token.cancel_query(tls.clone()).await,
            None => self.token.cancel_query(NoTls).await,
        };
    }
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
        return DriverError::Lost(connect_reason(&error));
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
    }))
}
