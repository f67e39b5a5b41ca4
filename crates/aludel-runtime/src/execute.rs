//! Execution of a transition, part by part.

use aludel_dialect::Directive;

use crate::database;
use crate::error::RunError;
use crate::execution::{Execution, now};
use crate::journal::Entry;
use crate::observer::{Event, Observer};
use crate::schedule::{Alone, Part, Schedule};
use crate::sqlite::wholeness::Wholeness;

/// Runs the remaining parts. The last transaction changes the version table.
pub(crate) async fn run(
    execution: &Execution<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let schedule =
        Schedule::of(execution.transition, &execution.script, execution.already, execution.table);
    if execution.already > 0 {
        let revision = &execution.transition.revision.id;
        observer.event(Event::Resuming { revision, done: execution.already });
    }
    let wholeness = database::watch(execution).await?;
    let result = parts(execution, &schedule, wholeness.as_ref(), observer).await;
    if let Some(wholeness) = wholeness {
        wholeness.unwatch(execution).await?;
    }
    result?;
    forget_settings(execution, &schedule).await
}

async fn parts(
    execution: &Execution<'_>,
    schedule: &Schedule<'_>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    for part in &schedule.parts {
        match part {
            Part::Transaction(transaction) => {
                database::send(execution, transaction, wholeness).await?;
            }
            Part::Alone(part) => alone(execution, part, wholeness, observer).await?,
        }
    }
    Ok(())
}

/// Resets the settings of the session, so that a revision can't affect the next one.
async fn forget_settings(
    execution: &Execution<'_>,
    schedule: &Schedule<'_>,
) -> Result<(), RunError> {
    let reset = database::reset_settings(execution.table.dialect);
    if schedule.changes_settings && !reset.is_empty() {
        execution.connection.run_all(reset).await.map_err(|(_, error)| error)?;
    }
    Ok(())
}

async fn alone(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let Some(wholeness) = wholeness else {
        return alone_enforced(execution, alone, observer).await;
    };
    // Foreign keys are enforced, because a statement outside a transaction can't be rolled back.
    wholeness.enforce(execution, true).await?;
    let result = alone_enforced(execution, alone, observer).await;
    wholeness.enforce(execution, false).await?;
    result?;
    wholeness.check(execution).await
}

async fn alone_enforced(
    execution: &Execution<'_>,
    alone: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let (revision, started) = (&execution.transition.revision.id, now());
    if execution.table.heads(execution.connection).await? != execution.transition.from
        || !execution.is_mine(alone.done).await?
    {
        return Err(execution.version_moved());
    }
    loop {
        let rows = match execution.connection.run(&alone.statement.sql).await {
            Ok(rows) => rows,
            Err(error) => {
                return Err(execution.failed(Some(alone.statement), alone.done, error).await);
            }
        };
        if !alone.statement.has(Directive::Batch) || rows == 0 {
            break;
        }
        observer.event(Event::Batch { revision, rows });
        if observer.stop() {
            return Err(RunError::Interrupted { next: revision.clone() });
        }
    }
    let line = Entry { started: Some(&started), ..alone.line.clone() };
    execution.connection.run(&execution.journal.insert(&line)).await?;
    Ok(())
}
