//! A connection of rusqlite.
//!
//! The calls block the thread that drives the run, so that an observer can't stop a statement, and the
//! connection's own busy timeout counts.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::connect::Connect;
use crate::connection::Connection;
use crate::error::DriverError;
use crate::open_mode::OpenMode;
use crate::row::Row;
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};
use crate::sqlite_calls::{failed, file, is_read_only, query, run};

impl<'c> Connect<'c> for &'c mut rusqlite::Connection {
    async fn connect(self, _: OpenMode) -> Result<Connection<'c>, DriverError> {
        Ok(Connection::of(BlockingSession(Mutex::new(self))))
    }
}

struct BlockingSession<'c>(Mutex<&'c mut rusqlite::Connection>);

impl<'c> BlockingSession<'c> {
    fn lock(&self) -> MutexGuard<'_, &'c mut rusqlite::Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session for BlockingSession<'_> {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        Box::pin(async move { run(&self.lock(), sql).map_err(|error| failed(&error)) })
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move { ScriptAnswer::of_one(self.run(statements).await) })
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        Box::pin(async move { query(&self.lock(), sql).map_err(|error| failed(&error)) })
    }

    fn is_in_transaction(&self) -> Pending<'_, Result<bool, DriverError>> {
        let is = !self.lock().is_autocommit();
        Box::pin(std::future::ready(Ok(is)))
    }

    /// SQLite has no COPY, and says so itself.
    fn copy_in<'a>(&'a self, sql: &'a str, _: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        self.run(sql)
    }

    fn file(&self) -> Option<PathBuf> {
        file(&self.lock())
    }

    fn is_read_only(&self) -> bool {
        is_read_only(&self.lock())
    }
}
