//! The journal: an append-only table of all runs. A missing journal table is treated as empty.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError, Row, RowError, StatementError};
use aludel_revision::Direction;
use aludel_schema::QualifiedName;

use crate::version_table::{Move, VersionTable, is_missing_table};

/// The suffix that turns the name of the version table into that of the journal.
const SUFFIX: &str = "_log";

/// The name of the prepared statement for an ordinary transition.
const STEP: &str = "aludel_step";

/// The origin of a run, as the journal records it.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The user of the operating system.
    pub who: Option<String>,
    /// The name of the host.
    pub host: Option<String>,
    /// The program and its version.
    pub tool: String,
}

/// The types of the journal's columns in a dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnTypes {
    /// An integer that counts up, without PRIMARY KEY.
    pub(crate) id: &'static str,
    /// A point in time.
    pub(crate) time: &'static str,
    /// A number with a fractional part.
    pub(crate) number: &'static str,
}

/// The start and the end of an event, as SQL expressions over the database's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) started: String,
    pub(crate) finished: String,
    /// The difference in milliseconds.
    pub(crate) duration: String,
}

/// A function that returns the expressions of a dialect. Its argument is the start, in RFC 3339;
/// `None` stands for the start of the transaction.
pub(crate) type ClockOf = fn(Option<&str>) -> Clock;

/// The journal, a table next to the version table.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    name: QualifiedName,
    /// The quoted name of the table.
    table: String,
    dialect: Dialect,
    identity: Identity,
    types: ColumnTypes,
    clock: ClockOf,
}

/// A line of the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) revision: &'a str,
    pub(crate) kind: Kind,
    /// The number of completed statements; `None` if the whole revision is completed.
    pub(crate) statement: Option<usize>,
    pub(crate) checksum: String,
    /// The start, in RFC 3339; `None` stands for the start of the transaction.
    pub(crate) started: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    /// The whole file, for working copies that do not have it.
    pub(crate) text: Option<&'a str>,
}

/// The event that a line records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A revision ran in this direction.
    Ran(Direction),
    /// The changed text of an applied revision was accepted.
    Rebless,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ran(direction) => direction.as_str(),
            Self::Rebless => "rebless",
        }
    }
}

