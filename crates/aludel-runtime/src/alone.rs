//! Execution of a statement outside of a transaction.
//!
//! The journal gets a line before the statement and one after it. If a run finds the first without
//! the second, it looks at the catalogue for the outcome.

use aludel_dialect::{Effect, RunnerLock};
use aludel_driver::DriverError;

use crate::database;
use crate::error::{Fate, RunError, Stage};
use crate::execution::{Execution, now};
use crate::journal::{Entry, Kind};
use crate::observer::{Event, Observer};
use crate::outcome::Outcome;
use crate::schedule::Alone;
use crate::settings::UnknownOutcome;
use crate::sqlite::wholeness::Wholeness;
use crate::watch::answered;

/// Runs a statement outside of a transaction, unless an earlier run has completed it.
pub(crate) async fn run(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    check_place(execution, alone).await?;
    let effect = execution.run.table.dialect.effect(alone.statement.sql);
    if let Some(kind) = completed(execution, alone, &effect, observer).await? {
        let started = now();
        let line = Entry { kind, ..timed(&alone.line, &started) };
        return database::record(execution, &line).await;
    }
    // Foreign keys are enforced, because a statement outside a transaction can't be rolled back.
    if let Some(wholeness) = wholeness {
        wholeness.enforce(execution, true).await?;
    }
    let result = execute(execution, alone, observer).await;
    let Some(wholeness) = wholeness else { return result };
    wholeness.enforce(execution, false).await?;
    result?;
    wholeness.check(execution, alone.done + 1).await
}

/// Fails if another runner has moved on in the meantime, which the lock of a server rules out.
pub(crate) async fn check_place(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
) -> Result<(), RunError> {
    match execution.run.table.dialect.capabilities().lock {
        RunnerLock::Advisory => return Ok(()),
        RunnerLock::File => {}
    }
    let heads = execution.run.table.heads(execution.run.connection).await?;
    if heads != execution.transition.from || !execution.is_mine(alone.done).await? {
        return Err(execution.version_moved());
    }
    Ok(())
}

pub(crate) fn timed<'e>(line: &Entry<'e>, started: &'e str) -> Entry<'e> {
    Entry { started: Some(started), ..line.clone() }
}

/// Returns the kind of record for a statement that an earlier run has completed; `None` if it has to
/// run. What an attempt that failed has left behind is removed, also if the statement was changed
/// since.
async fn completed(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    effect: &Effect,
    observer: &mut dyn Observer,
) -> Result<Option<Kind>, RunError> {
    let direction = execution.transition.direction;
    let now = alone.statement.sql;
    let tried = execution.attempt(alone.done, now).and_then(|attempt| {
        let is_same = execution.is_same(attempt, alone.done, now);
        let sql = attempt.memory.as_ref().map(|memory| memory.sql.as_str());
        Some((attempt, is_same, sql.or(is_same.then_some(now))?))
    });
    let Some((attempt, is_same, sql)) = tried else {
        refuse_invalid_index(execution, effect).await?;
        return Ok(None);
    };
    let dialect = execution.run.table.dialect;
    let known = attempt.memory.as_ref().map_or(&[][..], |memory| memory.indexes.as_slice());
    let revision = &execution.transition.revision.id;
    let was_completed = match database::outcome(execution, &dialect.effect(sql), known).await? {
        Outcome::Done => true,
        Outcome::NotDone { leftovers } => {
            for sql in leftovers {
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
            UnknownOutcome::Stop => return Err(unknown(execution, alone, sql, attempt.is_open)),
            UnknownOutcome::AssumeDone => return Ok(Some(Kind::Assumed(direction))),
            UnknownOutcome::RunAgain => return Ok(None),
        },
    };
    if !is_same {
        refuse_invalid_index(execution, effect).await?;
        return Ok(None);
    }
    if attempt.is_open {
        let (statement, completed) = (alone.done + 1, was_completed);
        observer.event(Event::Found { revision, statement, completed });
    }
    Ok(was_completed.then_some(Kind::Ran(direction)))
}

/// Fails if the index that the statement builds is there and invalid although no attempt is on
/// record. The index is somebody else's, and IF NOT EXISTS would pass over it.
async fn refuse_invalid_index(execution: &Execution<'_>, effect: &Effect) -> Result<(), RunError> {
    let Effect::IndexBuilt { index, .. } = effect else { return Ok(()) };
    match database::outcome(execution, effect, &[]).await? {
        Outcome::NotDone { leftovers } if !leftovers.is_empty() => Err(RunError::InvalidIndex {
            revision: execution.transition.revision.id.clone(),
            index: index.clone(),
        }),
        Outcome::NotDone { .. } | Outcome::Done | Outcome::Unknown => Ok(()),
    }
}

fn unknown(execution: &Execution<'_>, alone: &Alone<'_>, sql: &str, is_open: bool) -> RunError {
    RunError::OutcomeUnknown {
        is_open,
        revision: execution.transition.revision.id.clone(),
        direction: execution.transition.direction,
        path: execution.transition.revision.path.clone(),
        line: execution.line_of(alone.statement),
        sql: sql.to_owned(),
        statement: alone.done,
    }
}

async fn execute(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let started = now();
    begin(execution, &timed(&alone.begin, &started)).await?;
    if let Err(error) = database::run_alone(execution, alone.statement, observer).await {
        return Err(stopped(execution, alone, error, observer).await);
    }
    database::record(execution, &timed(&alone.line, &started)).await
}

/// Records that the statement begins. It has not begun if that fails.
pub(crate) async fn begin(execution: &Execution<'_>, line: &Entry<'_>) -> Result<(), RunError> {
    match database::record(execution, line).await {
        Err(RunError::Driver(DriverError::Lost(reason))) => {
            let done = line.statement.unwrap_or_default();
            Err(execution.connection_lost(reason, Fate::RolledBack, done, false))
        }
        other => other,
    }
}

/// Returns the error for a statement that did not succeed.
async fn stopped(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    error: DriverError,
    observer: &mut dyn Observer,
) -> RunError {
    let by_us = observer.stop() && error.is_cancelled();
    let failure = execution.failed(alone.statement, alone.done, error.into()).await;
    if by_us {
        let revision = Some(execution.transition.revision.id.clone());
        return RunError::Interrupted { revision, stage: Stage::Cancelled, stays: alone.done };
    }
    failure
}
