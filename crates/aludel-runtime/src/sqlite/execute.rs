//! Execution of a transaction, one message after the other.

use aludel_driver::DriverError;

use crate::error::RunError;
use crate::execution::{Execution, now};
use crate::journal::Entry;
use crate::schedule::{Guard, Message, Transaction};

use super::bookkeeping;
use super::wholeness::Wholeness;

/// Executes a transaction.
pub(crate) async fn send(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    wholeness: Option<&Wholeness>,
) -> Result<(), RunError> {
    let Execution { table, journal, transition, .. } = execution;
    let started = now();
    let line = Entry { started: Some(&started), ..transaction.line.clone() };
    let moves = transaction.moves.clone();
    let timed = Transaction { line, moves, ..*transaction };
    let messages = bookkeeping::messages(&timed, table, journal, &transition.from, &transition.to);
    for message in &messages {
        if let Err(error) = one(execution, &timed, message, wholeness).await {
            return Err(undone(execution, &timed, message, error).await);
        }
    }
    Ok(())
}

/// The reason why a message failed.
enum Failure {
    /// The database refused the message.
    Refused(DriverError),
    /// A guard does not hold.
    Guard(RunError),
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self::Refused(error)
    }
}

async fn one(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    message: &Message<'_>,
    wholeness: Option<&Wholeness>,
) -> Result<(), Failure> {
    let sql = match message {
        Message::Begin(begin) => begin,
        Message::Statement(statement) => statement.sql.as_str(),
        Message::Bookkeeping(sql) => sql.as_str(),
        Message::Commit => "COMMIT",
        Message::Move(sql) => {
            return match execution.connection.run(sql).await? {
                1 => Ok(()),
                _ => Err(Failure::Guard(version_changed(execution))),
            };
        }
        Message::Guard(guard) => {
            return holds(execution, transaction, guard, wholeness).await.map_err(Failure::Guard);
        }
    };
    execution.connection.run(sql).await?;
    Ok(())
}

async fn holds(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    guard: &Guard,
    wholeness: Option<&Wholeness>,
) -> Result<(), RunError> {
    let Execution { table, connection, .. } = execution;
    match guard {
        Guard::From(rows) => {
            // Before BEGIN no lock keeps other runners out.
            let here = table.heads(connection).await? == *rows;
            match here && execution.is_mine(transaction.done).await? {
                true => Ok(()),
                false => Err(execution.version_moved()),
            }
        }
        Guard::To(rows) => match table.heads(connection).await? == *rows {
            true => Ok(()),
            false => Err(version_changed(execution)),
        },
        // The damage before the first part is already known.
        Guard::WholeBefore => Ok(()),
        Guard::WholeAfter => match wholeness {
            Some(wholeness) => wholeness.check(execution).await,
            None => Ok(()),
        },
    }
}

fn version_changed(execution: &Execution<'_>) -> RunError {
    RunError::VersionChanged { revision: execution.transition.revision.id.clone() }
}

/// Rolls the transaction back and returns the error of the run.
async fn undone(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    message: &Message<'_>,
    failure: Failure,
) -> RunError {
    let done = transaction.done;
    match (message, failure) {
        (Message::Statement(statement), Failure::Refused(error)) => {
            execution.failed(Some(statement), done, error).await
        }
        (Message::Move(_), Failure::Refused(_)) => {
            rolled_back(execution, version_changed(execution)).await
        }
        (Message::Begin(_), Failure::Refused(error)) => error.into(),
        // COMMIT checks deferred constraints.
        (_, Failure::Refused(error)) => execution.failed(None, done, error).await,
        (_, Failure::Guard(error)) => rolled_back(execution, error).await,
    }
}

async fn rolled_back(execution: &Execution<'_>, error: RunError) -> RunError {
    match execution.connection.run("ROLLBACK").await {
        Ok(_) => error,
        Err(error) => error.into(),
    }
}
