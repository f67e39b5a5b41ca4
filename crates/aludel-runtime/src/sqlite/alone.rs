//! Statements outside of a transaction, and the lines of the journal around them.

use aludel_dialect::SqlStatement;
use aludel_driver::DriverError;

use crate::error::RunError;
use crate::execution::Execution;
use crate::journal::Entry;
use crate::observer::Observer;
use crate::watch::answered;

/// Executes a statement and returns the number of affected rows.
pub(crate) async fn run(
    execution: &Execution<'_>,
    statement: &SqlStatement<'_>,
    observer: &mut dyn Observer,
) -> Result<u64, DriverError> {
    let run = &execution.run;
    answered(run.watched(), observer, run.connection.run(statement.sql)).await
}

/// Writes a line of the journal.
pub(crate) async fn record(
    execution: &Execution<'_>,
    line: &Entry<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let (run, insert) = (&execution.run, execution.run.journal.insert(line));
    let rows = answered(run.watched(), observer, run.connection.run(&insert)).await?;
    run.journal.check_written(line.revision, rows)
}
