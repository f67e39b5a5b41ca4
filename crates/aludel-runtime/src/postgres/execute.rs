//! Execution of a transaction in messages of several statements.
//!
//! The server executes nothing behind a statement that failed, so that a BEGIN that was cancelled
//! can't leave the statements behind it without a transaction. COMMIT is a message of its own. It
//! is sent when all answers are there and nobody has asked the run to stop.

use aludel_driver::{DriverError, Row, ScriptFailure};

use crate::cause::Cause;
use crate::error::{Fate, RunError, Stage};
use crate::execution::Execution;
use crate::journal::{LineText, is_forgotten};
use crate::observer::{Event, Observer};
use crate::schedule::Message;
use crate::segment::Segment;
use crate::watch::answered;
use crate::{retry, step_run};

use super::server::message::{Origin, Script};
use super::server::{commit, timeouts};
use super::{bookkeeping, session};

/// Executes a transaction, again if it was rolled back because of a lock.
pub(crate) async fn send(
    segments: &[Segment<'_>],
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let Some(first) = segments.first() else { return Ok(()) };
    let of = first.execution.run.settings.lock_attempts.max(1);
    let mut attempt = 1;
    loop {
        let failure = match once(segments, observer).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        if failure.may_repeat() && attempt < of && !observer.stop() {
            first.execution.rollback().await;
            let (id, reason) = (&first.execution.transition.revision.id, failure.to_string());
            retry::pause(id, attempt, of, &reason, observer).await;
            attempt += 1;
        } else if failure.is_forgotten(first.execution) {
            // A revision may have run DEALLOCATE ALL.
            first.execution.rollback().await;
            first.execution.run.prepared.set(false);
        } else {
            return Err(error(segments, failure, observer).await);
        }
    }
}

/// The reason why a transaction was not committed.
enum Failure {
    /// The server refused a statement, or did not answer.
    Refused {
        origin: Origin,
        error: DriverError,
    },
    /// A step in Rust failed.
    Step {
        origin: Origin,
        cause: Cause,
    },
    /// COMMIT was sent, and the connection was lost before the answer.
    CommitLost {
        reason: String,
        fate: Fate,
    },
    /// The observer stopped the run.
    Stopped,
    /// Another session of the server has answered.
    Pooled,
    Other(RunError),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { error, .. } => write!(f, "{error}"),
            Self::Step { cause, .. } => write!(f, "{cause}"),
            Self::CommitLost { reason, .. } => f.write_str(reason),
            Self::Stopped | Self::Pooled => Ok(()),
            Self::Other(error) => write!(f, "{error}"),
        }
    }
}

impl Failure {
    fn may_repeat(&self) -> bool {
        match self {
            Self::Refused { error, .. } => timeouts::may_repeat(error),
            Self::Step { cause, .. } => cause.database().is_some_and(timeouts::may_repeat),
            Self::CommitLost { .. } | Self::Stopped | Self::Pooled | Self::Other(_) => false,
        }
    }

    fn is_forgotten(&self, execution: &Execution<'_>) -> bool {
        match self {
            Self::Refused { origin: Origin::Bookkeeping { .. }, error } => {
                execution.run.prepared.get() && is_forgotten(error)
            }
            _ => false,
        }
    }
}

