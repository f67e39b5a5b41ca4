//! Execution of a revision, part by part.

use std::cell::Cell;

use aludel_dialect::{Directive, SqlStatement};
use aludel_driver::{Connection, DriverError};
use aludel_revision::Step;

use crate::database;
use crate::error::{RunError, StatementFailure};
use crate::journal::{Entry, Journal, Kind, Unfinished};
use crate::observer::{Event, Observer};
use crate::schedule::{Alone, Part, Schedule};
use crate::script::Script;
use crate::sqlite::wholeness::Wholeness;
use crate::version_table::VersionTable;

/// The state for the execution of one step.
pub(crate) struct Execution<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) table: &'a VersionTable,
    pub(crate) journal: &'a Journal,
    pub(crate) step: &'a Step<'a>,
    pub(crate) script: Script,
    /// The number of statements that an earlier run has completed.
    already: usize,
    /// True if the server knows the prepared form of the journal's line.
    pub(crate) prepared: &'a Cell<bool>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        table: &'a VersionTable,
        journal: &'a Journal,
        step: &'a Step<'a>,
        unfinished: &[Unfinished],
        prepared: &'a Cell<bool>,
    ) -> Result<Self, RunError> {
        let script = Script::read(step.revision, step.direction, table.dialect)?;
        let mut execution = Self { connection, table, journal, step, script, already: 0, prepared };
        let begun = unfinished.iter().find(|u| u.is_of(&step.revision.id, step.direction));
        if let Some(begun) = begun {
            if execution.script.checksum_of(begun.done) != begun.checksum {
                let (revision, done) = (step.revision.id.clone(), begun.done);
                return Err(RunError::DoneStatementsChanged { revision, done });
            }
            execution.already = begun.done;
        }
        Ok(execution)
    }

    /// Runs the remaining parts. The last transaction changes the version table.
    pub(crate) async fn run(&self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let schedule = Schedule::of(self.step, &self.script, self.already, self.table);
        if self.already > 0 {
            let revision = &self.step.revision.id;
            observer.event(Event::Resuming { revision, done: self.already });
        }
        let wholeness = database::watch(self).await?;
        let result = self.parts(&schedule, wholeness.as_ref(), observer).await;
        if let Some(wholeness) = wholeness {
            wholeness.unwatch(self).await?;
        }
        result?;
        self.forget_settings(&schedule).await
    }

    async fn parts(
        &self,
        schedule: &Schedule<'_>,
        wholeness: Option<&Wholeness>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        for part in &schedule.parts {
            match part {
                Part::Transaction(transaction) => {
                    database::send(self, transaction, wholeness).await?;
                }
                Part::Alone(alone) => self.alone(alone, wholeness, observer).await?,
            }
        }
        Ok(())
    }

    /// Resets the settings of the session, so that a revision can't affect the next one.
    async fn forget_settings(&self, schedule: &Schedule<'_>) -> Result<(), RunError> {
        let reset = database::reset_settings(self.table.dialect);
        if schedule.changes_settings && !reset.is_empty() {
            self.connection.run_all(reset).await.map_err(|(_, error)| error)?;
        }
        Ok(())
    }

    /// Returns true if no other runner has continued this revision in the meantime. A revision with
    /// a single part needs no check here, because a runner that completed it has changed the
    /// version table.
    pub(crate) async fn is_mine(&self, done: usize) -> Result<bool, RunError> {
        if self.script.groups().len() < 2 {
            return Ok(true);
        }
        let unfinished = self.journal.unfinished(self.connection).await?;
        let ours = unfinished.iter().find(|u| u.is_of(&self.step.revision.id, self.step.direction));
        Ok(ours.map_or(0, |begun| begun.done) == done)
    }

    pub(crate) fn version_moved(&self) -> RunError {
        RunError::VersionMoved { from: self.step.from.clone(), to: self.step.to.clone() }
    }

    async fn alone(
        &self,
        alone: &Alone<'_>,
        wholeness: Option<&Wholeness>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let Some(wholeness) = wholeness else { return self.alone_enforced(alone, observer).await };
        // Foreign keys are enforced, because a statement outside a transaction can't be rolled
        // back.
        wholeness.enforce(self, true).await?;
        let result = self.alone_enforced(alone, observer).await;
        wholeness.enforce(self, false).await?;
        result?;
        wholeness.check(self).await
    }

    async fn alone_enforced(
        &self,
        alone: &Alone<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let (revision, started) = (&self.step.revision.id, now());
        if self.table.heads(self.connection).await? != self.step.from
            || !self.is_mine(alone.done).await?
        {
            return Err(self.version_moved());
        }
        loop {
            let rows = match self.connection.run(&alone.statement.sql).await {
                Ok(rows) => rows,
                Err(error) => {
                    return Err(self.failed(Some(alone.statement), alone.done, error).await);
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
        self.connection.run(&self.journal.insert(&line)).await?;
        Ok(())
    }

    /// Rolls back, records the failure in the journal if that is still possible, and returns the
    /// error.
    pub(crate) async fn failed(
        &self,
        statement: Option<&SqlStatement>,
        done: usize,
        source: DriverError,
    ) -> RunError {
        // Outside of a transaction ROLLBACK may fail, and that failure is irrelevant.
        let _ = self.connection.run("ROLLBACK").await;
        let words = source.to_string();
        let started = now();
        let line = self.journal.insert(&Entry {
            revision: &self.step.revision.id,
            kind: Kind::Ran(self.step.direction),
            statement: Some(done),
            checksum: self.script.checksum.clone(),
            started: Some(&started),
            error: Some(&words),
            text: None,
        });
        // The failure itself is reported even if it can't be recorded.
        let _ = self.connection.run(&line).await;
        let Some(statement) = statement else {
            let (revision, direction) = (self.step.revision.id.clone(), self.step.direction);
            return RunError::AtTheEnd { revision, direction, source };
        };
        RunError::Statement(Box::new(StatementFailure {
            revision: self.step.revision.id.clone(),
            direction: self.step.direction,
            path: self.step.revision.path.clone(),
            line: self.script.section.line + statement.line - 1,
            sql: statement.sql.clone(),
            source,
            stays: done,
            alone: self.script.is_alone(statement),
        }))
    }
}

/// Returns the present time, in RFC 3339.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().to_string()
}
