//! One revision: its statements, in the transactions that they allow.

use aludel_dialect::{Dialect, Directive, SqlStatement, split};
use aludel_driver::{Connection, DriverError, Row};
use aludel_revision::{FileProblem, Section};

use crate::journal::{Entry, Journal};
use crate::runner::Step;
use crate::{Event, Observer, RunError, StatementFailure, VersionTable, checksum};

/// Everything that is needed to run one step.
pub(crate) struct Execution<'a> {
    connection: &'a Connection,
    table: &'a VersionTable,
    journal: &'a Journal,
    step: &'a Step<'a>,
    section: Section,
    statements: Vec<SqlStatement>,
    checksum: String,
}

/// A run of statements that share a transaction, or one that has none.
enum Part<'s> {
    Together(&'s [SqlStatement]),
    Alone(&'s SqlStatement),
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        table: &'a VersionTable,
        journal: &'a Journal,
        step: &'a Step<'a>,
    ) -> Result<Self, RunError> {
        let dialect = table.dialect;
        let section = step.revision.section(step.direction, dialect.name())?;
        let problem = |line: usize, message: String| FileProblem {
            path: step.revision.path.clone(),
            line: section.line + line - 1,
            message,
        };
        let statements =
            split(&section.body, dialect).map_err(|error| problem(error.line, error.message))?;
        for statement in &statements {
            if let Some(word) = dialect.transaction_control(&statement.sql) {
                let message = format!(
                    "`{word}`: the runner begins and ends the transaction of a revision; a statement \
                     that can't be in one takes `-- aludel: no-transaction` before it"
                );
                return Err(problem(statement.line, message).into());
            }
        }
        let checksum = checksum(&section.body, dialect);
        Ok(Self { connection, table, journal, step, section, statements, checksum })
    }

    /// Runs it all, with the row of the version table in the last transaction.
    pub(crate) async fn run(&self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let parts = self.parts();
        let foreign_keys = ForeignKeys::watch(self).await?;
        let result = match parts.as_slice() {
            [] => self.together(&[], 0, true).await,
            [Part::Together(all)] => self.together(all, 0, true).await,
            parts => self.in_parts(parts, observer).await,
        };
        foreign_keys.unwatch(self).await?;
        result
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let alone = |statement: &SqlStatement| {
            !statement.directives.is_empty() || self.table.dialect.must_run_alone(statement)
        };
        let mut parts = Vec::new();
        let mut rest = self.statements.as_slice();
        while let Some(first) = rest.first() {
            if alone(first) {
                parts.push(Part::Alone(first));
                rest = &rest[1..];
            } else {
                let end = rest.iter().position(alone).unwrap_or(rest.len());
                parts.push(Part::Together(&rest[..end]));
                rest = &rest[end..];
            }
        }
        parts
    }

    async fn in_parts(
        &self,
        parts: &[Part<'_>],
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let revision = &self.step.revision.id;
        let already = self
            .journal
            .done(self.connection, revision, self.step.direction, &self.checksum)
            .await?;
        if already > 0 {
            observer.event(Event::Resuming { revision, done: already });
        }
        let mut done = 0;
        for (at, part) in parts.iter().enumerate() {
            let length = match part {
                Part::Together(statements) => statements.len(),
                Part::Alone(_) => 1,
            };
            let last = at + 1 == parts.len();
            if done + length > already {
                match part {
                    Part::Together(statements) => self.together(statements, done, last).await?,
                    Part::Alone(statement) => self.alone(statement, done, observer).await?,
                }
            }
            done += length;
        }
        if matches!(parts.last(), Some(Part::Alone(_))) {
            self.together(&[], done, true).await?;
        }
        Ok(())
    }

    /// Statements in one transaction; the last one moves the version row too.
    async fn together(
        &self,
        statements: &[SqlStatement],
        done: usize,
        last: bool,
    ) -> Result<(), RunError> {
        let sqlite = self.table.dialect == Dialect::Sqlite;
        let moves =
            if last { self.table.moves(&self.step.from, &self.step.to) } else { Vec::new() };
        // The version row goes first: whoever comes second finds out before it has done anything.
        let mut opening = vec![if sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }];
        opening.extend(moves.iter().map(String::as_str));
        let started = sqlite.then(now);
        let line = self.journal.insert(&Entry {
            revision: &self.step.revision.id,
            direction: self.step.direction,
            statement: (!last).then_some(done + statements.len()),
            checksum: &self.checksum,
            started: started.as_deref(),
            error: None,
        });
        let mut all = Vec::new();
        let mut orphans = 0;
        if sqlite {
            // Nobody holds a lock that keeps another runner away until now.
            self.open(&opening).await?;
            orphans = ForeignKeys::orphans(self).await?.len();
        } else {
            all.extend(opening.iter().copied());
        }
        let before = all.len();
        all.extend(statements.iter().map(|statement| statement.sql.as_str()));
        all.push(&line);
        let touched = match self.connection.run_all(&all).await {
            Ok(touched) => touched,
            Err((at, error)) => {
                let failed = at.checked_sub(before).and_then(|at| statements.get(at));
                return Err(self.failed(failed, done, error).await);
            }
        };
        if touched[..before].iter().skip(1).any(|rows| *rows != 1) {
            return Err(self.moved().await?);
        }
        if last {
            ForeignKeys::check(self, orphans).await?;
        }
        match self.connection.run("COMMIT").await {
            Ok(_) => Ok(()),
            // Deferred constraints are checked here.
            Err(error) => Err(self.failed(statements.last(), done, error).await),
        }
    }

    /// Begins a transaction and moves the version row, unless another runner has done that.
    async fn open(&self, opening: &[&str]) -> Result<(), RunError> {
        let (begin, moves) = opening.split_at(1);
        if let Err((_, error)) = self.connection.run_all(begin).await {
            return Err(self.failed(None, 0, error).await);
        }
        if !moves.is_empty() && self.table.heads(self.connection).await? != self.step.from {
            return Err(self.moved().await?);
        }
        match self.connection.run_all(moves).await {
            Ok(touched) if touched.iter().all(|rows| *rows == 1) => Ok(()),
            Ok(_) => Err(self.moved().await?),
            Err((_, error)) => Err(self.failed(None, 0, error).await),
        }
    }

    async fn moved(&self) -> Result<RunError, RunError> {
        self.connection.run("ROLLBACK").await?;
        let (from, to) = (self.step.from.clone(), self.step.to.clone());
        Ok(RunError::VersionMoved { from, to })
    }

    async fn alone(
        &self,
        statement: &SqlStatement,
        done: usize,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let revision = &self.step.revision.id;
        let started = now();
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
            direction: self.step.direction,
            statement: Some(done + 1),
            checksum: &self.checksum,
            started: Some(&started),
            error: None,
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
            direction: self.step.direction,
            statement: Some(done),
            checksum: &self.checksum,
            started: Some(&started),
            error: Some(&words),
        });
        let _ = self.connection.run(&line).await;
        let Some(statement) = statement else {
            return source.into();
        };
        RunError::Statement(Box::new(StatementFailure {
            revision: self.step.revision.id.clone(),
            direction: self.step.direction,
            path: self.step.revision.path.clone(),
            line: self.section.line + statement.line - 1,
            sql: statement.sql.clone(),
            source,
            stays: done,
        }))
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// SQLite: enforcement is off while a revision runs, because dropping a table would otherwise delete
/// the rows of its children; what a revision leaves behind is checked before it is committed.
struct ForeignKeys {
    enforced: bool,
}

