//! A database of either dialect that a case runs in.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::{CaseDialect, State, TestDatabase, server};

/// A database of its own, empty at first.
#[derive(Debug)]
pub enum Place {
    /// A database of the server.
    Postgres(TestDatabase),
    /// A file.
    Sqlite(PathBuf),
}

/// A line that no query returns.
const END: &str = "-- end of an answer --";

impl Place {
    /// Makes an empty database. `file` is its path on SQLite.
    pub fn new(dialect: CaseDialect, file: &Path) -> Self {
        match dialect {
            CaseDialect::Postgres => Self::Postgres(server().cleared_database()),
            CaseDialect::Sqlite => Self::Sqlite(file.to_owned()),
        }
    }

    /// Returns the URL of the database.
    pub fn url(&self) -> String {
        match self {
            Self::Postgres(database) => database.url(),
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
        }
    }

    /// Runs statements.
    ///
    /// # Errors
    ///
    /// Returns what the database says to a statement that it refuses.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::Postgres(database) => database.server().try_sql(&database.name, sql).map(|_| ()),
            Self::Sqlite(path) => Connection::open(path)
                .and_then(|connection| {
                    connection.execute_batch(&format!("PRAGMA foreign_keys = ON;{sql}"))
                })
                .map_err(|error| error.to_string()),
        }
    }

    /// Returns the answers to queries as `psql -At` prints them: a column behind `|`, a row a line.
    /// The answer to a query that fails is what the database says.
    pub fn ask(&self, queries: &[&str]) -> Vec<String> {
        match self {
            Self::Postgres(database) => ask_postgres(database, queries),
            Self::Sqlite(path) => queries
                .iter()
                .map(|query| ask_sqlite(path, query).unwrap_or_else(|error| error.to_string()))
                .collect(),
        }
    }

    /// Returns the schema and the rows.
    ///
    /// # Errors
    ///
    /// Returns what the database says if it can't be read.
    pub fn state(&self) -> Result<State, String> {
        match self {
            Self::Postgres(database) => State::of_postgres(database),
            Self::Sqlite(path) => State::of_sqlite(path).map_err(|error| error.to_string()),
        }
    }
}

/// All queries take one run of `psql`, because starting it takes longer than they do.
fn ask_postgres(database: &TestDatabase, queries: &[&str]) -> Vec<String> {
    let all = queries.iter().map(|query| format!("{query}\n;\n\\echo '{END}'\n"));
    let answered = database.server().try_sql(&database.name, &all.collect::<String>());
    if let Ok(text) = answered {
        let end = format!("{END}\n");
        return text
            .split(&end)
            .take(queries.len())
            .map(|answer| answer.trim_end().to_owned())
            .collect();
    }
    let one = |query: &&str| match database.server().try_sql(&database.name, query) {
        Ok(answer) => answer.trim_end().to_owned(),
        Err(error) => error,
    };
    queries.iter().map(one).collect()
}

fn ask_sqlite(path: &Path, query: &str) -> rusqlite::Result<String> {
    let connection = Connection::open(path)?;
    let mut statement = connection.prepare(query)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let fields = (0..columns).map(|column| row.get_ref(column).map(shown));
        lines.push(fields.collect::<rusqlite::Result<Vec<_>>>()?.join("|"));
    }
    Ok(lines.join("\n").trim_end().to_owned())
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}
