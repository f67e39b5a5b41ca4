//! Execution of a statement outside of a transaction.
//!
//! The journal gets a line before the statement and one after it. A run that finds the first without
//! the second settles that before anything else: see `attempted.rs`.

use aludel_dialect::{Effect, RunnerLock};
use aludel_driver::DriverError;

use crate::database;
use crate::error::{Fate, RunError, Stage};
use crate::execution::{Execution, now};
use crate::journal::{Entry, Kind};
use crate::observer::{Event, Observer};
use crate::outcome::Outcome;
use crate::schedule::Alone;
use crate::sqlite::wholeness::Wholeness;

/// Runs a statement outside of a transaction, or records it as `completed` by an earlier run.
pub(crate) async fn run(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    completed: Option<Kind>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    check_place(execution, alone).await?;
    if let Some(kind) = completed {
        let started = now();
        let line = Entry { kind, ..timed(&alone.line, &started) };
        return record_end(execution, &line, observer).await;
    }
    refuse_invalid_index(execution, alone).await?;
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

/// Fails if the index that the statement builds is there and invalid although no attempt is on
/// record. The index is somebody else's, and IF NOT EXISTS would pass over it.
async fn refuse_invalid_index(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
) -> Result<(), RunError> {
    let effect = execution.run.table.dialect.effect(alone.statement.sql);
    let Effect::IndexBuilt { index, .. } = &effect else { return Ok(()) };
    match database::outcome(execution, &effect, &[]).await? {
        Outcome::NotDone { leftovers } if !leftovers.is_empty() => Err(RunError::InvalidIndex {
            revision: execution.transition.revision.id.clone(),
            index: index.clone(),
        }),
        Outcome::NotDone { .. } | Outcome::Done | Outcome::Unknown => Ok(()),
    }
}

async fn execute(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let started = now();
    begin(execution, &timed(&alone.begin, &started), observer).await?;
    if let Err(error) = database::run_alone(execution, alone.statement, observer).await {
        return Err(stopped(execution, alone, error, observer).await);
    }
    record_end(execution, &timed(&alone.line, &started), observer).await
}

/// Records that a statement is completed. An interruption does not cancel that: the statement would be one
/// whose outcome nobody knows.
pub(crate) async fn record_end(
    execution: &Execution<'_>,
    line: &Entry<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    database::record(execution, line, &mut Unstoppable(observer)).await
}

/// An observer that hears everything and stops nothing.
struct Unstoppable<'o>(&'o mut dyn Observer);

impl Observer for Unstoppable<'_> {
    fn event(&mut self, event: Event<'_>) {
        self.0.event(event);
    }
}

/// Records that the statement begins. It has not begun if that fails.
pub(crate) async fn begin(
    execution: &Execution<'_>,
    line: &Entry<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    match database::record(execution, line, observer).await {
        Err(RunError::Driver(error)) if error.is_cancelled() && observer.stop() => {
            let revision = Some(execution.transition.revision.id.clone());
            let stays = line.statement.unwrap_or_default();
            Err(RunError::Interrupted { revision, stage: Stage::Before, stays })
        }
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
