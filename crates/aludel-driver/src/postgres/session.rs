//! A session with a server that this crate has connected to.

use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::DriverError;
use crate::notice::{Notice, Notices};
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};
use crate::simple_query::SimpleQuery;

use super::connect::{Connected, connect};
use super::target::PostgresTarget;

/// Opens a session.
pub(crate) async fn open(target: &PostgresTarget) -> Result<Box<dyn Session>, DriverError> {
    Ok(Box::new(PostgresSession::open(target).await?))
}

/// A session with a server.
struct PostgresSession {
    protocol: SimpleQuery<Client>,
    tls: Option<MakeRustlsConnect>,
    notices: Notices,
    /// The target of another session.
    target: PostgresTarget,
}

impl PostgresSession {
    async fn open(target: &PostgresTarget) -> Result<Self, DriverError> {
        let home = std::env::home_dir();
        let connected = connect(target, home.as_deref()).await?;
        let Connected { client, tls, notices, endpoint } = connected;
        let protocol = SimpleQuery::new(client);
        // Another session is one with the same server.
        let target = PostgresTarget { endpoints: vec![endpoint], ..target.clone() };
        Ok(Self { protocol, tls, notices, target })
    }
}

impl Session for PostgresSession {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(self.protocol.run(sql))
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(self.protocol.run_script(statements))
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(self.protocol.query(sql))
    }

    fn run_all<'a>(
        &'a self,
        statements: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<u64>, (usize, DriverError)>> {
        Box::pin(self.protocol.run_all(statements))
    }

    fn query_all<'a>(
        &'a self,
        queries: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<Vec<Row>>, DriverError>> {
        Box::pin(self.protocol.query_all(queries))
    }

    fn for_each_row<'a>(
        &'a self,
        sql: &'a str,
        read: &'a mut (dyn FnMut(Row) -> Result<(), RowError> + Send),
    ) -> Pending<'a, Result<(), DriverError>> {
        Box::pin(self.protocol.for_each_row(sql, read))
    }

    fn can_copy(&self) -> bool {
        true
    }

    fn copy_in<'a>(&'a self, sql: &'a str, data: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(self.protocol.copy_in(sql, data))
    }

    fn take_notices(&self) -> Vec<Notice> {
        self.notices.take()
    }

    fn has_heard(&self, channel: &str) -> bool {
        self.notices.has_heard(channel)
    }

    fn takes_scripts_as_queries(&self) -> bool {
        true
    }

    fn another(&self) -> Pending<'_, Result<Option<Box<dyn Session>>, DriverError>> {
        Box::pin(async { open(&self.target).await.map(Some) })
    }

    /// Cancels through a connection of its own, as the protocol requires.
    fn cancel(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let token = self.protocol.cancel_token();
            // A server that can't be reached has no statement left to cancel.
            let _ = match &self.tls {
                Some(tls) => token.cancel_query(tls.clone()).await,
                None => token.cancel_query(NoTls).await,
            };
        })
    }
}
