//! The journal: an append-only table of all runs. A missing journal table is treated as empty.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError, StatementError};
use aludel_revision::Direction;
use aludel_schema::QualifiedName;

use crate::error::RunError;
use crate::version_table::{Move, VersionTable};

/// The suffix that turns the name of the version table into that of the journal.
const SUFFIX: &str = "_log";

/// The reason on the line of a batch that was paused. A reason that the database gives has the line of
/// the file with it.
pub(crate) const PAUSED: &str = "paused";

/// The name of the prepared statement for an ordinary transition.
pub(crate) const STEP: &str = "aludel_step";

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

/// The expressions of a dialect that a line of the journal uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expressions {
    pub(crate) clock: ClockOf,
    /// A function from a column with a time to its text in RFC 3339, in UTC with milliseconds.
    pub(crate) time: fn(&str) -> String,
    /// The state of the session that was kept for the line; `NULL` if the database keeps none.
    pub(crate) session: &'static str,
    /// The RETURNING clause of the statement that writes a line; empty for none.
    pub(crate) returning: &'static str,
    /// True if the statement gives a line its number. A sequence would do that too, and would change
    /// the `lastval()` of the session, which a revision may read behind the line.
    pub(crate) numbers_lines: bool,
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
    expressions: Expressions,
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
    pub(crate) text: LineText<'a>,
}

/// The text of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineText<'a> {
    None,
    /// The file of a revision, for working copies that do not have it: see [`Revision::kept`].
    ///
    /// [`Revision::kept`]: aludel_revision::Revision::kept
    File(&'a str),
    /// The state of the session at this point of a revision, for a later run that goes on there.
    Session,
    /// The same before an attempt at this statement, with the statement.
    Attempt(&'a str),
    /// The progress of a batch.
    Progress(&'a str),
    /// The state of the session behind a batch, with the progress that it has made.
    Finished(&'a str),
}

/// The event that a line records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A revision, or statements of it, ran in this direction.
    Ran(Direction),
    /// A statement outside a transaction counts as completed, because somebody has said so.
    Assumed(Direction),
    /// A statement outside a transaction is about to run. Until a line of another kind follows, its
    /// outcome is not recorded.
    Began(Direction),
    /// The changed text of an applied revision was accepted.
    Rebless,
    /// The version table was written by `stamp`, and what was begun counts no more.
    Stamp,
    /// A revision counts as applied, because another tool has applied it.
    Import,
}

impl Kind {
    /// The kinds of lines, each with its name in the column `direction`.
    const ALL: [Self; 9] = [
        Self::Ran(Direction::Upgrade),
        Self::Ran(Direction::Downgrade),
        Self::Assumed(Direction::Upgrade),
        Self::Assumed(Direction::Downgrade),
        Self::Began(Direction::Upgrade),
        Self::Began(Direction::Downgrade),
        Self::Rebless,
        Self::Stamp,
        Self::Import,
    ];

    /// Returns the kind of this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ran(direction) => direction.as_str(),
            Self::Assumed(Direction::Upgrade) => "assume upgrade",
            Self::Assumed(Direction::Downgrade) => "assume downgrade",
            Self::Began(Direction::Upgrade) => "begin upgrade",
            Self::Began(Direction::Downgrade) => "begin downgrade",
            Self::Rebless => "rebless",
            Self::Stamp => "stamp",
            Self::Import => "import",
        }
    }
}

impl Journal {
    pub(crate) fn new(
        version_table: &VersionTable,
        identity: Identity,
        types: ColumnTypes,
        expressions: Expressions,
    ) -> Self {
        let name = QualifiedName::parse(&version_table.name);
        let name = name.sibling(format!("{}{SUFFIX}", name.name));
        let dialect = version_table.dialect;
        Self { table: dialect.quote_name(&name), name, dialect, identity, types, expressions }
    }

    /// Returns the expression for the text of a column with a time.
    pub(crate) fn time(&self, column: &str) -> String {
        (self.expressions.time)(column)
    }

