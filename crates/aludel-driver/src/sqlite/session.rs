//! SQLite connections, through rusqlite. Calls run on a thread of their own, so that Ctrl-C is
//! handled while they run.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::OpenFlags;

use crate::error::{ConnectCause, ConnectError, DriverError};
use crate::notice::{Notice, Notices};
use crate::open_mode::OpenMode;
use crate::row::Row;
use crate::script::{ScriptAnswer, ScriptFailure};
use crate::session::{DatabaseKind, Pending, Session};
use crate::sqlite_calls::{failed, file, is_read_only, query, run, statement_error};

use super::busy::{BRIEFLY, SqliteCanceller, is_locked};
use super::holders::holders;
use super::target::{Access, SqliteTarget};

/// Opens a session.
pub(crate) async fn open(
    target: &SqliteTarget,
    mode: OpenMode,
) -> Result<Box<dyn Session>, DriverError> {
    Ok(Box::new(SqliteSession::open(target, mode).await?))
}

/// A session with a database that this crate has opened.
#[derive(Clone)]
struct SqliteSession {
    connection: Arc<Mutex<rusqlite::Connection>>,
    /// Taken at the start, because a running statement holds the connection.
    canceller: SqliteCanceller,
    notices: Notices,
}

impl SqliteSession {
    async fn open(target: &SqliteTarget, mode: OpenMode) -> Result<Self, ConnectError> {
        let from = target.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let connection = connect(&from, mode)?;
            connection.busy_timeout(BRIEFLY)?;
            let (canceller, notices) =
                (SqliteCanceller::new(&connection, mode), Notices::default());
            // This query fails on a file that is not a database.
            canceller.patiently(&notices, || {
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
            })?;
            if mode == OpenMode::Read {
                connection.pragma_update(None, "query_only", true)?;
            }
            let connection = Arc::new(Mutex::new(connection));
            Ok(Self { connection, canceller, notices })
        });
        let (reason, cause) = match opened.await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => match target.file().and_then(missing_folder) {
                Some(folder) => {
                    (format!("there is no folder {}", folder.display()), ConnectCause::NoFolder)
                }
                None if is_locked(&error) => (locked(target), ConnectCause::Locked),
                None => (statement_error(&error).message, ConnectCause::File),
            },
            Err(ended) => (ended.to_string(), ConnectCause::File),
        };
        Err(ConnectError { target: target.to_string(), reason, code: None, cause })
    }

    fn lock(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes one statement, again while the file is locked.
    fn patiently<T>(
        &self,
        call: fn(&rusqlite::Connection, &str) -> rusqlite::Result<T>,
        sql: &str,
    ) -> Result<T, DriverError> {
        let connection = self.lock();
        let result = self.canceller.patiently(&self.notices, || call(&connection, sql));
        result.map_err(|error| {
            let by = is_locked(&error).then(|| holders(&file(&connection)?)).flatten();
            match failed(&error) {
                DriverError::Statement(mut failed) => {
                    failed.detail = failed.detail.or(by.map(|by| format!("it is locked by {by}")));
                    DriverError::Statement(failed)
                }
                other => other,
            }
        })
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, DriverError> {
        let this = self.clone();
        this.canceller.forget();
        tokio::task::spawn_blocking(move || work(&this))
            .await
            .map_err(|error| DriverError::Lost(error.to_string()))
    }
}

impl Session for SqliteSession {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn run<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        let sql = sql.to_owned();
        Box::pin(async move { self.on_thread(move |this| this.patiently(run, &sql)).await? })
    }

    fn run_script<'a>(
        &'a self,
        statements: &'a str,
    ) -> Pending<'a, Result<ScriptAnswer, ScriptFailure>> {
        Box::pin(async move { ScriptAnswer::of_one(self.run(statements).await) })
    }

    fn query<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Vec<Row>, DriverError>> {
        let sql = sql.to_owned();
        Box::pin(async move { self.on_thread(move |this| this.patiently(query, &sql)).await? })
    }

    fn run_all<'a>(
        &'a self,
        statements: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<u64>, (usize, DriverError)>> {
        let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        Box::pin(async move {
            self.on_thread(move |this| {
                let each = statements.iter().enumerate();
                each.map(|(at, sql)| this.patiently(run, sql).map_err(|e| (at, e))).collect()
            })
            .await
            .unwrap_or_else(|lost| Err((0, lost)))
        })
    }

    fn query_all<'a>(
        &'a self,
        queries: &'a [&'a str],
    ) -> Pending<'a, Result<Vec<Vec<Row>>, DriverError>> {
        let queries: Vec<String> = queries.iter().map(|sql| (*sql).to_owned()).collect();
        Box::pin(async move {
            self.on_thread(move |this| {
                queries.iter().map(|sql| this.patiently(query, sql)).collect()
            })
            .await?
        })
    }

    /// SQLite has no COPY, and says so itself.
    fn copy_in<'a>(&'a self, sql: &'a str, _: &'a str) -> Pending<'a, Result<u64, DriverError>> {
        self.run(sql)
    }

    fn take_notices(&self) -> Vec<Notice> {
        self.notices.take()
    }

    fn file(&self) -> Option<PathBuf> {
        file(&self.lock())
    }

    fn is_read_only(&self) -> bool {
        is_read_only(&self.lock())
    }

    fn cancel(&self) -> Pending<'_, ()> {
        self.canceller.cancel();
        Box::pin(std::future::ready(()))
    }
}

fn connect(target: &SqliteTarget, mode: OpenMode) -> rusqlite::Result<rusqlite::Connection> {
    // A missing file may be created later, but a missing folder is an error.
    let opens =
        |path: &&Path| mode == OpenMode::Write || path.exists() || missing_folder(path).is_some();
    let Some(path) = target.file().filter(opens) else {
        // A missing database is read as an empty one.
        return rusqlite::Connection::open_in_memory();
    };
    let flags = match (target.access(), mode) {
        (Access::ReadOnly, OpenMode::Read | OpenMode::Write) => OpenFlags::SQLITE_OPEN_READ_ONLY,
        (Access::Any, OpenMode::Write) => {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        }
        (Access::Any, OpenMode::Read) | (Access::Existing, OpenMode::Read | OpenMode::Write) => {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        }
    };
    rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Returns the words for a file that is locked.
fn locked(target: &SqliteTarget) -> String {
    let by = target.file().and_then(holders);
    format!("the file is locked by {}", by.as_deref().unwrap_or("another program"))
}

/// Returns the folder of a file if it is missing.
fn missing_folder(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
}