impl ForeignKeys {
    async fn watch(execution: &Execution<'_>) -> Result<Self, RunError> {
        if execution.table.dialect != Dialect::Sqlite {
            return Ok(Self { enforced: false });
        }
        let rows = execution.connection.query("PRAGMA foreign_keys").await?;
        let enforced = rows.first().is_some_and(|row| row.flag(0));
        execution.connection.run("PRAGMA foreign_keys = OFF").await?;
        Ok(Self { enforced })
    }

    async fn unwatch(self, execution: &Execution<'_>) -> Result<(), RunError> {
        if self.enforced {
            execution.connection.run("PRAGMA foreign_keys = ON").await?;
        }
        Ok(())
    }

    /// Rows without parents, where the revision may make some: table, row and parent table.
    async fn orphans(execution: &Execution<'_>) -> Result<Vec<String>, RunError> {
        if execution.table.dialect != Dialect::Sqlite || execution.statements.iter().all(is_harmless) {
            return Ok(Vec::new());
        }
        let rows = execution.connection.query("PRAGMA foreign_key_check").await?;
        let line = |row: &Row| {
            format!("row {} of {} refers to {}", row.text(1), row.text(0), row.text(2))
        };
        Ok(rows.iter().map(line).collect())
    }

    /// Refuses a revision that leaves more rows without parents than there were.
    async fn check(execution: &Execution<'_>, before: usize) -> Result<(), RunError> {
        let orphans = Self::orphans(execution).await?;
        if orphans.len() <= before {
            return Ok(());
        }
        execution.connection.run("ROLLBACK").await?;
        let revision = execution.step.revision.id.clone();
        let count = orphans.len();
        let example = orphans.into_iter().next_back().unwrap_or_default();
        Err(RunError::ForeignKeys { revision, count, example })
    }
}

/// Whether a statement can't take a parent away from a row, nor make a row.
fn is_harmless(statement: &SqlStatement) -> bool {
    let tokens = aludel_dialect::significant(&statement.sql, Dialect::Sqlite);
    let words: Vec<String> =
        tokens.iter().take(8).map(|token| token.text.to_ascii_uppercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "TABLE" | "INDEX" | "VIEW" | "TRIGGER" | "UNIQUE", ..] => true,
        ["DROP", "INDEX" | "VIEW" | "TRIGGER", ..] => true,
        ["ALTER", "TABLE", rest @ ..] => rest.contains(&"ADD"),
        _ => false,
    }
}
