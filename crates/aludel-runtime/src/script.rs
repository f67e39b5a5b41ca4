//! The statements of a section, and their division into transactions.

use std::time::Duration;

use aludel_dialect::{Dialect, Directive, SqlStatement, significant, split};
use aludel_revision::{Direction, FileProblem, Revision, Section};

use crate::checksum::checksum;
use crate::error::RunError;

/// A parsed section.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) section: Section,
    pub(crate) statements: Vec<SqlStatement>,
    /// The checksum of the whole section.
    pub(crate) checksum: String,
    dialect: Dialect,
}

/// Consecutive statements that share a transaction, or a single statement that shares none.
pub(crate) enum Group<'s> {
    /// Statements of one transaction.
    Together(&'s [SqlStatement]),
    /// A statement outside of a transaction.
    Alone(&'s SqlStatement),
    /// A statement that is repeated until it affects no row.
    Batch(&'s SqlStatement),
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

impl Script {
    pub(crate) fn read(
        revision: &Revision,
        direction: Direction,
        dialect: Dialect,
    ) -> Result<Self, RunError> {
        let section = revision.section(direction, dialect.name())?;
        let problem = |line: usize, message: String| FileProblem {
            path: revision.path.clone(),
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
            if statement.has(Directive::Batch) && !dialect.may_be_batch(&statement.sql) {
                let message = "a batch repeats a statement until it touches no row, and this one \
                               touches none: take the directive away";
                return Err(problem(statement.line, message.to_owned()).into());
            }
        }
        let checksum = checksum(&section.body, dialect);
        Ok(Self { section, statements, checksum, dialect })
    }

    /// Returns the checksum of the first `count` statements.
    pub(crate) fn checksum_of(&self, count: usize) -> String {
        let texts = self.statements.iter().take(count).map(|statement| self.with_data(statement));
        checksum(&texts.collect::<Vec<_>>().join(";\n"), self.dialect)
    }

    /// Returns the data of a COPY statement.
    pub(crate) fn data(&self, statement: &SqlStatement) -> Option<&str> {
        self.section.body.get(statement.data.clone()?)
    }

    /// Returns a statement as a file has it, with the data of a COPY.
    pub(crate) fn with_data(&self, statement: &SqlStatement) -> String {
        match self.data(statement) {
            Some(data) => format!("{};\n{data}\\.\n", statement.sql),
            None => statement.sql.clone(),
        }
    }

    fn isolation(&self, statement: &SqlStatement) -> Isolation {
        if statement.has(Directive::Batch) {
            Isolation::Batch
        } else if self.dialect.must_run_alone(statement) {
            Isolation::Alone
        } else if !statement.has(Directive::NoTransaction) {
            Isolation::None
        } else if self.dialect.is_atomic(&statement.sql) {
            // With its bookkeeping in one transaction its outcome is always known.
            Isolation::OwnTransaction
        } else {
            Isolation::Alone
        }
    }

    /// Returns true if a statement runs outside of a transaction of the runner.
    pub(crate) fn is_alone(&self, statement: &SqlStatement) -> bool {
        match self.isolation(statement) {
            Isolation::Alone | Isolation::Batch => true,
            Isolation::None | Isolation::OwnTransaction => false,
        }
    }

    /// Returns true if the statements may change settings of the session.
    pub(crate) fn changes_settings(&self) -> bool {
        self.statements.iter().any(|statement| self.dialect.may_change_session(&statement.sql))
    }

    /// Returns true if a statement mentions this identifier.
    pub(crate) fn mentions(&self, statements: &[SqlStatement], identifier: &str) -> bool {
        statements.iter().any(|statement| {
            let tokens = significant(&statement.sql, self.dialect);
            tokens.iter().any(|token| token.identifier().as_deref() == Some(identifier))
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
        self.statements.iter().flat_map(|statement| statement.directives.iter().copied())
    }

    /// Returns the statements in order, grouped by transactions.
    pub(crate) fn groups(&self) -> Vec<Group<'_>> {
        let together = |statement: &SqlStatement| self.isolation(statement) == Isolation::None;
        let mut groups = Vec::new();
        let mut rest = self.statements.as_slice();
        while let Some(first) = rest.first() {
            let count = match self.isolation(first) {
                Isolation::None => {
                    rest.iter().position(|next| !together(next)).unwrap_or(rest.len())
                }
                Isolation::OwnTransaction | Isolation::Alone | Isolation::Batch => 1,
            };
            let (statements, behind) = rest.split_at(count);
            groups.push(match self.isolation(first) {
                Isolation::None | Isolation::OwnTransaction => Group::Together(statements),
                Isolation::Alone => Group::Alone(first),
                Isolation::Batch => Group::Batch(first),
            });
            rest = behind;
        }
        groups
    }
}
