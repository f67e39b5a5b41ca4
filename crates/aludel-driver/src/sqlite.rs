//! SQLite connections, through rusqlite. Calls run on a thread of their own, so that Ctrl-C is
//! handled while they run.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{OpenFlags, ffi};

use crate::busy::{BRIEFLY, SqliteCanceller};
use crate::error::{ConnectError, DriverError, StatementError};
use crate::notice::{Notice, Notices};
use crate::open_mode::OpenMode;
use crate::row::Row;

#[derive(Clone)]
pub(crate) struct Sqlite {
    connection: Arc<Mutex<rusqlite::Connection>>,
    /// Taken at the start, because a running statement holds the connection.
    canceller: SqliteCanceller,
    notices: Notices,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sqlite")
    }
}

impl Sqlite {
    pub(crate) async fn open(
        path: Option<PathBuf>,
        mode: OpenMode,
        target: &str,
    ) -> Result<Self, ConnectError> {
        let opened = tokio::task::spawn_blocking(move || {
            let connection = connect(path.as_ref(), mode)?;
            connection.busy_timeout(BRIEFLY)?;
            let (canceller, notices) = (SqliteCanceller::new(&connection), Notices::default());
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
        let reason = match opened.await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => statement_error(&error).message,
            Err(ended) => ended.to_string(),
        };
        Err(ConnectError { target: target.to_owned(), reason, code: None, is_tls: false })
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<u64, DriverError> {
        self.run_all(&[sql])
            .await
            .map(|touched| touched.into_iter().sum())
            .map_err(|(_, error)| error)
    }

    pub(crate) async fn run_all(
        &self,
        statements: &[&str],
    ) -> Result<Vec<u64>, (usize, DriverError)> {
        let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        self.on_thread(move |this, connection| {
            let each = statements.iter().enumerate();
            let run = |sql| this.canceller.patiently(&this.notices, || run(connection, sql));
            each.map(|(at, sql)| run(sql).map_err(|e| (at, failed(&e)))).collect()
        })
        .await
        .unwrap_or_else(|lost| Err((0, lost)))
    }

    pub(crate) async fn query(&self, sql: &str) -> Result<Vec<Row>, DriverError> {
        let mut answers = self.query_all(&[sql]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    pub(crate) async fn query_all(&self, queries: &[&str]) -> Result<Vec<Vec<Row>>, DriverError> {
        let queries: Vec<String> = queries.iter().map(|sql| (*sql).to_owned()).collect();
        self.on_thread(move |this, connection| {
            let query = |sql| this.canceller.patiently(&this.notices, || query(connection, sql));
            queries.iter().map(|sql| query(sql).map_err(|e| failed(&e))).collect()
        })
        .await?
    }

    pub(crate) fn canceller(&self) -> SqliteCanceller {
        self.canceller.clone()
    }

    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        self.notices.take()
    }

    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.lock().path().filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    fn lock(&self) -> MutexGuard<'_, rusqlite::Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self, &rusqlite::Connection) -> T + Send + 'static,
    ) -> Result<T, DriverError> {
        let this = self.clone();
        this.canceller.forget();
        tokio::task::spawn_blocking(move || work(&this, &this.lock()))
            .await
            .map_err(|error| DriverError::Lost(error.to_string()))
    }
}

fn connect(path: Option<&PathBuf>, mode: OpenMode) -> rusqlite::Result<rusqlite::Connection> {
    // A missing file may be created later, but a missing folder is an error.
    let folder_is_there = |path: &PathBuf| {
        path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
    };
    let opens =
        |path: &&PathBuf| mode == OpenMode::Write || path.exists() || !folder_is_there(path);
    let Some(path) = path.filter(opens) else {
        // A missing database is read as an empty one.
        return rusqlite::Connection::open_in_memory();
    };
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if mode == OpenMode::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    rusqlite::Connection::open_with_flags(path, flags)
}

fn run(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<u64> {
    let before = connection.total_changes();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(connection.total_changes() - before)
}

fn query(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare(sql)?;
    let columns: Arc<[Box<str>]> = statement.column_names().map(Into::into).collect();
    let count = columns.len();
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let values =
            (0..count).map(|at| row.get_ref(at).map(as_text)).collect::<Result<Vec<_>, _>>()?;
        out.push(Row::new(&columns, values.iter().map(Option::as_deref)));
    }
    Ok(out)
}

fn as_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

fn failed(error: &rusqlite::Error) -> DriverError {
    DriverError::Statement(Box::new(statement_error(error)))
}

fn statement_error(error: &rusqlite::Error) -> StatementError {
    let (code, message, position) = match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            (code_name(*code), message.clone().unwrap_or_else(|| code.to_string()), None)
        }
        rusqlite::Error::SqlInputError { error, msg, sql, offset } => {
            // SQLite counts bytes, and says -1 where it has no position.
            let before = usize::try_from(*offset).ok().and_then(|offset| sql.get(..offset));
            let position = before.map(|before| before.chars().count() + 1);
            (code_name(*error), msg.clone(), position)
        }
        other => (String::new(), other.to_string(), None),
    };
    StatementError { message, code, position, ..StatementError::default() }
}

/// Returns the name of a result code, without what extends it.
fn code_name(error: ffi::Error) -> String {
    const NAMES: [&str; 27] = [
        "OK",
        "ERROR",
        "INTERNAL",
        "PERM",
        "ABORT",
        "BUSY",
        "LOCKED",
        "NOMEM",
        "READONLY",
        "INTERRUPT",
        "IOERR",
        "CORRUPT",
        "NOTFOUND",
        "FULL",
        "CANTOPEN",
        "PROTOCOL",
        "EMPTY",
        "SCHEMA",
        "TOOBIG",
        "CONSTRAINT",
        "MISMATCH",
        "MISUSE",
        "NOLFS",
        "AUTH",
        "FORMAT",
        "RANGE",
        "NOTADB",
    ];
    // The lower eight bits are the primary code.
    let primary = usize::try_from(error.extended_code & 0xff).unwrap_or_default();
    let name = NAMES.get(primary).copied().unwrap_or("ERROR");
    format!("SQLITE_{name}")
}

#[cfg(test)]
mod tests {
    use super::statement_error;

    #[test]
    fn a_position_is_counted_in_characters() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let error = connection.prepare("SELECT 'éé', nope").unwrap_err();
        assert_eq!(statement_error(&error).position, Some(14));
        assert_eq!(statement_error(&error).code, "SQLITE_ERROR");
    }
}