impl Journal {
    pub(crate) fn new(
        version_table: &VersionTable,
        identity: Identity,
        types: ColumnTypes,
        clock: ClockOf,
    ) -> Self {
        let name = QualifiedName::parse(&version_table.name);
        let name = name.sibling(format!("{}{SUFFIX}", name.name));
        let dialect = version_table.dialect;
        Self { table: dialect.quote_name(&name), name, dialect, identity, types, clock }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the quoted name of the table.
    pub(crate) fn sql_name(&self) -> &str {
        &self.table
    }

    /// Creates the table if it does not exist.
    pub(crate) async fn create(&self, connection: &Connection) -> Result<(), DriverError> {
        connection.run(&self.create_sql()).await.map(|_| ())
    }

    pub(crate) fn create_sql(&self) -> String {
        let ColumnTypes { id, time, number } = self.types;
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n    id {id} PRIMARY KEY,\n    revision text NOT NULL,\n    \
             direction text NOT NULL,\n    statement integer,\n    started {time} NOT NULL,\n    \
             finished {time} NOT NULL,\n    duration_ms {number} NOT NULL,\n    checksum text,\n    \
             who text,\n    host text,\n    tool text,\n    error text,\n    text text\n)",
            self.table
        )
    }

    /// Returns the statement that writes a line.
    pub(crate) fn insert(&self, entry: &Entry<'_>) -> String {
        self.insert_of(entry, self.dialect.literal(entry.revision))
    }

    /// Returns the statement that changes the version table and writes a line. Unless each change
    /// affects exactly one row, the revision of the line is NULL, which its column refuses: see
    /// [`is_moved`](Self::is_moved).
    pub(crate) fn insert_after(
        &self,
        table: &VersionTable,
        moves: &[Move],
        entry: &Entry<'_>,
    ) -> String {
        if moves.is_empty() {
            return self.insert(entry);
        }
        let moves: Vec<String> = moves.iter().map(|change| table.statement(change)).collect();
        let literal = self.dialect.literal(entry.revision);
        self.after(&moves, &literal, |revision| self.insert_of(entry, revision))
    }

    /// Renders `insert` with a revision that is NULL unless each of `moves` affects exactly one
    /// row.
    fn after(&self, moves: &[String], revision: &str, insert: impl Fn(String) -> String) -> String {
        let parts: Vec<String> = moves
            .iter()
            .enumerate()
            .map(|(at, sql)| format!("moved_{at} AS ({sql} RETURNING 1)"))
            .collect();
        let all: Vec<String> =
            (0..moves.len()).map(|at| format!("(SELECT count(*) FROM moved_{at}) = 1")).collect();
        let revision = format!("CASE WHEN {} THEN {revision} END", all.join(" AND "));
        format!("WITH {} {}", parts.join(", "), insert(revision))
    }

    /// Prepares [`insert_after`](Self::insert_after), so that the server parses and plans it once
    /// for all steps from one revision to another. Returns false if that fails, for example if the
    /// name is taken.
    pub(crate) async fn prepare(&self, connection: &Connection, table: &VersionTable) -> bool {
        let change =
            format!("UPDATE {} SET version_num = $2 WHERE version_num = $1", table.sql_name());
        let statement = self.after(&[change], "$3", |revision| {
            let Clock { started, finished, duration } = (self.clock)(None);
            let who =
                [&self.identity.who, &self.identity.host].map(|who| self.text(who.as_deref()));
            let tool = self.text(Some(&self.identity.tool));
            let [who, host] = who;
            self.insert_values(&[
                revision,
                "$4".to_owned(),
                "NULL".to_owned(),
                started,
                finished,
                duration,
                "$5".to_owned(),
                who,
                host,
                tool,
                "NULL".to_owned(),
                "$6".to_owned(),
            ])
        });
        let types = ["text"; 6].join(", ");
        connection.run(&format!("PREPARE {STEP} ({types}) AS {statement}")).await.is_ok()
    }

    /// Returns the call of the prepared form of [`insert_after`](Self::insert_after); `None` for a
    /// transition that is not ordinary.
    pub(crate) fn execute_after(&self, moves: &[Move], entry: &Entry<'_>) -> Option<String> {
        let [Move::Update { from, to }] = moves else { return None };
        let ordinary =
            entry.statement.is_none() && entry.started.is_none() && entry.error.is_none();
        ordinary.then(|| {
            let values = [from, to, entry.revision, entry.kind.as_str(), &entry.checksum];
            let values = values.map(|value| self.dialect.literal(value)).join(", ");
            format!("EXECUTE {STEP}({values}, {})", self.text(entry.text))
        })
    }

    /// Deallocates the prepared statement.
    pub(crate) async fn deallocate(&self, connection: &Connection) {
        // A revision may have deallocated it already.
        let _ = connection.run(&format!("DEALLOCATE {STEP}")).await;
    }

    fn insert_of(&self, entry: &Entry<'_>, revision: String) -> String {
        let Clock { started, finished, duration } = (self.clock)(entry.started);
        self.insert_values(&[
            revision,
            self.text(Some(entry.kind.as_str())),
            entry.statement.map_or("NULL".to_owned(), |number| number.to_string()),
            started,
            finished,
            duration,
            self.text(Some(&entry.checksum)),
            self.text(self.identity.who.as_deref()),
            self.text(self.identity.host.as_deref()),
            self.text(Some(&self.identity.tool)),
            self.text(entry.error),
            self.text(entry.text),
        ])
    }

    fn insert_values(&self, values: &[String; 12]) -> String {
        format!(
            "INSERT INTO {} (revision, direction, statement, started, finished, duration_ms, checksum, who, host, tool, error, text) VALUES ({})",
            self.table,
            values.join(", ")
        )
    }

    fn text(&self, value: Option<&str>) -> String {
        value.map_or_else(|| "NULL".to_owned(), |value| self.dialect.literal(value))
    }

    /// Returns the revisions that an earlier run began outside a transaction and did not complete.
    pub(crate) async fn unfinished(
        &self,
        connection: &Connection,
    ) -> Result<Vec<Unfinished>, DriverError> {
        let query = format!(
            "SELECT l.revision, l.direction, l.statement, l.checksum FROM {0} l \
             WHERE l.error IS NULL AND l.statement IS NOT NULL \
             AND l.id = (SELECT max(m.id) FROM {0} m WHERE m.revision = l.revision AND m.error IS NULL)",
            self.table
        );
        let rows = match connection.query(&query).await {
            Ok(rows) => rows,
            Err(error) if is_missing_table(&error) => Vec::new(),
            Err(error) => return Err(error),
        };
        let read = |row: &Row| {
            Ok(Unfinished {
                revision: row.text("revision")?.to_owned(),
                direction: row.text("direction")?.to_owned(),
                done: usize::try_from(row.number("statement")?).map_err(|_| RowError {
                    column: "statement".to_owned(),
                    problem: "expected a count",
                })?,
                checksum: row.text("checksum")?.to_owned(),
            })
        };
        rows.iter().map(read).collect()
    }
}

/// The progress of an earlier run with a revision.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) revision: String,
    direction: String,
    /// The number of completed statements, with their checksum.
    pub(crate) done: usize,
    pub(crate) checksum: String,
}

impl Unfinished {
    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// Returns true if this is the progress of the given revision in the given direction.
    pub(crate) fn is_of(&self, revision: &str, direction: Direction) -> bool {
        self.revision == revision && self.direction == direction.as_str()
    }
}

/// Returns true if the server does not know the prepared statement (any more).
pub(crate) fn is_forgotten(error: &DriverError) -> bool {
    /// `invalid_sql_statement_name` (PostgreSQL's appendix "PostgreSQL Error Codes").
    const UNKNOWN_NAME: &str = "26000";
    error.statement().is_some_and(|error| error.code == UNKNOWN_NAME)
}

impl Journal {
    /// Returns true if the line was refused because the version table did not have the expected
    /// rows.
    pub(crate) fn is_moved(&self, error: &DriverError) -> bool {
        /// `not_null_violation`.
        const NOT_NULL: &str = "23502";
        /// `unique_violation`.
        const UNIQUE: &str = "23505";
        let violates = |error: &StatementError, code, table: &str| {
            error.code == code && error.table.as_deref() == Some(table)
        };
        error.statement().is_some_and(|error| {
            violates(error, NOT_NULL, &self.name.name)
                || self
                    .name
                    .name
                    .strip_suffix(SUFFIX)
                    .is_some_and(|table| violates(error, UNIQUE, table))
        })
    }
}
