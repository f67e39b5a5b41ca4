//! The attempt of an earlier run at a statement outside of a transaction.
//!
//! A run that goes on settles it before it does anything else, wherever the file has the statement by
//! now: an attempt whose outcome nobody knows stops the run, and what one that failed has left is removed.

use aludel_dialect::{Directive, Token, significant};

use crate::begun::Attempt;
use crate::database;
use crate::error::RunError;
use crate::execution::Execution;
use crate::journal::Kind;
use crate::observer::{Event, Observer};
use crate::outcome::Outcome;
use crate::settings::UnknownOutcome;
use crate::watch::answered;

/// The result of an attempt whose statement does not run again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    /// The number of statements before the one of the attempt.
    done: usize,
    /// The kind of record for that statement, which does not run again.
    kind: Kind,
}

/// The present place of the statement of an attempt in the file.
struct Place<'s> {
    /// The number of statements before it.
    done: usize,
    /// The statement as the attempt had it.
    sql: &'s str,
    /// True if the statement stands there as it was.
    is_same: bool,
    /// True if what stands there runs outside of a transaction too.
    is_alone: bool,
}

impl Settled {
    /// Returns the kind of record for the statement after the first `done` ones; `None` if it has to run.
    pub(crate) fn completed(self, done: usize) -> Option<Kind> {
        (self.done == done).then_some(self.kind)
    }
}

/// Settles the attempt of an earlier run, and returns its result if the statement is completed.
pub(crate) async fn settle(
    execution: &Execution<'_>,
    observer: &mut dyn Observer,
) -> Result<Option<Settled>, RunError> {
    let attempt = execution.begun.as_ref().and_then(|begun| begun.attempt.as_ref());
    let Some(attempt) = attempt else { return Ok(None) };
    let Some(place) = place(execution, attempt) else { return Ok(None) };
    let Some(kind) = kind(execution, attempt, &place, observer).await? else { return Ok(None) };
    Ok(place.is_alone.then_some(Settled { done: place.done, kind }))
}

/// Returns the place of an attempt: that of the statement with its text, which other statements may
/// stand before by now, or else the first one that is not completed. Returns `None` for a batch, whose
/// rounds are transactions, and if the statement is not known.
fn place<'s>(execution: &'s Execution<'_>, attempt: &'s Attempt) -> Option<Place<'s>> {
    let already = execution.already();
    let rest = execution.script.statements.get(already..).unwrap_or_default();
    let remembered = attempt.memory.as_ref().map(|memory| memory.sql.as_str());
    let moved = rest.iter().position(|statement| {
        execution.script.is_alone(statement) && remembered == Some(statement.sql)
    });
    let at = moved.unwrap_or_default();
    let (done, there) = (already + at, rest.get(at));
    let is_same = match (remembered, there) {
        (_, None) => false,
        (Some(_), Some(_)) => moved.is_some(),
        (None, Some(_)) => attempt.checksum == execution.script.checksum_of(done + 1),
    };
    let sql = remembered.or(there.filter(|_| is_same).map(|statement| statement.sql))?;
    let is_batch = there.is_some_and(|statement| statement.has(Directive::Batch));
    let is_alone = there.is_some_and(|statement| execution.script.is_alone(statement));
    // A statement that can be in a transaction was a batch, if it was begun outside of one.
    let was_batch = (is_batch && is_same) || execution.run.table.dialect.is_atomic(sql);
    (!was_batch).then_some(Place { done, sql, is_same, is_alone: is_alone && !is_batch })
}

/// Returns the kind of record for the statement of an attempt; `None` if it is not completed.
async fn kind(
    execution: &Execution<'_>,
    attempt: &Attempt,
    place: &Place<'_>,
    observer: &mut dyn Observer,
) -> Result<Option<Kind>, RunError> {
    let Place { sql, is_same, done, .. } = *place;
    let (dialect, direction) = (execution.run.table.dialect, execution.transition.direction);
    let known = attempt.memory.as_ref().map_or(&[][..], |memory| memory.indexes.as_slice());
    let revision = &execution.transition.revision.id;
    let was_completed = match database::outcome(execution, &dialect.effect(sql), known).await? {
        Outcome::Done => true,
        Outcome::NotDone { leftovers } => {
            for sql in leftovers {
                if !is_same && takes_care(execution, &sql) {
                    continue;
                }
                observer.event(Event::CleaningUp { revision, sql: &sql });
                let removed = execution.run.connection.run(&sql);
                answered(execution.run.watched(), observer, removed).await?;
            }
            false
        }
        // The server has answered to an attempt that is not open. It undoes a statement that fails,
        // unless that has committed a part of its work.
        Outcome::Unknown if !attempt.is_open && !dialect.may_commit(sql) => false,
        Outcome::Unknown => match execution.run.settings.unknown {
            UnknownOutcome::Stop => return Err(unknown(execution, place, attempt.is_open)),
            UnknownOutcome::AssumeDone => return Ok(Some(Kind::Assumed(direction))),
            UnknownOutcome::RunAgain => return Ok(None),
        },
    };
    if !is_same {
        return Ok(None);
    }
    if attempt.is_open {
        let (statement, completed) = (done + 1, was_completed);
        observer.event(Event::Found { revision, statement, completed });
    }
    Ok(was_completed.then_some(Kind::Ran(direction)))
}

/// Returns true if the rest of the changed file drops or rebuilds the index that a statement would
/// remove. It would fail without that index.
fn takes_care(execution: &Execution<'_>, removal: &str) -> bool {
    let dialect = execution.run.table.dialect;
    let removal = significant(removal, dialect);
    let Some(index) = removal.last().and_then(Token::identifier) else { return false };
    let rest = execution.script.statements.get(execution.already()..).unwrap_or_default();
    rest.iter().any(|statement| {
        let tokens = significant(statement.sql, dialect);
        let is_about = tokens.first().is_some_and(|t| t.is_word("DROP") || t.is_word("REINDEX"));
        is_about && tokens.iter().filter_map(Token::identifier).any(|name| name == index)
    })
}

fn unknown(execution: &Execution<'_>, place: &Place<'_>, is_open: bool) -> RunError {
    let section = execution.script.section.line;
    let there = execution.script.statements.get(place.done).or(execution.script.statements.last());
    RunError::OutcomeUnknown {
        is_open,
        is_same: place.is_same,
        revision: execution.transition.revision.id.clone(),
        direction: execution.transition.direction,
        path: execution.transition.revision.path.clone(),
        line: there.map_or(section, |statement| execution.line_of(statement)),
        sql: place.sql.to_owned(),
        statement: place.done,
    }
}
