//! The context of one transition while it runs, and the record of its failure.

use std::cell::Cell;

use aludel_dialect::SqlStatement;
use aludel_driver::{Connection, DriverError};
use aludel_revision::Transition;

use crate::error::{RunError, StatementFailure};
use crate::journal::{Entry, Journal, Kind, Unfinished};
use crate::script::Script;
use crate::version_table::VersionTable;

/// The state for the execution of one transition.
pub(crate) struct Execution<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) table: &'a VersionTable,
    pub(crate) journal: &'a Journal,
    pub(crate) transition: &'a Transition<'a>,
    pub(crate) script: Script,
    /// The number of statements that an earlier run has completed.
    pub(crate) already: usize,
    /// True if the server knows the prepared form of the journal's line.
    pub(crate) prepared: &'a Cell<bool>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        table: &'a VersionTable,
        journal: &'a Journal,
        transition: &'a Transition<'a>,
        unfinished: &[Unfinished],
        prepared: &'a Cell<bool>,
    ) -> Result<Self, RunError> {
        let script = Script::read(transition.revision, transition.direction, table.dialect)?;
        let mut execution =
            Self { connection, table, journal, transition, script, already: 0, prepared };
        let begun =
            unfinished.iter().find(|u| u.is_of(&transition.revision.id, transition.direction));
        if let Some(begun) = begun {
            if execution.script.checksum_of(begun.done) != begun.checksum {
                let (revision, done) = (transition.revision.id.clone(), begun.done);
                return Err(RunError::DoneStatementsChanged { revision, done });
            }
            execution.already = begun.done;
        }
        Ok(execution)
    }

    /// Returns true if no other runner has continued this revision in the meantime. A revision with
    /// a single part needs no check here, because a runner that completed it has changed the
    /// version table.
    pub(crate) async fn is_mine(&self, done: usize) -> Result<bool, RunError> {
        if self.script.groups().len() < 2 {
            return Ok(true);
        }
        let unfinished = self.journal.unfinished(self.connection).await?;
        let ours = unfinished
            .iter()
            .find(|u| u.is_of(&self.transition.revision.id, self.transition.direction));
        Ok(ours.map_or(0, |begun| begun.done) == done)
    }

    pub(crate) fn version_moved(&self) -> RunError {
        RunError::VersionMoved {
            from: self.transition.from.clone(),
            to: self.transition.to.clone(),
        }
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
            revision: &self.transition.revision.id,
            kind: Kind::Ran(self.transition.direction),
            statement: Some(done),
            checksum: self.script.checksum.clone(),
            started: Some(&started),
            error: Some(&words),
            text: None,
        });
        // The failure itself is reported even if it can't be recorded.
        let _ = self.connection.run(&line).await;
        let Some(statement) = statement else {
            let (revision, direction) =
                (self.transition.revision.id.clone(), self.transition.direction);
            return RunError::AtTheEnd { revision, direction, source };
        };
        RunError::Statement(Box::new(StatementFailure {
            revision: self.transition.revision.id.clone(),
            direction: self.transition.direction,
            path: self.transition.revision.path.clone(),
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
