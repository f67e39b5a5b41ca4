//! The context of one transition while it runs, and the record of its failure.

use aludel_dialect::SqlStatement;
use aludel_driver::{Connection, DriverError};
use aludel_revision::{Revision, Transition};

use crate::begun::{self, Begun};
use crate::cause::Cause;
use crate::error::{Fate, RunError, StatementFailure};
use crate::flag::Flag;
use crate::journal::{Entry, Journal, Kind, LineText};
use crate::observer::{Event, Observer};
use crate::postgres::server::role;
use crate::script::Script;
use crate::session_facts::SessionFacts;
use crate::settings::RunSettings;
use crate::steps::Steps;
use crate::version_table::VersionTable;
use crate::watch::Watched;

/// The context that the transitions of a run share.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) connection: &'a Connection<'a>,
    pub(crate) table: &'a VersionTable,
    pub(crate) journal: &'a Journal,
    pub(crate) settings: &'a RunSettings,
    pub(crate) facts: &'a SessionFacts,
    pub(crate) steps: &'a Steps,
    /// True if the server knows the prepared form of the journal's line.
    pub(crate) prepared: &'a Flag,
}

impl<'a> Run<'a> {
    pub(crate) fn watched(&self) -> Watched<'a> {
        let (pid, lock_timeout) = (&self.facts.pid, self.settings.lock_timeout);
        Watched { connection: self.connection, pid, lock_timeout }
    }
}

