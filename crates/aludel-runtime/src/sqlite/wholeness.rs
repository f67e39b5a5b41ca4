//! Integrity checks that SQLite does not do while a revision runs.

use aludel_dialect::{Dialect, SqlStatement, significant};
use aludel_driver::DriverError;

use crate::error::RunError;
use crate::execution::Execution;

/// A comparison of the damage in a database before and after a revision.
///
/// Foreign keys are not enforced while a revision runs, because dropping a table would delete the
/// rows of its children, and a rebuilt table may lack columns that a view or a trigger reads. Both
/// are therefore checked before and after.
pub(crate) struct Wholeness {
    enforced: bool,
    /// The damage before the revision.
    before: Vec<String>,
}

impl Wholeness {
    pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Self, RunError> {
        let rows = execution.run.connection.query("PRAGMA foreign_keys").await?;
        let enforced = match rows.first() {
            Some(row) => row.flag("foreign_keys").map_err(DriverError::from)?,
            None => false,
        };
        let wholeness = Self { enforced, before: damage(execution).await? };
        wholeness.enforce(execution, false).await?;
        Ok(wholeness)
    }

    pub(crate) async fn unwatch(self, execution: &Execution<'_>) -> Result<(), RunError> {
        self.enforce(execution, true).await
    }

    /// Turns the enforcement of foreign keys on or off, if it was on before.
    pub(crate) async fn enforce(
        &self,
        execution: &Execution<'_>,
        on: bool,
    ) -> Result<(), RunError> {
        if self.enforced {
            let sql = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
            execution.run.connection.run(sql).await?;
        }
        Ok(())
    }

    /// Fails if there is damage that did not exist before.
    pub(crate) async fn check(
        &self,
        execution: &Execution<'_>,
        stays: usize,
    ) -> Result<(), RunError> {
        let damage = damage(execution).await?;
        let new: Vec<String> =
            damage.into_iter().filter(|line| !self.before.contains(line)).collect();
        match new.first() {
            None => Ok(()),
            Some(example) => Err(RunError::Damage {
                revision: execution.transition.revision.id.clone(),
                count: new.len(),
                example: example.clone(),
                stays,
            }),
        }
    }
}

/// Returns the damage in the database; empty if no statement of the revision can cause any.
async fn damage(execution: &Execution<'_>) -> Result<Vec<String>, RunError> {
    if execution.script.statements.iter().all(is_harmless) {
        return Ok(Vec::new());
    }
    Ok(aludel_reflect::damage(execution.run.connection).await?)
}

/// Returns true if a statement can neither remove the parent of a row nor add a row.
fn is_harmless(statement: &SqlStatement<'_>) -> bool {
    let tokens = significant(statement.sql, Dialect::Sqlite);
    let words: Vec<String> = tokens.iter().map(|token| token.text.to_ascii_uppercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "TABLE" | "INDEX" | "VIEW" | "TRIGGER" | "UNIQUE", ..] => true,
        ["DROP", "INDEX" | "TRIGGER", ..] => true,
        ["ALTER", "TABLE", rest @ ..] => rest.contains(&"ADD") && !rest.contains(&"REFERENCES"),
        _ => false,
    }
}
