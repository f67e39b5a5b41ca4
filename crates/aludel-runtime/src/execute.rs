//! One revision: its statements, in the transactions that they allow.

use std::cell::Cell;

use aludel_dialect::{Dialect, Directive, SqlStatement};
use aludel_driver::{Connection, DriverError};
use aludel_revision::{Direction, Step};

use crate::journal::{Entry, Journal, Kind, Unfinished, is_forgotten};
use crate::script::{Part, Script};
use crate::version_table::Move;
use crate::whole::Wholeness;
use crate::{Event, Observer, RunError, StatementFailure, VersionTable};

/// Everything that is needed to run one step.
pub(crate) struct Execution<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) table: &'a VersionTable,
    journal: &'a Journal,
    pub(crate) step: &'a Step<'a>,
    pub(crate) script: Script,
    /// Statements that an earlier run has done.
    already: usize,
    /// Whether the server knows the prepared form of the journal's line.
    prepared: &'a Cell<bool>,
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

    /// Runs it all, with the row of the version table in the last transaction.
    pub(crate) async fn run(&self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let parts = self.script.parts();
        let wholeness = Wholeness::watch(self).await?;
        let result = match parts.as_slice() {
            [] => self.together(&[], 0, true, &wholeness).await,
            [Part::Together(all)] if self.already == 0 => {
                self.together(all, 0, true, &wholeness).await
            }
            parts => self.in_parts(parts, &wholeness, observer).await,
        };
        wholeness.unwatch(self).await?;
        result?;
        self.forget_settings().await
    }

    /// What a revision sets for its session is not the next one's.
    async fn forget_settings(&self) -> Result<(), RunError> {
        if self.table.dialect == Dialect::Postgres && self.script.changes_settings() {
            let reset = self.connection.run_all(&["RESET ROLE", "RESET ALL"]).await;
            reset.map_err(|(_, error)| error)?;
        }
        Ok(())
    }

    async fn in_parts(
        &self,
        parts: &[Part<'_>],
        wholeness: &Wholeness,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        if self.already > 0 {
            let revision = &self.step.revision.id;
            observer.event(Event::Resuming { revision, done: self.already });
        }
        let mut done = 0;
        let mut finished = false;
        for (at, part) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            match part {
                Part::Together(statements) => {
                    let skip = self.already.saturating_sub(done).min(statements.len());
                    let left = &statements[skip..];
                    if !left.is_empty() {
                        self.together(left, done + skip, last, wholeness).await?;
                        finished = last;
                    }
                    done += statements.len();
                }
                Part::Alone(statement) => {
                    if done >= self.already {
                        self.alone(statement, done, wholeness, observer).await?;
                    }
                    done += 1;
                }
            }
        }
        if finished { Ok(()) } else { self.together(&[], done, true, wholeness).await }
    }

    /// Statements in one transaction; the last one moves the version row too.
    async fn together(
        &self,
        statements: &[SqlStatement],
        done: usize,
        last: bool,
        wholeness: &Wholeness,
    ) -> Result<(), RunError> {
        let moves =
            if last { VersionTable::moves(&self.step.from, &self.step.to) } else { Vec::new() };
        if self.table.dialect.capabilities().advisory_locks {
            self.in_one_batch(statements, done, &moves, last).await
        } else {
            self.one_by_one(statements, done, &moves, wholeness).await
        }
    }

    /// Everything is on its way before the first answer is back. Behind a failure nothing takes
    /// effect.
    async fn in_one_batch(
        &self,
        statements: &[SqlStatement],
        done: usize,
        moves: &[Move],
        last: bool,
    ) -> Result<(), RunError> {
        let sum = self.sum(done + statements.len(), last);
        let line = self.entry(done + statements.len(), last, &sum, None);
        let plain = || self.journal.insert_after(self.table, moves, &line);
        let prepared = self.prepared.get();
        let short = self.journal.execute_after(moves, &line).filter(|_| prepared);
        let mut result = self.batch(statements, &short.clone().unwrap_or_else(plain)).await;
        if let Err((_, error)) = &result
            && short.is_some()
            && is_forgotten(error)
        {
            // DEALLOCATE ALL in a revision.
            self.connection.run("ROLLBACK").await?;
            self.prepared.set(false);
            result = self.batch(statements, &plain()).await;
        }
        let Err((at, error)) = result else { return Ok(()) };
        if at == statements.len() + 1 && self.journal.is_moved(&error) {
            self.connection.run("ROLLBACK").await?;
            return Err(self.version_moved());
        }
        // Behind the statements there are the bookkeeping and the deferred constraints.
        Err(self.failed(statements.get(at.saturating_sub(1)), done, error).await)
    }

    async fn batch(
        &self,
        statements: &[SqlStatement],
        line: &str,
    ) -> Result<Vec<u64>, (usize, DriverError)> {
        // One message for both is one answer less to wait for.
        let end = format!("{line};\nCOMMIT");
        let mut all = vec![self.table.dialect.capabilities().begin];
        all.extend(statements.iter().map(|statement| statement.sql.as_str()));
        all.push(&end);
        if !self.script.heals() {
            return self.connection.run_all(&all).await;
        }
        // What comes behind a failure would run again behind ROLLBACK TO, up to the COMMIT.
        for (at, sql) in all.iter().enumerate() {
            self.connection.run(sql).await.map_err(|error| (at, error))?;
        }
        Ok(Vec::new())
    }

    /// Nobody holds a lock that keeps another runner away before BEGIN, and what the statements do
    /// not look after has to be looked at before and after them.
    async fn one_by_one(
        &self,
        statements: &[SqlStatement],
        done: usize,
        moves: &[Move],
        wholeness: &Wholeness,
    ) -> Result<(), RunError> {
        let started = now();
        let last = !moves.is_empty();
        self.open(moves, done).await?;
        let sum = self.sum(done + statements.len(), last);
        let line = self.entry(done + statements.len(), last, &sum, Some(&started));
        let line = self.journal.insert(&line);
        let mut all: Vec<&str> =
            statements.iter().map(|statement| statement.sql.as_str()).collect();
        all.push(&line);
        if let Err((at, error)) = self.connection.run_all(&all).await {
            return Err(self.failed(statements.get(at), done, error).await);
        }
        if let Err(error) = wholeness.check(self).await {
            self.connection.run("ROLLBACK").await?;
            return Err(error);
        }
        // The row was moved before the statements, which may have had other ideas.
        if last && self.table.heads(self.connection).await? != self.step.to {
            self.connection.run("ROLLBACK").await?;
            return Err(RunError::VersionChanged { revision: self.step.revision.id.clone() });
        }
        match self.connection.run("COMMIT").await {
            Ok(_) => Ok(()),
            // Deferred constraints are checked here.
            Err(error) => Err(self.failed(None, done, error).await),
        }
    }

    fn sum(&self, done: usize, last: bool) -> String {
        if last { self.script.checksum.clone() } else { self.script.checksum_of(done) }
    }

    fn entry<'e>(
        &'e self,
        done: usize,
        last: bool,
        checksum: &'e str,
        started: Option<&'e str>,
    ) -> Entry<'e> {
        Entry {
            revision: &self.step.revision.id,
            kind: Kind::Ran(self.step.direction),
            statement: (!last).then_some(done),
            checksum,
            started,
            error: None,
            text: (last && self.step.direction == Direction::Upgrade)
                .then(|| self.step.revision.text()),
        }
    }

    /// Begins a transaction and moves the version row, unless another runner has done that.
    async fn open(&self, moves: &[Move], done: usize) -> Result<(), RunError> {
        let begin = self.table.dialect.capabilities().begin;
        self.connection.run(begin).await?;
        let here = self.table.heads(self.connection).await? == self.step.from;
        if here && self.is_mine(done).await? {
            let moves: Vec<String> = moves.iter().map(|m| self.table.statement(m)).collect();
            let moves: Vec<&str> = moves.iter().map(String::as_str).collect();
            match self.connection.run_all(&moves).await {
                Ok(touched) if touched.iter().all(|rows| *rows == 1) => return Ok(()),
                Ok(_) => {}
                Err((_, error)) => {
                    self.connection.run("ROLLBACK").await?;
                    return Err(error.into());
                }
            }
        }
        self.connection.run("ROLLBACK").await?;
        Err(self.version_moved())
    }

    /// Whether no other runner has gone on with this revision meanwhile. One that has a single part
    /// is done when its row is there.
    async fn is_mine(&self, done: usize) -> Result<bool, RunError> {
        if self.table.dialect.capabilities().advisory_locks || self.script.parts().len() < 2 {
            return Ok(true);
        }
        let unfinished = self.journal.unfinished(self.connection).await?;
        let ours = unfinished.iter().find(|u| u.is_of(&self.step.revision.id, self.step.direction));
        Ok(ours.map_or(0, |begun| begun.done) == done)
    }

    fn version_moved(&self) -> RunError {
        RunError::VersionMoved { from: self.step.from.clone(), to: self.step.to.clone() }
    }

    async fn alone(
        &self,
        statement: &SqlStatement,
        done: usize,
        wholeness: &Wholeness,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        // What is committed at once can't be looked at before.
        wholeness.enforce(self, true).await?;
        let result = self.alone_enforced(statement, done, observer).await;
        wholeness.enforce(self, false).await?;
        result?;
        wholeness.check(self).await
    }

    async fn alone_enforced(
        &self,
        statement: &SqlStatement,
        done: usize,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let revision = &self.step.revision.id;
        let started = now();
        if self.table.heads(self.connection).await? != self.step.from || !self.is_mine(done).await?
        {
            return Err(self.version_moved());
        }
        loop {
            let rows = match self.connection.run(&statement.sql).await {
                Ok(rows) => rows,
                Err(error) => return Err(self.failed(Some(statement), done, error).await),
            };
            if !statement.has(Directive::Batch) || rows == 0 {
                break;
            }
            observer.event(Event::Batch { revision, rows });
            if observer.stop() {
                return Err(RunError::Interrupted { next: revision.clone() });
            }
        }
        let line = self.journal.insert(&Entry {
            revision,
            kind: Kind::Ran(self.step.direction),
            statement: Some(done + 1),
            checksum: &self.script.checksum_of(done + 1),
            started: Some(&started),
            error: None,
            text: None,
        });
        self.connection.run(&line).await?;
        Ok(())
    }

    /// Rolls back, writes the failure into the journal if that is still possible, and says it.
    async fn failed(
        &self,
        statement: Option<&SqlStatement>,
        done: usize,
        source: DriverError,
    ) -> RunError {
        // Outside a transaction there is nothing to roll back, and that is no error worth telling.
        let _ = self.connection.run("ROLLBACK").await;
        let words = source.to_string();
        let started = now();
        let line = self.journal.insert(&Entry {
            revision: &self.step.revision.id,
            kind: Kind::Ran(self.step.direction),
            statement: Some(done),
            checksum: &self.script.checksum,
            started: Some(&started),
            error: Some(&words),
            text: None,
        });
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

fn now() -> String {
    jiff::Timestamp::now().to_string()
}
