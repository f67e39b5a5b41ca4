//! Execution of a transaction in one batch.

use aludel_driver::DriverError;

use crate::error::RunError;
use crate::execution::Execution;
use crate::journal::is_forgotten;
use crate::schedule::{Message, Transaction};

use super::bookkeeping;

/// Executes a transaction. No message after a failed one takes effect.
pub(crate) async fn send(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
) -> Result<(), RunError> {
    let Execution { table, journal, .. } = execution;
    let messages = bookkeeping::messages(transaction, table, journal);
    let short = journal
        .execute_after(&transaction.moves, &transaction.line)
        .filter(|_| execution.prepared.get());
    let mut result = batch(execution, &messages, short.as_deref()).await;
    if let Err(failure) = &result
        && short.is_some()
        && is_forgotten(&failure.error)
    {
        // A revision may have run DEALLOCATE ALL.
        execution.connection.run("ROLLBACK").await?;
        execution.prepared.set(false);
        result = batch(execution, &messages, None).await;
    }
    let Err(Failure { at, error }) = result else { return Ok(()) };
    match messages.get(at) {
        Some(Message::Statement(statement)) => {
            Err(execution.failed(Some(statement), transaction.done, error).await)
        }
        Some(Message::Bookkeeping(_)) if journal.is_moved(&error) => {
            execution.connection.run("ROLLBACK").await?;
            Err(execution.version_moved())
        }
        // The bookkeeping failed, or a deferred constraint at COMMIT.
        _ => Err(execution.failed(None, transaction.done, error).await),
    }
}

/// A message that the server refused, by its index.
struct Failure {
    at: usize,
    error: DriverError,
}

/// Sends all messages. `short` is the prepared form of the bookkeeping.
async fn batch(
    execution: &Execution<'_>,
    messages: &[Message<'_>],
    short: Option<&str>,
) -> Result<(), Failure> {
    let sql = |message: &Message<'_>| match message {
        Message::Begin(begin) => (*begin).to_owned(),
        Message::Statement(statement) => statement.sql.clone(),
        Message::Move(sql) => sql.clone(),
        Message::Bookkeeping(plain) => short.unwrap_or(plain).to_owned(),
        Message::Guard(_) => String::new(),
        Message::Commit => "COMMIT".to_owned(),
    };
    let mut all: Vec<String> = messages.iter().map(sql).collect();
    if execution.script.heals() {
        // Messages are sent one by one, because after ROLLBACK TO the messages that follow a failed
        // one would run again, up to COMMIT.
        for (at, sql) in all.iter().enumerate() {
            let ran = execution.connection.run(sql).await;
            ran.map_err(|error| Failure { at, error })?;
        }
        return Ok(());
    }
    // A single message for both saves waiting for one result.
    if let [.., Message::Bookkeeping(_), Message::Commit] = messages
        && let (Some(commit), Some(line)) = (all.pop(), all.last_mut())
    {
        line.push_str(";\n");
        line.push_str(&commit);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let ran = execution.connection.run_all(&all).await;
    ran.map(|_| ()).map_err(|(at, error)| Failure { at, error })
}
