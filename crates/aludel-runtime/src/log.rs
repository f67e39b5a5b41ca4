//! The lines of the journal, to look at.

use aludel_driver::{Connection, DriverError, Row, RowError};

use crate::database;
use crate::error::Rounds;
use crate::journal::{Identity, Kind, PAUSED};
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
    /// The start, in RFC 3339 and UTC.
    pub started: String,
    /// The end, in RFC 3339 and UTC.
    pub finished: String,
    /// The progress of a batch in all runs until then: its rounds and rows.
    pub progress: Option<String>,
    /// The time in milliseconds. At the end of a revision of several parts it is the sum of them,
    /// without the time between two runs.
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
    /// A batch was paused by an interruption.
    Paused,
    /// A statement outside a transaction began, and a later line has its outcome.
    Began,
    /// A statement outside a transaction began, and no later line has its outcome.
    Unknown,
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
    let ends =
        "l.statement IS NULL AND l.error IS NULL AND l.direction IN ('upgrade', 'downgrade')";
    let parts = parts(name);
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
    let (started, finished) = (journal.time("l.started"), journal.time("l.finished"));
    let query = format!(
        "SELECT l.revision, l.direction, l.statement, {started} AS started, \
         {finished} AS finished, l.duration_ms + CASE WHEN {ends} THEN coalesce({parts}, 0) ELSE 0 END AS duration_ms, l.who, \
         l.host, l.tool, l.error, CASE WHEN {last} THEN 1 ELSE 0 END AS is_last, \
         CASE WHEN l.statement IS NOT NULL THEN l.text END AS note \
         FROM {name} l{condition} ORDER BY l.id DESC{limit}"
    );
    match connection.query(&query).await {
        Ok(rows) => Ok(rows.iter().map(line).collect::<Result<_, _>>()?),
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Returns the query for the time of the parts before a line at the end of a revision.
fn parts(name: &str) -> String {
    format!(
        "(SELECT sum(p.duration_ms) FROM {name} p WHERE p.revision = l.revision \
         AND p.direction = l.direction AND p.statement IS NOT NULL \
         AND (p.error IS NULL OR p.error = '{PAUSED}') AND p.id < l.id \
         AND p.id > coalesce((SELECT max(e.id) FROM {name} e WHERE e.revision = l.revision \
         AND e.statement IS NULL AND e.error IS NULL AND e.direction <> 'rebless' AND e.id < l.id), 0))"
    )
}

/// Returns the progress of a batch in the text of a line, which may be a part of the state of the
/// session.
fn progress(text: &str) -> Option<String> {
    if let Some(rounds) = Rounds::parse(text) {
        return Some(rounds.to_string());
    }
    let state: serde_json::Value = serde_json::from_str(text).ok()?;
    state.get("progress")?.as_str().map(str::to_owned)
}

fn line(row: &Row) -> Result<LogLine, RowError> {
    let wrong = |column: &str, problem| RowError { column: column.to_owned(), problem };
    let owned = |column: &str| row.optional(column).map(|text| text.map(str::to_owned));
    let event = row.text("direction")?.to_owned();
    let began = matches!(Kind::parse(&event), Some(Kind::Began(_)));
    let outcome = match (owned("error")?, began) {
        (Some(error), _) if error == PAUSED => LogOutcome::Paused,
        (Some(error), _) => LogOutcome::Failed(error),
        (None, false) => LogOutcome::Done,
        (None, true) if row.flag("is_last")? => LogOutcome::Unknown,
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
        progress: owned("note")?.as_deref().and_then(progress),
        started: row.text("started")?.to_owned(),
        finished: row.text("finished")?.to_owned(),
        duration_ms: duration.parse().map_err(|_| wrong("duration_ms", "expected a number"))?,
        who: owned("who")?,
        host: owned("host")?,
        tool: owned("tool")?,
    })
}
