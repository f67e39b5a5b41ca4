//! Execution of a transaction, one message after the other.

use std::iter::Peekable;

use aludel_dialect::SqlStatement;
use aludel_driver::DriverError;

use crate::cause::Cause;
use crate::error::{RunError, Stage};
use crate::execution::{Execution, now};
use crate::journal::Entry;
use crate::observer::{Event, Observer};
use crate::schedule::{Guard, Message, Transaction};
use crate::segment::Segment;
use crate::step_run;
use crate::watch::answered;

use super::{bookkeeping, session};

/// Executes a transaction.
pub(crate) async fn send(
    segments: &[Segment<'_>],
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let started = now();
    for (at, segment) in segments.iter().enumerate() {
        let place = Place { is_first: at == 0, is_last: at + 1 == segments.len() };
        one_segment(segment, &started, place, observer).await?;
    }
    let Some(Segment { execution, transaction, .. }) = segments.last() else { return Ok(()) };
    if transaction.ends_transition && execution.script.changes_settings {
        session::forget(execution.run.connection).await?;
    }
    Ok(())
}

/// The place of a segment in its transaction.
#[derive(Clone, Copy)]
struct Place {
    is_first: bool,
    is_last: bool,
}

async fn one_segment(
    segment: &Segment<'_>,
    started: &str,
    place: Place,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let Segment { execution, transaction, .. } = segment;
    let line = Entry { started: Some(started), ..transaction.line.clone() };
    let moves = transaction.moves.clone();
    let timed = Transaction { line, moves, ..**transaction };
    let (run, transition) = (&execution.run, execution.transition);
    let mut messages =
        bookkeeping::messages(&timed, run.table, run.journal, &transition.from, &transition.to)
            .peekable();
    while let Some(message) = messages.next() {
        let belongs = match message {
            Message::Begin(_) => place.is_first,
            Message::Commit => place.is_last,
            Message::Statement(_)
            | Message::Step(..)
            | Message::Move(_)
            | Message::Bookkeeping(_)
            | Message::Guard(_) => true,
        };
        if !belongs {
            continue;
        }
        // Between two statements there is nothing that could be cancelled.
        if observer.stop() {
            return Err(undone(execution, &timed, &message, Failure::Stopped).await);
        }
        let answer = match message {
            Message::Statement(first) => {
                let statements = together(first, &mut messages);
                several(execution, &statements, observer).await
            }
            Message::Step(_, name) => match step_run::run(execution, name, observer).await {
                Ok(_) => Ok(()),
                Err(cause) => Err((message, Failure::Refused(cause))),
            },
            Message::Begin(_)
            | Message::Move(_)
            | Message::Bookkeeping(_)
            | Message::Guard(_)
            | Message::Commit => {
                one(segment, &timed, &message, observer).await.map_err(|failure| (message, failure))
            }
        };
        if let Err((message, failure)) = answer {
            let failure = match failure {
                Failure::Refused(error) if error.is_cancelled() && observer.stop() => {
                    Failure::Stopped
                }
                other => other,
            };
            return Err(undone(execution, &timed, &message, failure).await);
        }
    }
    Ok(())
}

/// Takes statements up to a size off the messages. The thread of the connection runs them without
/// a change of threads between two of them.
fn together<'s>(
    first: &'s SqlStatement<'s>,
    messages: &mut Peekable<impl Iterator<Item = Message<'s>>>,
) -> Vec<&'s SqlStatement<'s>> {
    /// The size in bytes from which on no further statement is added.
    const FULL: usize = 64 * 1024;
    let mut statements = vec![first];
    let mut size = first.sql.len();
    while size < FULL
        && let Some(Message::Statement(next)) =
            messages.next_if(|next| matches!(next, Message::Statement(_)))
    {
        size += next.sql.len();
        statements.push(next);
    }
    statements
}

