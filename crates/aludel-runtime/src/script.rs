//! The statements of a section, and their division into transactions.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use aludel_dialect::{Dialect, Directive, SqlStatement, split, tokens};
use aludel_revision::{Direction, FileProblem, Revision, Section};

use crate::checksum::{Checksum, checksum};
use crate::error::{RunError, StepPlace};

/// A parsed section. It borrows its text from the revision.
#[derive(Debug)]
pub(crate) struct Script<'r> {
    pub(crate) section: Section<'r>,
    pub(crate) statements: Vec<SqlStatement<'r>>,
    /// The text of the file that the journal keeps.
    pub(crate) kept: Cow<'r, str>,
    /// The checksum of the whole section.
    pub(crate) checksum: String,
    /// True if the statements may change settings of the session.
    pub(crate) changes_settings: bool,
    /// The groups, by the indexes of their statements.
    groups: Vec<(Isolation, Range<usize>)>,
    dialect: Dialect,
}

/// Consecutive statements that share a transaction, or a single statement that shares none.
pub(crate) enum Group<'s> {
    /// Statements of one transaction.
    Together(&'s [SqlStatement<'s>]),
    /// A statement outside of a transaction.
    Alone(&'s SqlStatement<'s>),
    /// A statement that is repeated until it affects no row.
    Batch(&'s SqlStatement<'s>),
}

/// The way in which a statement relates to transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isolation {
    /// It shares a transaction with its neighbours.
    None,
    /// It has a transaction of its own.
    OwnTransaction,
    /// It runs outside of any transaction.
    Alone,
    /// It is repeated, each time in a transaction of its own.
    Batch,
}

impl<'r> Script<'r> {
    pub(crate) fn read(
        revision: &'r Revision,
        direction: Direction,
        dialect: Dialect,
    ) -> Result<Self, RunError> {
        let section = revision.section(direction, dialect.name())?;
        if let Some(reason) = section.missing {
            let (path, line) = (revision.path.clone(), section.line);
            let revision = revision.id.clone();
            return Err(RunError::Gap { revision, direction, dialect, reason, path, line });
        }
        let problem = |line: usize, message: String| FileProblem {
            path: revision.path.clone(),
            line: section.line + line - 1,
            message,
        };
        let statements =
            split(section.body, dialect).map_err(|error| problem(error.line, error.message))?;
        for statement in &statements {
            if let Some(message) = refused(statement, dialect) {
                return Err(problem(statement.line, message).into());
            }
        }
        let groups = groups(&statements, dialect);
        for (_, range) in &groups {
            let together = statements.get(range.clone()).unwrap_or_default();
            if let Some((asks, function)) = dialect.asks_for_a_change_of_others(together) {
                return Err(problem(asks.line, of_the_runner(function)).into());
            }
        }
        Ok(Self {
            checksum: checksum(section.body, dialect),
            changes_settings: statements.iter().any(|one| may_change_session(one, dialect)),
            groups,
            kept: revision.kept()?,
            section,
            statements,
            dialect,
        })
    }