/// The state for the execution of one transition.
pub(crate) struct Execution<'a> {
    pub(crate) run: Run<'a>,
    pub(crate) transition: &'a Transition<'a>,
    pub(crate) script: Script<'a>,
    /// The progress of an earlier run.
    pub(crate) begun: Option<Begun>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        run: Run<'a>,
        transition: &'a Transition<'a>,
        all_begun: &[Begun],
    ) -> Result<Self, RunError> {
        let script = Script::read(transition.revision, transition.direction, run.table.dialect)?;
        run.steps.check(&script, transition.revision)?;
        let id = &transition.revision.id;
        let copy = script.statements.iter().find(|statement| statement.data().is_some());
        if let Some(copy) = copy.filter(|_| !run.connection.can_copy()) {
            let line = script.section.line + copy.line - 1;
            let path = transition.revision.path.clone();
            return Err(RunError::NoCopy { revision: id.clone(), path, line });
        }
        let begun = all_begun.iter().find(|begun| begun.is_of(id, transition.direction)).cloned();
        if let Some(begun) = &begun
            && begun.done > 0
            && script.checksum_of(begun.done) != begun.checksum
        {
            let (revision, done) = (id.clone(), begun.done);
            return Err(RunError::DoneStatementsChanged { revision, done });
        }
        Ok(Self { run, transition, script, begun })
    }

    /// Tells the observer that the transition begins.
    pub(crate) fn tell_running(&self, number: usize, of: usize, observer: &mut dyn Observer) {
        let Revision { id, down_revisions, message, .. } = self.transition.revision;
        observer.event(Event::Running {
            direction: self.transition.direction,
            revision: id,
            parents: down_revisions,
            message,
            number,
            of,
        });
    }

    /// Returns the number of statements that an earlier run has completed.
    pub(crate) fn already(&self) -> usize {
        self.begun.as_ref().map_or(0, |begun| begun.done)
    }

    /// Returns true if the file still has the batch of which earlier runs have completed rounds.
    pub(crate) fn has_same_batch(&self) -> bool {
        let attempt = self.begun.as_ref().and_then(|begun| begun.attempt.as_ref());
        attempt.is_some_and(|one| one.checksum == self.script.checksum_of(self.already() + 1))
    }

    /// Returns true if an earlier run has begun a batch that the file does not have there any more, and
    /// has completed rounds of it or left no record of that.
    pub(crate) fn is_batch_changed(&self) -> bool {
        let Some(begun) = &self.begun else { return false };
        let Some(attempt) = &begun.attempt else { return false };
        // A statement that can be in a transaction was a batch, if it was begun outside of one.
        let dialect = self.run.table.dialect;
        let was_batch = attempt.memory.as_ref().is_none_or(|one| dialect.is_atomic(&one.sql));
        let may_have_rounds = begun.rounds.count > 0 || attempt.is_open;
        was_batch && may_have_rounds && !self.has_same_batch()
    }

    /// Returns true if no other runner has continued this revision in the meantime. A revision with
    /// a single part needs no check here, because a runner that completed it has changed the
    /// version table.
    pub(crate) async fn is_mine(&self, done: usize) -> Result<bool, RunError> {
        if self.script.group_count() < 2 {
            return Ok(true);
        }
        let begun = begun::begun(self.run.connection, self.run.journal).await?;
        let (id, direction) = (&self.transition.revision.id, self.transition.direction);
        let ours = begun.iter().find(|begun| begun.is_of(id, direction));
        Ok(ours.map_or(0, |begun| begun.done) == done)
    }

    pub(crate) fn version_moved(&self) -> RunError {
        RunError::VersionMoved {
            from: self.transition.from.clone(),
            to: self.transition.to.clone(),
        }
    }

    pub(crate) fn connection_lost(
        &self,
        reason: String,
        fate: Fate,
        stays: usize,
        committing: bool,
    ) -> RunError {
        RunError::ConnectionLost {
            revision: self.transition.revision.id.clone(),
            direction: self.transition.direction,
            reason,
            fate,
            stays,
            committing,
        }
    }

    /// Rolls back, records the failure in the journal if that is still possible, and returns the
    /// error.
    pub(crate) async fn failed(
        &self,
        statement: &SqlStatement<'_>,
        done: usize,
        source: Cause,
    ) -> RunError {
        self.failed_after(LineText::None, statement, done, source).await
    }

    /// The same for a statement that has made some progress.
    pub(crate) async fn failed_after(
        &self,
        progress: LineText<'_>,
        statement: &SqlStatement<'_>,
        done: usize,
        source: Cause,
    ) -> RunError {
        let alone = self.script.is_alone(statement);
        let lost = matches!(source.database(), Some(DriverError::Lost(_)));
        if !lost {
            self.rollback().await;
            let words = format!("{source}, at line {}", self.line_of(statement));
            self.record_failure(done, &words, progress).await;
        }
        RunError::Statement(Box::new(StatementFailure {
            revision: self.transition.revision.id.clone(),
            direction: self.transition.direction,
            path: self.transition.revision.path.clone(),
            line: self.line_of(statement),
            sql: statement.sql.to_owned(),
            source,
            stays: done,
            alone,
            rounds: None,
            fate: if lost && alone { Fate::Unknown } else { Fate::RolledBack },
            whole_run: self.run.settings.single_transaction,
        }))
    }

    /// Does the same for a transaction that failed behind its statements.
    pub(crate) async fn failed_at_the_end(
        &self,
        done: usize,
        is_bookkeeping: bool,
        source: Cause,
    ) -> RunError {
        if let Some(DriverError::Lost(reason)) = source.database() {
            return self.connection_lost(reason.clone(), Fate::RolledBack, done, false);
        }
        self.rollback().await;
        self.record_failure(done, &source.to_string(), LineText::None).await;
        let (revision, direction) =
            (self.transition.revision.id.clone(), self.transition.direction);
        RunError::AtTheEnd { revision, direction, source, is_bookkeeping, stays: done }
    }

    /// Returns the line of the file on which a statement begins.
    pub(crate) fn line_of(&self, statement: &SqlStatement<'_>) -> usize {
        self.script.section.line + statement.line - 1
    }

    /// Rolls the transaction back. The failure of a ROLLBACK is irrelevant: outside of a
    /// transaction there is nothing to roll back, and a lost connection rolls back by itself.
    pub(crate) async fn rollback(&self) {
        let _ = self.despite_cancels("ROLLBACK").await;
    }

    /// Writes a line about a failure.
    pub(crate) async fn record_failure(&self, done: usize, words: &str, text: LineText<'_>) {
        let started = now();
        self.record_stop(&Entry {
            revision: &self.transition.revision.id,
            kind: Kind::Ran(self.transition.direction),
            statement: Some(done),
            checksum: self.script.checksum.clone(),
            started: Some(&started),
            error: Some(words),
            text,
        })
        .await;
    }

    /// Writes a line about the point at which the run stops. The reason itself is reported even if it
    /// can't be recorded.
    pub(crate) async fn record_stop(&self, line: &Entry<'_>) {
        let line = self.run.journal.insert(line);
        if self.despite_cancels(&self.as_runner(line)).await.is_err() {
            self.rollback().await;
        }
    }

    /// Returns the script that runs a statement of the bookkeeping as the runner, whatever role a
    /// revision has left.
    fn as_runner(&self, sql: String) -> String {
        if !self.run.table.dialect.capabilities().session_settings {
            return sql;
        }
        let mut statements = vec!["BEGIN".to_owned()];
        statements.extend(role::own(self.run.settings));
        statements.extend([sql, "COMMIT".to_owned()]);
        statements.join(";\n")
    }

    /// Runs a statement of the bookkeeping. A cancellation that was meant for an earlier statement
    /// may still hit it, and it is then repeated.
    async fn despite_cancels(&self, sql: &str) -> Result<u64, DriverError> {
        const TRIES: usize = 5;
        let mut result = self.run.connection.run(sql).await;
        for _ in 1..TRIES {
            match &result {
                Err(error) if error.is_cancelled() => {
                    result = self.run.connection.run(sql).await;
                }
                Ok(_) | Err(_) => break,
            }
        }
        result
    }
}

/// Returns the present time, in RFC 3339.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}
