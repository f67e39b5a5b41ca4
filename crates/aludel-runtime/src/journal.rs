//! The journal: every run, append-only. Who looks for it and finds none is not worried.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_revision::Direction;

use crate::VersionTable;
use crate::runner::Identity;
use crate::version_table::is_missing_table;

/// The log next to the version table.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    table: String,
    dialect: Dialect,
    identity: Identity,
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) revision: &'a str,
    pub(crate) direction: Direction,
    /// The statement up to which the revision is done; `None`: all of it.
    pub(crate) statement: Option<usize>,
    pub(crate) checksum: &'a str,
    /// When it began, RFC 3339; `None`: when the transaction began.
    pub(crate) started: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
}

impl Journal {
    pub(crate) fn new(version_table: &VersionTable, identity: Identity) -> Self {
        let log =
            VersionTable { name: format!("{}_log", version_table.name), ..version_table.clone() };
        Self { table: log.sql_name(), dialect: version_table.dialect, identity }
    }

    /// Makes the table if it is not there.
    pub(crate) async fn create(&self, connection: &Connection) -> Result<(), DriverError> {
        let (id, time, number) = match self.dialect {
            Dialect::Postgres => {
                ("bigint GENERATED ALWAYS AS IDENTITY", "timestamptz", "double precision")
            }
            Dialect::Sqlite => ("INTEGER", "TEXT", "REAL"),
        };
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} (\n    id {id} PRIMARY KEY,\n    revision text NOT NULL,\n    \
             direction text NOT NULL,\n    statement integer,\n    started {time} NOT NULL,\n    \
             finished {time} NOT NULL,\n    duration_ms {number} NOT NULL,\n    checksum text,\n    \
             who text,\n    host text,\n    tool text,\n    error text\n)",
            self.table
        );
        connection.run(&sql).await.map(|_| ())
    }

    /// The statement that writes one line.
    pub(crate) fn insert(&self, entry: &Entry<'_>) -> String {
        let text = |value: Option<&str>| match value {
            Some(value) => self.dialect.literal(value),
            None => "NULL".to_owned(),
        };
        let (started, finished, duration) = self.clock(entry.started);
        let values = [
            text(Some(entry.revision)),
            text(Some(entry.direction.as_str())),
            entry.statement.map_or("NULL".to_owned(), |number| number.to_string()),
            started,
            finished,
            duration,
            text(Some(entry.checksum)),
            text(self.identity.who.as_deref()),
            text(self.identity.host.as_deref()),
            text(Some(&self.identity.tool)),
            text(entry.error),
        ];
        format!(
            "INSERT INTO {} (revision, direction, statement, started, finished, duration_ms, checksum, who, host, tool, error) VALUES ({})",
            self.table,
            values.join(", ")
        )
    }

    /// When it began and ended, and the milliseconds between, by the database's clock.
    fn clock(&self, started: Option<&str>) -> (String, String, String) {
        match (self.dialect, started) {
            (Dialect::Postgres, None) => (
                "now()".to_owned(),
                "clock_timestamp()".to_owned(),
                "extract(epoch FROM clock_timestamp() - now()) * 1000".to_owned(),
            ),
            (Dialect::Postgres, Some(at)) => {
                let at = self.dialect.literal(at);
                let took =
                    format!("extract(epoch FROM clock_timestamp() - {at}::timestamptz) * 1000");
                (at, "clock_timestamp()".to_owned(), took)
            }
            (Dialect::Sqlite, started) => {
                let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')".to_owned();
                let at = started.map_or(now.clone(), |at| self.dialect.literal(at));
                let took =
                    format!("max(0, round((julianday('now') - julianday({at})) * 86400000, 3))");
                (at, now, took)
            }
        }
    }

    /// The last line about a revision in this direction that was no failure, if it was not wholly
    /// done: the number of statements, and their checksum.
    pub(crate) async fn last(
        &self,
        connection: &Connection,
        revision: &str,
        direction: Direction,
    ) -> Result<Option<(usize, String)>, DriverError> {
        let query = format!(
            "SELECT direction, statement, checksum FROM {} WHERE revision = {} AND error IS NULL ORDER BY id DESC LIMIT 1",
            self.table,
            self.dialect.literal(revision)
        );
        let rows = match connection.query(&query).await {
            Ok(rows) => rows,
            Err(error) if is_missing_table(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let last = rows.first().filter(|row| row.text(0) == direction.as_str());
        Ok(last.and_then(|row| {
            let done = usize::try_from(row.number(1)).unwrap_or_default();
            row.get(1).map(|_| (done, row.text(2).to_owned()))
        }))
    }
}
