//! A client of tokio-postgres.
//!
//! The connection is driven by a task of the application, which also gets the notices of the server.
//! A running statement is cancelled through a connection without TLS. There is no second session, so
//! that the outcome of a COMMIT whose connection is lost stays unknown.

use tokio_postgres::{Client, NoTls};

use crate::connect::Connect;
use crate::connection::Connection;
use crate::error::DriverError;
use crate::open_mode::OpenMode;
use crate::row::{Row, RowError};
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};
use crate::simple_query::SimpleQuery;

/// A pool of deadpool or bb8 gives one by `&mut **client` or `&mut *client`.
impl<'c> Connect<'c> for &'c mut Client {
    async fn connect(self, _: OpenMode) -> Result<Connection<'c>, DriverError> {
        Ok(Connection::of(ClientSession(SimpleQuery::new(&*self))))
    }
}

struct ClientSession<'c>(SimpleQuery<&'c Client>);

impl Session for ClientSession<'_> {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(self.0.run(sql))
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(self.0.run_script(statements))
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(self.0.query(sql))
    }

    fn run_all<'a>(
        &'a self,
        statements: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<u64>, (usize, DriverError)>> {
        Box::pin(self.0.run_all(statements))
    }

    fn query_all<'a>(
        &'a self,
        queries: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<Vec<Row>>, DriverError>> {
        Box::pin(self.0.query_all(queries))
    }

    fn for_each_row<'a>(
        &'a self,
        sql: &'a str,
        read: &'a mut (dyn FnMut(Row) -> Result<(), RowError> + Send),
    ) -> Pending<'a, Result<(), DriverError>> {
        Box::pin(self.0.for_each_row(sql, read))
    }

    fn takes_scripts_as_queries(&self) -> bool {
        true
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        Box::pin(crate::in_transaction::on_postgres(self))
    }

    fn can_copy(&self) -> bool {
        true
    }

    fn copy_in<'a>(&'a self, sql: &'a str, data: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(self.0.copy_in(sql, data))
    }

    fn cancel(&self) -> Pending<'_, ()> {
        Box::pin(async {
            // A statement that can't be cancelled runs to its end.
            let _ = self.0.cancel_token().cancel_query(NoTls).await;
        })
    }
}
