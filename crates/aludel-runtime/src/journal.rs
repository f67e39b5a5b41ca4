//! The journal: every run, append-only. A missing journal table is treated as empty.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError, Row, RowError, StatementError};
use aludel_revision::Direction;
use aludel_schema::QualifiedName;

use crate::database;
use crate::version_table::{Move, VersionTable, is_missing_table};

/// What the journal's name has behind that of the version table.
const SUFFIX: &str = "_log";

/// The name of the prepared statement of an ordinary step.
const STEP: &str = "aludel_step";

/// Who runs, for the journal.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// The user of the operating system.
    pub who: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// The program and its version.
    pub tool: String,
}

/// The types that a dialect gives the journal's columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnTypes {
    /// A number that counts up, without PRIMARY KEY.
    pub(crate) id: &'static str,
    /// A point in time.
    pub(crate) time: &'static str,
    /// A number with digits behind the point.
    pub(crate) number: &'static str,
}

/// When something began and ended, as SQL of the database's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    pub(crate) started: String,
    pub(crate) finished: String,
    /// The milliseconds between.
    pub(crate) duration: String,
}

/// The log next to the version table.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    name: QualifiedName,
    /// The name as SQL has it.
    table: String,
    dialect: Dialect,
    identity: Identity,
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) revision: &'a str,
    pub(crate) kind: Kind,
    /// The statement up to which the revision is done; `None`: all of it.
    pub(crate) statement: Option<usize>,
    pub(crate) checksum: String,
    /// When it began, RFC 3339; `None`: when the transaction began.
    pub(crate) started: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    /// The whole file, for a checkout that does not have it.
    pub(crate) text: Option<&'a str>,
}

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A revision ran this way.
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
    pub(crate) fn new(version_table: &VersionTable, identity: Identity) -> Self {
        let name = QualifiedName::parse(&version_table.name);
        let name = name.sibling(format!("{}{SUFFIX}", name.name));
        let dialect = version_table.dialect;
        Self { table: dialect.quote_name(&name), name, dialect, identity }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The name as SQL has it.
    pub(crate) fn sql_name(&self) -> &str {
        &self.table
    }

    /// Makes the table if it is not there.
    pub(crate) async fn create(&self, connection: &Connection) -> Result<(), DriverError> {
        connection.run(&self.create_sql()).await.map(|_| ())
    }

    pub(crate) fn create_sql(&self) -> String {
        let ColumnTypes { id, time, number } = database::journal_types(self.dialect);
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\n    id {id} PRIMARY KEY,\n    revision text NOT NULL,\n    \
             direction text NOT NULL,\n    statement integer,\n    started {time} NOT NULL,\n    \
             finished {time} NOT NULL,\n    duration_ms {number} NOT NULL,\n    checksum text,\n    \
             who text,\n    host text,\n    tool text,\n    error text,\n    text text\n)",
            self.table
        )
    }

    /// The statement that writes one line.
    pub(crate) fn insert(&self, entry: &Entry<'_>) -> String {
        self.insert_of(entry, self.dialect.literal(entry.revision))
    }

    /// The statement that moves the version table and writes one line. If a move does not touch
    /// exactly one row, the line has no revision, which its column refuses: see
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

    /// `insert` with a revision that is NULL unless each of `moves` touches exactly one row.
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

    /// Has the server parse and plan [`insert_after`](Self::insert_after) once for all steps from
    /// one revision to another. Says whether it has: a name that is taken is no error.
    pub(crate) async fn prepare(&self, connection: &Connection, table: &VersionTable) -> bool {
        let change =
            format!("UPDATE {} SET version_num = $2 WHERE version_num = $1", table.sql_name());
        let statement = self.after(&[change], "$3", |revision| {
            let Clock { started, finished, duration } = database::clock(self.dialect, None);
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

    /// The prepared form of [`insert_after`](Self::insert_after); `None` for a step that is not
    /// ordinary.
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

    /// Has the server forget it.
    pub(crate) async fn deallocate(&self, connection: &Connection) {
        // A revision may have done so already.
        let _ = connection.run(&format!("DEALLOCATE {STEP}")).await;
    }

    fn insert_of(&self, entry: &Entry<'_>, revision: String) -> String {
        let Clock { started, finished, duration } = database::clock(self.dialect, entry.started);
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

    /// Revisions that an earlier run has begun outside a transaction and not finished.
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

/// How far an earlier run has come with a revision.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) revision: String,
    direction: String,
    /// The number of statements that are done, and the checksum of those.
    pub(crate) done: usize,
    pub(crate) checksum: String,
}

impl Unfinished {
    pub(crate) fn revision(&self) -> &str {
        &self.revision
    }

    /// Whether it is about this revision in this direction.
    pub(crate) fn is_of(&self, revision: &str, direction: Direction) -> bool {
        self.revision == revision && self.direction == direction.as_str()
    }
}

/// Whether the server does not know the prepared statement (any more).
pub(crate) fn is_forgotten(error: &DriverError) -> bool {
    /// `invalid_sql_statement_name`
    const UNKNOWN_NAME: &str = "26000";
    error.statement().is_some_and(|error| error.code == UNKNOWN_NAME)
}

impl Journal {
    /// Whether a line was refused because the version table was not where it was thought to be.
    pub(crate) fn is_moved(&self, error: &DriverError) -> bool {
        /// `not_null_violation`
        const NOT_NULL: &str = "23502";
        /// `unique_violation`
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