/// Executes a transaction once.
async fn once(segments: &[Segment<'_>], observer: &mut dyn Observer) -> Result<(), Failure> {
    let Some(Segment { execution, .. }) = segments.first() else { return Ok(()) };
    let mut sender = Sender { execution, observer, script: Script::default(), witness: None };
    sender.add(Origin::Frame, timeouts::begin(execution)).await?;
    for (at, segment) in segments.iter().enumerate() {
        for setting in timeouts::local(segment.execution, segment.transaction.statements) {
            sender.add(Origin::Frame, &setting).await?;
        }
        sender.segment(at, segment).await?;
        if at + 1 < segments.len() {
            for sql in session::reset(&segment.execution.run) {
                sender.add(Origin::Frame, &sql).await?;
            }
        }
    }
    sender.flush().await?;
    let witness = sender.witness.take();
    if observer.stop() {
        return Err(Failure::Stopped);
    }
    commit(segments, witness, observer).await
}

/// Sends COMMIT, and what resets the session after the end of a transition.
async fn commit(
    segments: &[Segment<'_>],
    witness: Option<Row>,
    observer: &mut dyn Observer,
) -> Result<(), Failure> {
    let Some(Segment { execution, transaction, .. }) = segments.last() else { return Ok(()) };
    let witness = witness.map(|row| commit::Witness::read(&row)).transpose();
    let witness = witness.map_err(|error| Failure::Other(DriverError::from(error).into()))?;
    if let (Some(witness), Some(pid)) = (&witness, execution.run.facts.pid.get())
        && witness.pid != *pid
    {
        return Err(Failure::Pooled);
    }
    let mut script = Script::default();
    script.add(Origin::Commit, "COMMIT");
    if transaction.ends_transition {
        for sql in session::reset(&execution.run) {
            script.add(Origin::Frame, &sql);
        }
    }
    let connection = execution.run.connection;
    observer.event(Event::Committing);
    let answer = connection.run_script(script.text());
    let answer = answered(execution.run.watched(), observer, answer).await;
    observer.event(Event::Committed);
    let Err(ScriptFailure { completed, error }) = answer else { return Ok(()) };
    match error {
        // The loss may also fall between COMMIT and what resets the session.
        DriverError::Lost(reason) => {
            let fate = commit::fate(execution, transaction, witness.as_ref()).await;
            Err(Failure::CommitLost { reason, fate })
        }
        error if completed == 0 => Err(Failure::Refused { origin: Origin::Commit, error }),
        error => Err(Failure::Other(error.into())),
    }
}

/// Collects statements to messages and sends them.
struct Sender<'a, 'o> {
    execution: &'a Execution<'a>,
    observer: &'o mut dyn Observer,
    script: Script,
    /// The row that the bookkeeping returned.
    witness: Option<Row>,
}

impl Sender<'_, '_> {
    async fn segment(&mut self, at: usize, segment: &Segment<'_>) -> Result<(), Failure> {
        let Segment { execution, transaction, .. } = segment;
        let run = &execution.run;
        let short = run.journal.execute_after(&transaction.moves, &transaction.line);
        let short = short.filter(|_| run.prepared.get());
        let mut index = 0;
        for message in bookkeeping::inner(transaction, run.table, run.journal) {
            match message {
                Message::Statement(statement) => {
                    let origin = Origin::Statement { segment: at, index };
                    index += 1;
                    if let Some(data) = statement.data() {
                        self.copy(origin, statement.sql, data).await?;
                        continue;
                    }
                    self.add(origin, statement.sql).await?;
                    // Later statements may have to be parsed by the new settings.
                    if run.table.dialect.may_change_session(statement.sql) {
                        self.flush().await?;
                    }
                }
                Message::Step(_, name) => {
                    let origin = Origin::Statement { segment: at, index };
                    index += 1;
                    self.flush().await?;
                    let done = step_run::run(execution, name, self.observer).await;
                    done.map_err(|cause| Failure::Step { origin, cause })?;
                }
                Message::Bookkeeping(plain) => {
                    let origin = Origin::Bookkeeping { segment: at };
                    for sql in session::keep(execution, transaction.statements, None) {
                        self.add(origin, &sql).await?;
                    }
                    self.add(origin, short.as_deref().unwrap_or(&plain)).await?;
                    // What comes behind may return rows too.
                    let touched = self.flush().await?;
                    let rows = touched.last().map_or(1, |rows| *rows);
                    let written = run.journal.check_written(transaction.line.revision, rows);
                    written.map_err(Failure::Other)?;
                }
                // The other messages are not part of a transaction's inside on PostgreSQL.
                Message::Begin(_) | Message::Move(_) | Message::Guard(_) | Message::Commit => {}
            }
        }
        Ok(())
    }

    async fn add(&mut self, origin: Origin, sql: &str) -> Result<(), Failure> {
        if self.script.is_full(sql) {
            self.flush().await?;
        }
        self.script.add(origin, sql);
        Ok(())
    }

    /// Sends a COPY with its data.
    async fn copy(&mut self, origin: Origin, sql: &str, data: &str) -> Result<(), Failure> {
        self.flush().await?;
        let run = &self.execution.run;
        let copied =
            answered(run.watched(), self.observer, run.connection.copy_in(sql, data)).await;
        copied.map(|_| ()).map_err(|error| Failure::Refused { origin, error })
    }

    /// Sends what is collected, and returns the number of rows that each statement affected, as far
    /// as the driver tells.
    async fn flush(&mut self) -> Result<Vec<u64>, Failure> {
        if self.script.is_empty() {
            return Ok(Vec::new());
        }
        let script = std::mem::take(&mut self.script);
        if self.observer.stop() {
            return Err(Failure::Stopped);
        }
        let connection = self.execution.run.connection;
        let answer = connection.run_script(script.text());
        match answered(self.execution.run.watched(), self.observer, answer).await {
            Ok(answer) => {
                if script.ends_with_bookkeeping() {
                    self.witness = answer.last_row;
                }
                Ok(answer.touched)
            }
            Err(failure) => {
                let (origin, error) = script.blame(failure);
                Err(Failure::Refused { origin, error })
            }
        }
    }
}

/// Rolls back and returns the error of the run.
async fn error(
    segments: &[Segment<'_>],
    failure: Failure,
    observer: &mut dyn Observer,
) -> RunError {
    let at = match &failure {
        Failure::Refused { origin, .. } | Failure::Step { origin, .. } => origin.segment(),
        Failure::CommitLost { .. } | Failure::Stopped | Failure::Pooled | Failure::Other(_) => None,
    };
    let Some(segment) = at.and_then(|at| segments.get(at)).or(segments.last()) else {
        return RunError::Pooled;
    };
    let Segment { execution, transaction, .. } = segment;
    match failure {
        Failure::CommitLost { reason, fate } => {
            execution.connection_lost(reason, fate, transaction.done, true)
        }
        Failure::Other(error) => {
            execution.rollback().await;
            error
        }
        Failure::Pooled => {
            execution.rollback().await;
            RunError::Pooled
        }
        Failure::Stopped => interrupted(execution, transaction.done).await,
        Failure::Refused { error, .. } if error.is_cancelled() && observer.stop() => {
            interrupted(execution, transaction.done).await
        }
        Failure::Step { cause, .. } if cause.is_cancelled() && observer.stop() => {
            interrupted(execution, transaction.done).await
        }
        Failure::Step { origin, cause } => failed(segment, origin, cause).await,
        Failure::Refused { origin, error } => {
            let run = &execution.run;
            let is_moved =
                matches!(origin, Origin::Bookkeeping { .. }) && run.journal.is_moved(&error);
            if is_moved {
                execution.rollback().await;
                return execution.version_moved();
            }
            failed(segment, origin, error.into()).await
        }
    }
}

async fn failed(segment: &Segment<'_>, origin: Origin, cause: Cause) -> RunError {
    let Segment { execution, transaction, .. } = segment;
    match origin.statement(transaction.statements) {
        Some(statement) => execution.failed(statement, transaction.done, cause).await,
        None => {
            let is_bookkeeping = matches!(origin, Origin::Bookkeeping { .. });
            execution.failed_at_the_end(transaction.done, is_bookkeeping, cause).await
        }
    }
}

async fn interrupted(execution: &Execution<'_>, stays: usize) -> RunError {
    execution.rollback().await;
    execution
        .record_failure(stays, "interrupted; the transaction was rolled back", LineText::None)
        .await;
    let revision = Some(execution.transition.revision.id.clone());
    RunError::Interrupted { revision, stage: Stage::RolledBack, stays }
}