    /// Returns the steps in Rust, with their names.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&SqlStatement<'r>, &'r str)> {
        self.statements.iter().filter_map(|statement| Some((statement, statement.step()?)))
    }

    /// Returns the place of a step of this script.
    pub(crate) fn place_of(
        &self,
        statement: &SqlStatement<'_>,
        step: &str,
        revision: &Revision,
    ) -> StepPlace {
        StepPlace {
            revision: revision.id.clone(),
            path: revision.path.clone(),
            line: self.section.line + statement.line - 1,
            step: step.to_owned(),
        }
    }

    /// Returns the checksum of the first `count` statements.
    pub(crate) fn checksum_of(&self, count: usize) -> String {
        let mut sum = Checksum::default();
        for (at, statement) in self.statements.iter().take(count).enumerate() {
            if at > 0 {
                sum.add(";\n", self.dialect);
            }
            sum.add(statement.sql, self.dialect);
            if let Some(data) = statement.data() {
                sum.token(&[";"]);
                sum.token(&[data, "\\."]);
            }
        }
        sum.finish()
    }

    /// Returns true if a statement runs outside of a transaction of the runner.
    pub(crate) fn is_alone(&self, statement: &SqlStatement<'_>) -> bool {
        match isolation(statement, self.dialect) {
            Isolation::Alone | Isolation::Batch => true,
            Isolation::None | Isolation::OwnTransaction => false,
        }
    }

    /// Returns true if a statement mentions this identifier.
    pub(crate) fn mentions(&self, statements: &[SqlStatement<'_>], identifier: &str) -> bool {
        // An identifier stands as it is in the text, in any case, unless a quote is doubled in it.
        let may = |sql: &str| identifier.contains('"') || contains_ignoring_case(sql, identifier);
        statements.iter().filter(|statement| may(statement.sql)).any(|statement| {
            let mut tokens = tokens(statement.sql, self.dialect);
            tokens.any(|token| token.identifier().as_deref() == Some(identifier))
        })
    }

    /// Returns the `lock_timeout` that a directive of the section states.
    pub(crate) fn lock_timeout(&self) -> Option<Duration> {
        self.directives().find_map(|directive| match directive {
            Directive::LockTimeout(time) => Some(time),
            _ => None,
        })
    }

    /// Returns the `statement_timeout` that a directive of the section states.
    pub(crate) fn statement_timeout(&self) -> Option<Duration> {
        self.directives().find_map(|directive| match directive {
            Directive::StatementTimeout(time) => Some(time),
            _ => None,
        })
    }

    fn directives(&self) -> impl Iterator<Item = Directive> {
        self.statements.iter().flat_map(|statement| statement.directives().iter().copied())
    }

    /// Returns the number of groups.
    pub(crate) fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// Returns the statements in order, grouped by transactions.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.groups.iter().filter_map(|(isolation, range)| {
            let statements = self.statements.get(range.clone())?;
            match isolation {
                Isolation::None | Isolation::OwnTransaction => Some(Group::Together(statements)),
                Isolation::Alone => statements.first().map(Group::Alone),
                Isolation::Batch => statements.first().map(Group::Batch),
            }
        })
    }
}

/// Returns the reason why a statement can't stand in a revision.
fn refused(statement: &SqlStatement<'_>, dialect: Dialect) -> Option<String> {
    if let Some(word) = dialect.transaction_control(statement.sql) {
        return Some(format!(
            "`{word}`: the runner begins and ends the transaction of a revision; a statement that can't be in \
             one takes `-- aludel: no-transaction` before it"
        ));
    }
    if let Some(encoding) = dialect.other_encoding(statement.sql) {
        return Some(format!(
            "a revision is UTF-8, and is sent so: the server would read it as {encoding}, and keep other \
             characters than the file has; take this statement out"
        ));
    }
    let may_be_batch = statement.step().is_some() || dialect.may_be_batch(statement.sql);
    (statement.has(Directive::Batch) && !may_be_batch).then(|| {
        "a batch repeats a statement until it touches no row, and this one touches none: take the \
         directive away"
            .to_owned()
    })
}

/// Returns the message about a function whose answer would be about a row of the runner.
fn of_the_runner(function: &str) -> String {
    format!(
        "`{function}()`: no statement before it in the same transaction has made a change, and the runner writes \
         rows of its own between two transactions: put it right behind the statement that it is about, or look \
         the row up"
    )
}

fn isolation(statement: &SqlStatement<'_>, dialect: Dialect) -> Isolation {
    if statement.has(Directive::Batch) {
        Isolation::Batch
    } else if dialect.must_run_alone(statement) {
        Isolation::Alone
    } else if !statement.has(Directive::NoTransaction) {
        Isolation::None
    } else if dialect.is_atomic(statement.sql) {
        // With its bookkeeping in one transaction its outcome is always known.
        Isolation::OwnTransaction
    } else {
        Isolation::Alone
    }
}

fn groups(statements: &[SqlStatement<'_>], dialect: Dialect) -> Vec<(Isolation, Range<usize>)> {
    let mut groups: Vec<(Isolation, Range<usize>)> = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let isolation = isolation(statement, dialect);
        match groups.last_mut() {
            Some((Isolation::None, range)) if isolation == Isolation::None => range.end = at + 1,
            _ => groups.push((isolation, at..at + 1)),
        }
    }
    groups
}

/// Returns true if a statement may change the session beyond its transaction. What a step in Rust
/// executes is not known.
pub(crate) fn may_change_session(statement: &SqlStatement<'_>, dialect: Dialect) -> bool {
    statement.step().is_some() || dialect.may_change_session(statement.sql)
}

/// Returns a statement as a file has it, with the data of a COPY.
pub(crate) fn with_data(statement: &SqlStatement<'_>) -> String {
    match statement.data() {
        Some(data) => format!("{};\n{data}\\.\n", statement.sql),
        None => statement.sql.to_owned(),
    }
}

fn contains_ignoring_case(text: &str, word: &str) -> bool {
    let mut windows = text.as_bytes().windows(word.len().max(1));
    windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
