//! Execution of a statement outside of a transaction.
//!
//! The journal gets a line before the statement and one after it. If a run finds the first without
//! the second, it looks at the catalogue for the outcome.

use aludel_dialect::{Effect, RunnerLock};
use aludel_driver::DriverError;

use crate::database;
use crate::error::{RunError, Stage};
use crate::execution::{Execution, now};
use crate::journal::Entry;
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
    if is_completed(execution, alone, &effect, observer).await? {
        let started = now();
        return database::record(execution, &timed(&alone.line, &started)).await;
    }
    // Foreign keys are enforced, because a statement outside a transaction can't be rolled back.
    if let Some(wholeness) = wholeness {
        wholeness.enforce(execution, true).await?;
    }
    let result = execute(execution, alone, observer).await;
    let Some(wholeness) = wholeness else { return result };
    wholeness.enforce(execution, false).await?;
    result?;
    wholeness.check(execution).await
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

/// Returns true if an earlier run has completed the statement. What an attempt that failed has left
/// behind is removed.
async fn is_completed(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    effect: &Effect,
    observer: &mut dyn Observer,
) -> Result<bool, RunError> {
    let Some(attempt) = execution.attempt(alone.done) else {
        refuse_invalid_index(execution, effect).await?;
        return Ok(false);
    };
    let revision = &execution.transition.revision.id;
    let completed = match database::outcome(execution, effect).await? {
        Outcome::Done => true,
        Outcome::NotDone { leftover } => {
            if let Some(sql) = leftover {
                observer.event(Event::CleaningUp { revision, sql: &sql });
                let removed = execution.run.connection.run(&sql);
                answered(&execution.run, observer, removed).await?;
            }
            false
        }
        // The server has answered to an attempt that is not open. It undoes a statement that fails,
        // unless that has committed a part of its work.
        Outcome::Unknown if !attempt.is_open && !may_commit(execution, alone) => false,
        Outcome::Unknown => match execution.run.settings.unknown {
            UnknownOutcome::Stop => return Err(unknown(execution, alone, attempt.is_open)),
            UnknownOutcome::AssumeDone => return Ok(true),
            UnknownOutcome::RunAgain => return Ok(false),
        },
    };
    if attempt.is_open {
        observer.event(Event::Found { revision, statement: alone.done + 1, completed });
    }
    Ok(completed)
}

/// Fails if the index that the statement builds is there and invalid although no attempt is on
/// record. The index is somebody else's, and IF NOT EXISTS would pass over it.
async fn refuse_invalid_index(execution: &Execution<'_>, effect: &Effect) -> Result<(), RunError> {
    let Effect::IndexBuilt { index, .. } = effect else { return Ok(()) };
    match database::outcome(execution, effect).await? {
        Outcome::NotDone { leftover: Some(_) } => Err(RunError::InvalidIndex {
            revision: execution.transition.revision.id.clone(),
            index: index.clone(),
        }),
        Outcome::NotDone { leftover: None } | Outcome::Done | Outcome::Unknown => Ok(()),
    }
}

fn may_commit(execution: &Execution<'_>, alone: &Alone<'_>) -> bool {
    execution.run.table.dialect.may_commit(alone.statement.sql)
}

fn unknown(execution: &Execution<'_>, alone: &Alone<'_>, is_open: bool) -> RunError {
    RunError::OutcomeUnknown {
        is_open,
        revision: execution.transition.revision.id.clone(),
        direction: execution.transition.direction,
        path: execution.transition.revision.path.clone(),
        line: execution.line_of(alone.statement),
        sql: alone.statement.sql.to_owned(),
        statement: alone.done,
    }
}

async fn execute(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let started = now();
    database::record(execution, &timed(&alone.begin, &started)).await?;
    if let Err(error) = database::run_alone(execution, alone.statement, observer).await {
        return Err(stopped(execution, alone, error, observer).await);
    }
    database::record(execution, &timed(&alone.line, &started)).await
}

/// Returns the error for a statement that did not succeed.
async fn stopped(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    error: DriverError,
    observer: &mut dyn Observer,
) -> RunError {
    let by_us = observer.stop() && error.is_cancelled();
    let failure = execution.failed(Some(alone.statement), alone.done, error).await;
    if by_us {
        let revision = Some(execution.transition.revision.id.clone());
        return RunError::Interrupted { revision, stage: Stage::Cancelled };
    }
    failure
}
