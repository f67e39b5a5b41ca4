//! A run of several transitions in one transaction: either all of them are applied or none.

use crate::database;
use crate::error::RunError;
use crate::execution::Execution;
use crate::observer::Observer;
use crate::schedule::{Part, Schedule};
use crate::segment::Segment;

/// Runs all transitions in one transaction.
pub(crate) async fn run(
    executions: &[Execution<'_>],
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let mut schedules = Vec::new();
    for execution in executions {
        schedules.push(of(execution)?);
    }
    let mut watches = Vec::new();
    for execution in executions {
        watches.push(database::watch(execution).await?);
    }
    let mut segments = Vec::new();
    for (at, ((execution, schedule), wholeness)) in
        executions.iter().zip(&schedules).zip(&watches).enumerate()
    {
        let [Part::Transaction(transaction)] = schedule.parts.as_slice() else { continue };
        execution.tell_running(at + 1, executions.len(), observer);
        segments.push(Segment { execution, transaction, wholeness: wholeness.as_ref() });
    }
    let result = database::send(&segments, observer).await;
    // The first watch knows whether foreign keys were enforced before the run.
    for (execution, wholeness) in executions.iter().zip(watches) {
        if let Some(wholeness) = wholeness {
            wholeness.unwatch(execution).await?;
        }
    }
    result
}

/// Returns the schedule of a transition that is one transaction.
fn of<'e>(execution: &'e Execution<'_>) -> Result<Schedule<'e>, RunError> {
    let refused = |reason: &str| RunError::NotOneTransaction {
        revision: execution.transition.revision.id.clone(),
        reason: reason.to_owned(),
    };
    if execution.begun.is_some() {
        return Err(refused("an earlier run has begun it"));
    }
    let schedule = Schedule::of(execution.transition, &execution.script, 0, execution.run.table);
    match schedule.parts.as_slice() {
        [Part::Transaction(_)] => Ok(schedule),
        _ => Err(refused("it has statements outside of a transaction")),
    }
}
