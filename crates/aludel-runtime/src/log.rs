//! The lines of the journal, to look at.

use aludel_driver::{Connection, DriverError, Row, RowError};

use crate::database;
use crate::journal::{Identity, Kind};
use crate::version_table::{VersionTable, is_missing_table};

/// A line of the journal.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// The id of the revision.
    pub revision: String,
    /// The kind of event: `upgrade`, `downgrade`, `rebless`, `stamp`, `import`, or one
    /// of the first two with `begin` or `assume` before it.
    pub event: String,
    /// The number of completed statements; `None` if the whole revision is completed.
    pub statement: Option<u64>,
    /// The outcome of the event.
    pub outcome: LogOutcome,
    /// The start, in the format of the database.
    pub started: String,
    /// The end, in the format of the database.
    pub finished: String,
    /// The difference in milliseconds.
    pub duration_ms: f64,
    /// The user of the operating system.
    pub who: Option<String>,
    /// The name of the host.
    pub host: Option<String>,
    /// The program and its version.
    pub tool: Option<String>,
}

/// The outcome of the event that a line records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogOutcome {
    /// It was completed.
    Done,
    /// It failed, for this reason.
    Failed(String),
    /// A statement outside a transaction began, and a later line has its outcome.
    Began,
    /// A statement outside a transaction began, and no later line has its outcome. The text is the
    /// progress of a batch.
    Unknown(Option<String>),
}

/// The lines to read.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// The greatest number of lines; `None` for all.
    pub limit: Option<usize>,
    /// The beginning of the id of a revision; `None` for all revisions.
    pub revision: Option<String>,
    /// True to leave out the beginnings whose outcome has a line of its own.
    pub outcomes: bool,
}

/// Returns lines of the journal, the newest one first. A missing journal is treated as empty.
///
/// # Errors
///
/// Fails if the journal can't be read.
pub async fn log(
    connection: &Connection<'_>,
    table: &VersionTable,
    filter: &LogFilter,
) -> Result<Vec<LogLine>, DriverError> {
    let journal = database::journal(table, Identity::default());
    let name = journal.sql_name();
    let last = format!("l.id = (SELECT max(m.id) FROM {name} m WHERE m.revision = l.revision)");
    let mut conditions = Vec::new();
    if let Some(start) = &filter.revision {
        let count = start.chars().count();
        let start = table.dialect.literal(start);
        conditions.push(format!("substr(l.revision, 1, {count}) = {start}"));
    }
    if filter.outcomes {
        conditions.push(format!("(l.direction NOT LIKE 'begin%' OR {last})"));
    }
    let condition = match conditions.as_slice() {
        [] => String::new(),
        all => format!(" WHERE {}", all.join(" AND ")),
    };
    let limit = filter.limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
    let query = format!(
        "SELECT l.revision, l.direction, l.statement, l.started, l.finished, l.duration_ms, l.who, \
         l.host, l.tool, l.error, CASE WHEN {last} THEN 1 ELSE 0 END AS is_last, \
         CASE WHEN l.direction LIKE 'begin%' AND l.text NOT LIKE '{{%' THEN l.text END AS progress \
         FROM {name} l{condition} ORDER BY l.id DESC{limit}"
    );
    match connection.query(&query).await {
        Ok(rows) => Ok(rows.iter().map(line).collect::<Result<_, _>>()?),
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn line(row: &Row) -> Result<LogLine, RowError> {
    let wrong = |column: &str, problem| RowError { column: column.to_owned(), problem };
    let owned = |column: &str| row.optional(column).map(|text| text.map(str::to_owned));
    let event = row.text("direction")?.to_owned();
    let began = matches!(Kind::parse(&event), Some(Kind::Began(_)));
    let outcome = match (owned("error")?, began) {
        (Some(error), _) => LogOutcome::Failed(error),
        (None, false) => LogOutcome::Done,
        (None, true) if row.flag("is_last")? => LogOutcome::Unknown(owned("progress")?),
        (None, true) => LogOutcome::Began,
    };
    let statement = match row.optional("statement")? {
        Some(number) => Some(number.parse().map_err(|_| wrong("statement", "expected a count"))?),
        None => None,
    };
    let duration = row.text("duration_ms")?;
    Ok(LogLine {
        revision: row.text("revision")?.to_owned(),
        event,
        statement,
        outcome,
        started: row.text("started")?.to_owned(),
        finished: row.text("finished")?.to_owned(),
        duration_ms: duration.parse().map_err(|_| wrong("duration_ms", "expected a number"))?,
        who: owned("who")?,
        host: owned("host")?,
        tool: owned("tool")?,
    })
}
