//! Statements outside of a transaction, and the lines of the journal around them.

use aludel_dialect::SqlStatement;
use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::execution::Execution;
use crate::journal::{Entry, LineText};
use crate::observer::Observer;
use crate::watch::answered;

use super::server::timeouts;
use super::session::{self, Note};

/// Executes a statement and returns the number of affected rows.
pub(crate) async fn run(
    execution: &Execution<'_>,
    statement: &SqlStatement<'_>,
    observer: &mut dyn Observer,
) -> Result<u64, DriverError> {
    let connection = execution.run.connection;
    let timeouts::Around { before, after } = timeouts::around(execution, statement);
    set(connection, &before).await?;
    let result = answered(execution.run.watched(), observer, connection.run(statement.sql)).await;
    match set(connection, &after).await {
        Err(error) if result.is_ok() && !error.is_cancelled() => Err(error),
        // A cancellation that was too late for the statement may hit what comes behind it.
        Ok(()) | Err(_) => result,
    }
}

/// Returns the statements that begin the transaction of a round of a step.
pub(crate) fn begin_round(execution: &Execution<'_>, statement: &SqlStatement<'_>) -> Vec<String> {
    let mut statements = vec![timeouts::begin(execution).to_owned()];
    statements.extend(timeouts::local(execution, std::slice::from_ref(statement)));
    statements
}

async fn set(connection: &Connection<'_>, settings: &[String]) -> Result<(), DriverError> {
    if !settings.is_empty() {
        connection.run_script(&settings.join(";\n")).await.map_err(|failure| failure.error)?;
    }
    Ok(())
}

/// Writes a line of the journal in a transaction of its own.
pub(crate) async fn record(
    execution: &Execution<'_>,
    line: &Entry<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let note = match line.text {
        LineText::Attempt(sql) => Some(Note::Attempt(sql)),
        LineText::Finished(progress) => Some(Note::Progress(progress)),
        LineText::None | LineText::File(_) | LineText::Session | LineText::Progress(_) => None,
    };
    let mut statements = vec![timeouts::begin(execution).to_owned()];
    statements.extend(session::keep(execution, &[], note));
    statements.extend(timeouts::of_bookkeeping(execution));
    let (journal, at) = (execution.run.journal, statements.len());
    statements.push(journal.insert(line));
    statements.push("COMMIT".to_owned());
    let sql = statements.join(";\n");
    let answer = execution.run.connection.run_script(&sql);
    match answered(execution.run.watched(), observer, answer).await {
        // Some drivers do not tell how many rows the statements of a message affected.
        Ok(answer) => {
            journal.check_written(line.revision, answer.touched.get(at).map_or(1, |n| *n))
        }
        Err(failure) => {
            execution.rollback().await;
            Err(failure.error.into())
        }
    }
}
