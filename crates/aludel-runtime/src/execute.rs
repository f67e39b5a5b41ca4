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
        let wholeness = Wholeness::watch(self).await?;
        let result = match parts.as_slice() {
            [] => self.together(&[], 0, true).await,
            [Part::Together(all)] => self.together(all, 0, true).await,
            parts => self.in_parts(parts, observer).await,
        };
        wholeness.unwatch(self).await?;
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
        let already = self.already().await?;
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

    /// How many statements an unfinished run has done, if they are still the same.
    async fn already(&self) -> Result<usize, RunError> {
        let revision = &self.step.revision.id;
        let last = self.journal.last(self.connection, revision, self.step.direction).await?;
        Ok(last.filter(|(done, sum)| *sum == self.checksum_of(*done)).map_or(0, |(done, _)| done))
    }

    /// The checksum of the first statements, or of all.
    fn checksum_of(&self, count: usize) -> String {
        let texts: Vec<&str> =
            self.statements.iter().take(count).map(|statement| statement.sql.as_str()).collect();
        checksum(&texts.join(";\n"), self.table.dialect)
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
        let sum =
            if last { self.checksum.clone() } else { self.checksum_of(done + statements.len()) };
        let line = self.journal.insert(&Entry {
            revision: &self.step.revision.id,
            direction: self.step.direction,
            statement: (!last).then_some(done + statements.len()),
            checksum: &sum,
            started: started.as_deref(),
            error: None,
        });
        let mut all = Vec::new();
        let mut damage = Vec::new();
        if sqlite {
            // Nobody holds a lock that keeps another runner away until now.
            self.open(&opening).await?;
            damage = Wholeness::damage(self).await?;
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
            Wholeness::check(self, &damage).await?;
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
        if self.table.heads(self.connection).await? != self.step.from {
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
            checksum: &self.checksum_of(done + 1),
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

/// SQLite: what its statements do not look after. Enforcement of foreign keys is off while a revision
/// runs, because dropping a table would otherwise delete the rows of its children, and a rebuilt
/// table may lack what a view or a trigger reads. Both are looked at before and after.
struct Wholeness {
    enforced: bool,
}

impl Wholeness {
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

    /// What is not whole: rows without parents, and views and triggers that read what is not there.
    async fn damage(execution: &Execution<'_>) -> Result<Vec<String>, RunError> {
        if execution.table.dialect != Dialect::Sqlite
            || execution.statements.iter().all(is_harmless)
        {
            return Ok(Vec::new());
        }
        let rows = execution.connection.query("PRAGMA foreign_key_check").await?;
        let orphan = |row: &Row| {
            format!(
                "row {} of {} refers to a row of {} that is not there",
                row.text(1),
                row.text(0),
                row.text(2)
            )
        };
        let mut damage: Vec<String> = rows.iter().map(orphan).collect();
        let readers = "SELECT type, name, tbl_name FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY rowid";
        for row in execution.connection.query(readers).await? {
            let table = format!("\"{}\"", row.text(2).replace('"', "\"\""));
            let probes = match row.text(0) {
                "view" => vec![format!("EXPLAIN SELECT * FROM {table}")],
                _ => vec![
                    format!("EXPLAIN INSERT INTO {table} DEFAULT VALUES"),
                    format!("EXPLAIN DELETE FROM {table}"),
                    format!("EXPLAIN UPDATE {table} SET rowid = rowid"),
                ],
            };
            for probe in probes {
                if let Err(error) = execution.connection.query(&probe).await {
                    damage.push(format!("{} {}: {error}", row.text(0), row.text(1)));
                    break;
                }
            }
        }
        Ok(damage)
    }

    /// Refuses a revision that leaves more damage than there was.
    async fn check(execution: &Execution<'_>, before: &[String]) -> Result<(), RunError> {
        let damage = Self::damage(execution).await?;
        if damage.len() <= before.len() {
            return Ok(());
        }
        execution.connection.run("ROLLBACK").await?;
        let new: Vec<String> = damage.into_iter().filter(|line| !before.contains(line)).collect();
        let revision = execution.step.revision.id.clone();
        Err(RunError::Damage {
            revision,
            count: new.len(),
            example: new.into_iter().next().unwrap_or_default(),
        })
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
