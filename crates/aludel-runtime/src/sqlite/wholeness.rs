//! What SQLite does not look after while a revision runs.

use aludel_dialect::{Dialect, SqlStatement, significant};
use aludel_driver::DriverError;

use crate::error::RunError;
use crate::execute::Execution;

/// What the statements of a revision do not look after.
///
/// Enforcement of foreign keys is off while a revision runs, because dropping a table would otherwise
/// delete the rows of its children, and a rebuilt table may lack what a view or a trigger reads. Both
/// are looked at before and after.
pub(crate) struct Wholeness {
    enforced: bool,
    /// What was broken before.
    before: Vec<String>,
}

impl Wholeness {
    pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Self, RunError> {
        let rows = execution.connection.query("PRAGMA foreign_keys").await?;
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

    /// Switches the enforcement of foreign keys, if it was on.
    pub(crate) async fn enforce(
        &self,
        execution: &Execution<'_>,
        on: bool,
    ) -> Result<(), RunError> {
        if self.enforced {
            let sql = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
            execution.connection.run(sql).await?;
        }
        Ok(())
    }

    /// Finds out whether anything is broken that was not before.
    pub(crate) async fn check(&self, execution: &Execution<'_>) -> Result<(), RunError> {
        let damage = damage(execution).await?;
        let new: Vec<String> =
            damage.into_iter().filter(|line| !self.before.contains(line)).collect();
        match new.first() {
            None => Ok(()),
            Some(example) => Err(RunError::Damage {
                revision: execution.step.revision.id.clone(),
                count: new.len(),
                example: example.clone(),
            }),
        }
    }
}

/// What is not whole, unless no statement of the revision can break anything.
async fn damage(execution: &Execution<'_>) -> Result<Vec<String>, RunError> {
    if execution.script.statements.iter().all(is_harmless) {
        return Ok(Vec::new());
    }
    Ok(aludel_reflect::damage(execution.connection).await?)
}

/// Whether a statement can't take a parent away from a row, nor make a row.
fn is_harmless(statement: &SqlStatement) -> bool {
    let tokens = significant(&statement.sql, Dialect::Sqlite);
    let words: Vec<String> = tokens.iter().map(|token| token.text.to_ascii_uppercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["CREATE", "TABLE" | "INDEX" | "VIEW" | "TRIGGER" | "UNIQUE", ..] => true,
        ["DROP", "INDEX" | "TRIGGER", ..] => true,
        ["ALTER", "TABLE", rest @ ..] => rest.contains(&"ADD") && !rest.contains(&"REFERENCES"),
        _ => false,
    }
}
