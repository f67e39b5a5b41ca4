//! Calls of the SQLite library, through a connection of rusqlite.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::error::{DriverError, StatementError};
use crate::row::Row;
use crate::sqlite_code::code_name;

/// Returns the file of a database; `None` if it is in memory.
pub(crate) fn file(connection: &Connection) -> Option<PathBuf> {
    connection.path().filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Returns true if the database was opened so that it can't be written.
pub(crate) fn is_read_only(connection: &Connection) -> bool {
    // The name is that of the main database, which every connection has.
    connection.is_readonly("main").unwrap_or(false)
}

/// Runs one statement and returns the number of rows that it affected.
pub(crate) fn run(connection: &Connection, sql: &str) -> rusqlite::Result<u64> {
    let before = connection.total_changes();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(connection.total_changes() - before)
}

/// Runs one query and returns its rows.
pub(crate) fn query(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare(sql)?;
    let count = statement.column_count();
    let columns: rusqlite::Result<Arc<[Box<str>]>> =
        (0..count).map(|at| statement.column_name(at).map(Into::into)).collect();
    let columns = columns?;
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

/// Returns the error of a call.
pub(crate) fn failed(error: &rusqlite::Error) -> DriverError {
    DriverError::Statement(Box::new(statement_error(error)))
}

pub(crate) fn statement_error(error: &rusqlite::Error) -> StatementError {
    let (code, message, position) = match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            let name = code_name(code.extended_code);
            (name, message.clone().unwrap_or_else(|| code.to_string()), None)
        }
        rusqlite::Error::SqlInputError { error, msg, sql, offset } => {
            // SQLite counts bytes, and says -1 where it has no position.
            let before = usize::try_from(*offset).ok().and_then(|offset| sql.get(..offset));
            let position = before.map(|before| before.chars().count() + 1);
            (code_name(error.extended_code), msg.clone(), position)
        }
        other => (String::new(), other.to_string(), None),
    };
    StatementError { message, code, position, ..StatementError::default() }
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
