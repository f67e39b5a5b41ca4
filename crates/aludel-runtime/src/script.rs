//! The statements of a section, and their division into transactions.

use aludel_dialect::{Dialect, SqlStatement, significant, split};
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

/// Consecutive statements that share a transaction, or a single statement outside of one.
pub(crate) enum Group<'s> {
    Together(&'s [SqlStatement]),
    Alone(&'s SqlStatement),
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
        }
        let checksum = checksum(&section.body, dialect);
        Ok(Self { section, statements, checksum, dialect })
    }

    /// Returns the checksum of the first `count` statements.
    pub(crate) fn checksum_of(&self, count: usize) -> String {
        let texts: Vec<&str> =
            self.statements.iter().take(count).map(|statement| statement.sql.as_str()).collect();
        checksum(&texts.join(";\n"), self.dialect)
    }

    /// Returns true if a statement runs outside of a transaction.
    pub(crate) fn is_alone(&self, statement: &SqlStatement) -> bool {
        !statement.directives.is_empty() || self.dialect.must_run_alone(statement)
    }

    /// Returns true if a statement may recover a failed transaction (`ROLLBACK TO SAVEPOINT`).
    pub(crate) fn heals(&self) -> bool {
        self.statements
            .iter()
            .any(|statement| self.words(statement).first() == Some(&"ROLLBACK".to_owned()))
    }

    /// Returns true if the statements may change settings of the session.
    pub(crate) fn changes_settings(&self) -> bool {
        self.statements.iter().any(|statement| {
            let words = self.words(statement);
            matches!(
                words.first().map(String::as_str),
                Some("SET" | "RESET" | "DISCARD" | "CALL" | "DO")
            ) || words.iter().any(|word| word == "SET_CONFIG")
        })
    }

    fn words(&self, statement: &SqlStatement) -> Vec<String> {
        let tokens = significant(&statement.sql, self.dialect);
        tokens.iter().map(|token| token.text.to_ascii_uppercase()).collect()
    }

    /// Returns the statements in order, grouped by transactions.
    pub(crate) fn groups(&self) -> Vec<Group<'_>> {
        let alone = |statement: &SqlStatement| self.is_alone(statement);
        let mut groups = Vec::new();
        let mut rest = self.statements.as_slice();
        while let Some(first) = rest.first() {
            if alone(first) {
                groups.push(Group::Alone(first));
                rest = &rest[1..];
            } else {
                let end = rest.iter().position(alone).unwrap_or(rest.len());
                groups.push(Group::Together(&rest[..end]));
                rest = &rest[end..];
            }
        }
        groups
    }
}