    /// Returns the journal for a script, which neither keeps the state of a session nor reads what a
    /// line returns.
    pub(crate) fn for_script(mut self) -> Self {
        self.expressions = Expressions { session: "NULL", returning: "", ..self.expressions };
        self
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the quoted name of the table.
    pub(crate) fn sql_name(&self) -> &str {
        &self.table
    }

    /// Creates the table if it does not exist.
    pub(crate) async fn create(&self, connection: &Connection<'_>) -> Result<(), DriverError> {
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

    /// Fails if the statement that writes a line has affected another number of rows than one: a
    /// trigger or a rule may take the row away without an error.
    pub(crate) fn check_written(&self, revision: &str, rows: u64) -> Result<(), RunError> {
        match rows {
            1 => Ok(()),
            _ => Err(RunError::NotRecorded {
                revision: revision.to_owned(),
                journal: self.name.to_string(),
            }),
        }
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
            return format!("{}{}", self.insert(entry), self.expressions.returning);
        }
        let moves: Vec<String> = moves.iter().map(|change| table.statement(change)).collect();
        let literal = self.dialect.literal(entry.revision);
        self.after(&moves, &literal, |revision| self.insert_of(entry, revision))
    }

    /// Renders `insert` with a revision that is NULL unless each of `moves` affects exactly one
    /// row.
    fn after(&self, moves: &[String], revision: &str, insert: impl Fn(String) -> String) -> String {
        let returning = self.expressions.returning;
        let parts: Vec<String> = moves
            .iter()
            .enumerate()
            .map(|(at, sql)| format!("moved_{at} AS ({sql} RETURNING 1)"))
            .collect();
        let all: Vec<String> =
            (0..moves.len()).map(|at| format!("(SELECT count(*) FROM moved_{at}) = 1")).collect();
        let revision = format!("CASE WHEN {} THEN {revision} END", all.join(" AND "));
        format!("WITH {} {}{returning}", parts.join(", "), insert(revision))
    }

    /// Prepares [`insert_after`](Self::insert_after), so that the server parses and plans it once
    /// for all steps from one revision to another. Returns false if that fails, for example if the
    /// name is taken.
    pub(crate) async fn prepare(&self, connection: &Connection<'_>, table: &VersionTable) -> bool {
        let change =
            format!("UPDATE {} SET version_num = $2 WHERE version_num = $1", table.sql_name());
        let statement = self.after(&[change], "$3", |revision| {
            let Clock { started, finished, duration } = (self.expressions.clock)(None);
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
            format!("EXECUTE {STEP}({values}, {})", self.line_text(entry.text))
        })
    }

    /// Deallocates the prepared statement.
    pub(crate) async fn deallocate(&self, connection: &Connection<'_>) {
        // A revision may have deallocated it already.
        let _ = connection.run(&format!("DEALLOCATE {STEP}")).await;
    }

    fn insert_of(&self, entry: &Entry<'_>, revision: String) -> String {
        let Clock { started, finished, duration } = (self.expressions.clock)(entry.started);
        self.insert_values(&[
            revision,
            self.text(Some(entry.kind.as_str())),
            entry.statement.map_or("NULL".to_owned(), |number| number.to_string()),
            started,
            finished,
            duration,
            // A line without statements has no checksum.
            self.text(Some(entry.checksum.as_str()).filter(|checksum| !checksum.is_empty())),
            self.text(self.identity.who.as_deref()),
            self.text(self.identity.host.as_deref()),
            self.text(Some(&self.identity.tool)),
            self.text(entry.error),
            self.line_text(entry.text),
        ])
    }

    fn insert_values(&self, values: &[String; 12]) -> String {
        let table = &self.table;
        let (id, overriding, number) = if self.expressions.numbers_lines {
            let number = format!("(SELECT coalesce(pg_catalog.max(id), 0) + 1 FROM {table}), ");
            ("id, ", " OVERRIDING SYSTEM VALUE", number)
        } else {
            ("", "", String::new())
        };
        format!(
            "INSERT INTO {table} ({id}revision, direction, statement, started, finished, duration_ms, checksum, \
             who, host, tool, error, text){overriding} VALUES ({number}{})",
            values.join(", ")
        )
    }

    fn line_text(&self, text: LineText<'_>) -> String {
        match text {
            LineText::None => self.text(None),
            LineText::File(text) | LineText::Progress(text) => self.text(Some(text)),
            LineText::Session | LineText::Attempt(_) => self.expressions.session.to_owned(),
            // A database that keeps no state has room for the progress alone.
            LineText::Finished(progress) => {
                format!("coalesce({}, {})", self.expressions.session, self.text(Some(progress)))
            }
        }
    }

    fn text(&self, value: Option<&str>) -> String {
        value.map_or_else(|| "NULL".to_owned(), |value| self.dialect.literal(value))
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