/// Runs statements in order. Fails with the first one that fails.
async fn several<'s>(
    execution: &Execution<'_>,
    statements: &[&'s SqlStatement<'s>],
    observer: &mut dyn Observer,
) -> Result<(), (Message<'s>, Failure)> {
    let texts: Vec<&str> = statements.iter().map(|statement| statement.sql).collect();
    let answer = execution.run.connection.run_all(&texts);
    let Err((at, error)) = answered(execution.run.watched(), observer, answer).await else {
        return Ok(());
    };
    match statements.get(at).or(statements.first()) {
        Some(statement) => Err((Message::Statement(statement), error.into())),
        None => Ok(()),
    }
}

/// The reason why a message failed.
enum Failure {
    /// The database refused the message, or a step in Rust failed.
    Refused(Cause),
    /// A guard does not hold.
    Guard(RunError),
    /// The observer stopped the run.
    Stopped,
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self::Refused(error.into())
    }
}

async fn one(
    segment: &Segment<'_>,
    transaction: &Transaction<'_>,
    message: &Message<'_>,
    observer: &mut dyn Observer,
) -> Result<(), Failure> {
    let Segment { execution, .. } = segment;
    let connection = execution.run.connection;
    let sql = match message {
        Message::Begin(begin) => begin,
        Message::Statement(statement) | Message::Step(statement, _) => statement.sql,
        Message::Commit => "COMMIT",
        Message::Move(sql) => {
            return match connection.run(sql).await? {
                1 => Ok(()),
                _ => Err(Failure::Guard(version_changed(execution))),
            };
        }
        Message::Bookkeeping(sql) => {
            let rows = answered(execution.run.watched(), observer, connection.run(sql)).await?;
            let journal = execution.run.journal;
            return journal.check_written(transaction.line.revision, rows).map_err(Failure::Guard);
        }
        Message::Guard(guard) => {
            return holds(segment, transaction, guard).await.map_err(Failure::Guard);
        }
    };
    let is_commit = matches!(message, Message::Commit);
    if is_commit {
        observer.event(Event::Committing);
    }
    let answer = answered(execution.run.watched(), observer, connection.run(sql)).await;
    if is_commit {
        observer.event(Event::Committed);
    }
    answer?;
    Ok(())
}

async fn holds(
    segment: &Segment<'_>,
    transaction: &Transaction<'_>,
    guard: &Guard,
) -> Result<(), RunError> {
    let Segment { execution, wholeness, .. } = segment;
    let run = &execution.run;
    match guard {
        Guard::From(rows) => {
            // Before BEGIN no lock keeps other runners out.
            let here = run.table.heads(run.connection).await? == *rows;
            match here && execution.is_mine(transaction.done).await? {
                true => Ok(()),
                false => Err(execution.version_moved()),
            }
        }
        Guard::To(rows) => match run.table.heads(run.connection).await? == *rows {
            true => Ok(()),
            false => Err(version_changed(execution)),
        },
        // The damage before the first part is already known.
        Guard::WholeBefore => Ok(()),
        Guard::WholeAfter => match wholeness {
            Some(wholeness) => wholeness.check(execution, transaction.done).await,
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
        (Message::Statement(statement) | Message::Step(statement, _), Failure::Refused(error)) => {
            execution.failed(statement, done, error).await
        }
        (Message::Move(_), Failure::Refused(_)) => {
            rolled_back(execution, version_changed(execution)).await
        }
        (Message::Begin(_), Failure::Refused(Cause::Database(error))) => error.into(),
        // COMMIT checks deferred constraints.
        (message, Failure::Refused(error)) => {
            let is_bookkeeping = matches!(message, Message::Bookkeeping(_));
            execution.failed_at_the_end(done, is_bookkeeping, error).await
        }
        (_, Failure::Guard(error)) => rolled_back(execution, error).await,
        (_, Failure::Stopped) => {
            execution.rollback().await;
            // A record of it would wait for others that have locked the file.
            let revision = Some(execution.transition.revision.id.clone());
            RunError::Interrupted { revision, stage: Stage::RolledBack, stays: done }
        }
    }
}

async fn rolled_back(execution: &Execution<'_>, error: RunError) -> RunError {
    match execution.run.connection.run("ROLLBACK").await {
        Ok(_) => error,
        Err(error) => error.into(),
    }
}
