//! The revisions that earlier runs have begun and not completed, as the journal has them.

use aludel_driver::{Connection, DriverError, Row, RowError};
use aludel_revision::Direction;
use serde::Deserialize;

use crate::error::Rounds;
use crate::journal::{Journal, Kind};
use crate::version_table::is_missing_table;

/// The progress of an earlier run with a revision that was not completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) revision: String,
    pub(crate) direction: Direction,
    /// The number of completed statements.
    pub(crate) done: usize,
    /// The checksum of the completed statements.
    pub(crate) checksum: String,
    /// The state of the session after the last recorded event; `None` if it was not recorded.
    pub(crate) session: Option<String>,
    /// The attempt at the statement outside a transaction that comes next.
    pub(crate) attempt: Option<Attempt>,
    /// The recorded rounds of all runs, if that statement is a batch.
    pub(crate) rounds: Rounds,
}

/// An attempt at a statement outside a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The checksum of the completed statements and this one.
    pub(crate) checksum: String,
    /// True if the journal has no outcome for it.
    pub(crate) is_open: bool,
    /// The record of the statement; `None` if the database keeps nothing.
    pub(crate) memory: Option<Memory>,
}

/// The record of a statement outside a transaction from before it runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Memory {
    /// The statement.
    pub(crate) sql: String,
    /// The names of the indexes that were there before, as far as they matter to the statement.
    #[serde(default)]
    pub(crate) indexes: Vec<String>,
}

/// A line about a part of a revision.
struct Line {
    revision: String,
    kind: Kind,
    statement: usize,
    checksum: String,
    failed: bool,
    text: Option<String>,
}

/// Returns what earlier runs have begun and not completed, in the order in which they began.
pub(crate) async fn begun(
    connection: &Connection<'_>,
    journal: &Journal,
) -> Result<Vec<Begun>, DriverError> {
    let query = format!(
        "SELECT l.revision, l.direction, l.statement, l.checksum, l.error IS NOT NULL AS failed, l.text \
         FROM {0} l LEFT JOIN (SELECT m.revision, max(m.id) AS id FROM {0} m \
         WHERE m.statement IS NULL AND m.error IS NULL AND m.direction <> 'rebless' GROUP BY m.revision) d \
         ON d.revision = l.revision WHERE l.statement IS NOT NULL AND (d.id IS NULL OR l.id > d.id) \
         ORDER BY l.id",
        journal.sql_name()
    );
    let rows = match connection.query(&query).await {
        Ok(rows) => rows,
        Err(error) if is_missing_table(&error) => Vec::new(),
        Err(error) => return Err(error),
    };
    let lines = rows.iter().map(line).collect::<Result<Vec<Line>, RowError>>()?;
    let mut all: Vec<Begun> = Vec::new();
    lines.into_iter().for_each(|line| take(&mut all, line));
    all.retain(|begun| begun.done > 0 || begun.attempt.is_some());
    Ok(all)
}

fn line(row: &Row) -> Result<Line, RowError> {
    let wrong = |column: &str, problem| RowError { column: column.to_owned(), problem };
    let kind = Kind::parse(row.text("direction")?)
        .ok_or_else(|| wrong("direction", "expected a direction of a revision"))?;
    Ok(Line {
        revision: row.text("revision")?.to_owned(),
        kind,
        statement: usize::try_from(row.number("statement")?)
            .map_err(|_| wrong("statement", "expected a count"))?,
        checksum: row.text("checksum")?.to_owned(),
        failed: row.flag("failed")?,
        text: row.optional("text")?.map(str::to_owned),
    })
}

fn take(all: &mut Vec<Begun>, line: Line) {
    let (direction, is_attempt) = match line.kind {
        Kind::Ran(direction) | Kind::Assumed(direction) => (direction, false),
        Kind::Began(direction) => (direction, true),
        Kind::Rebless | Kind::Stamp | Kind::Import => return,
    };
    let known = all.iter().position(|begun| begun.revision == line.revision);
    let known = known.filter(|at| all[*at].direction == direction).unwrap_or_else(|| {
        all.retain(|begun| begun.revision != line.revision);
        all.push(Begun {
            revision: line.revision.clone(),
            direction,
            done: 0,
            checksum: String::new(),
            session: None,
            attempt: None,
            rounds: Rounds::default(),
        });
        all.len() - 1
    });
    let begun = &mut all[known];
    // A line about the progress of a batch has other text.
    let progress = line.text.as_deref().and_then(Rounds::parse);
    let text = line.text.filter(|_| progress.is_none());
    begun.rounds = progress.unwrap_or(begun.rounds);
    if is_attempt {
        let memory = text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        begun.attempt = Some(Attempt { checksum: line.checksum, is_open: true, memory });
        begun.session = text.or(begun.session.take());
    } else if line.failed {
        begun.attempt.iter_mut().for_each(|attempt| attempt.is_open = false);
    } else {
        begun.done = line.statement;
        begun.checksum = line.checksum;
        begun.session = text;
        begun.attempt = None;
        begun.rounds = Rounds::default();
    }
}

impl Begun {
    /// Returns true if this is the progress of the given revision in the given direction.
    pub(crate) fn is_of(&self, revision: &str, direction: Direction) -> bool {
        self.revision == revision && self.direction == direction
    }
}
