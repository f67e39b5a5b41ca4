//! Execution of a transition, part by part.

use crate::attempted::Settled;
use crate::error::{Rounds, RunError, Stage};
use crate::execution::Execution;
use crate::observer::{Event, Observer};
use crate::schedule::{Part, Schedule};
use crate::segment::Segment;
use crate::sqlite::wholeness::Wholeness;
use crate::{alone, attempted, batch, database};

/// Runs the remaining parts. The last transaction changes the version table.
pub(crate) async fn run(
    execution: &Execution<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let already = execution.already();
    let schedule =
        Schedule::of(execution.transition, &execution.script, already, execution.run.table);
    if let Some(begun) = &execution.begun {
        let revision = &execution.transition.revision.id;
        let is_changed = execution.is_batch_changed();
        let rounds = if is_changed { Rounds::default() } else { begun.rounds };
        observer.event(Event::Resuming { revision, done: already, rounds });
        if is_changed {
            let (statement, rounds) = (already + 1, begun.rounds);
            observer.event(Event::BatchChanged { revision, statement, rounds });
        }
        database::restore_session(execution).await?;
    }
    let wholeness = database::watch(execution).await?;
    let result = match attempted::settle(execution, observer).await {
        Ok(settled) => parts(execution, &schedule, settled, wholeness.as_ref(), observer).await,
        Err(error) => Err(error),
    };
    if let Some(wholeness) = wholeness {
        wholeness.unwatch(execution).await?;
    }
    if result.is_err() {
        // The error of the run is the one to report.
        let _ = database::forget_session(execution).await;
    }
    result
}

async fn parts(
    execution: &Execution<'_>,
    schedule: &Schedule<'_>,
    settled: Option<Settled>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    for part in &schedule.parts {
        if observer.stop() {
            let revision = Some(execution.transition.revision.id.clone());
            let stays = part.done();
            return Err(RunError::Interrupted { revision, stage: Stage::Before, stays });
        }
        match part {
            Part::Transaction(transaction) => {
                let segment = Segment { execution, transaction, wholeness };
                database::send(&[segment], observer).await?;
            }
            Part::Alone(part) => {
                let completed = settled.and_then(|settled| settled.completed(part.done));
                alone::run(execution, part, completed, wholeness, observer).await?;
            }
            Part::Batch(part) => batch::run(execution, part, wholeness, observer).await?,
        }
    }
    Ok(())
}
