//! What SQLite does not look after while a revision runs.

use aludel_dialect::{Dialect, SqlStatement, Token, significant};
use aludel_driver::{Connection, DriverError, Row};

use crate::RunError;
use crate::execute::Execution;

/// SQLite: what its statements do not look after. Enforcement of foreign keys is off while a revision
/// runs, because dropping a table would otherwise delete the rows of its children, and a rebuilt
/// table may lack what a view or a trigger reads. Both are looked at before and after.
pub(crate) struct Wholeness {
    enforced: bool,
    /// What was broken before.
    before: Vec<String>,
}

impl Wholeness {
    pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Self, RunError> {
        if execution.table.dialect.capabilities().alter_table {
            return Ok(Self { enforced: false, before: Vec::new() });
        }
        let rows = execution.connection.query("PRAGMA foreign_keys").await?;
        let enforced = rows.first().is_some_and(|row| row.flag(0));
        let wholeness = Self { enforced, before: Self::damage(execution).await? };
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

    /// What is not whole: rows without parents, and views and triggers that read what is not there.
    async fn damage(execution: &Execution<'_>) -> Result<Vec<String>, RunError> {
        let rebuilds = !execution.table.dialect.capabilities().alter_table;
        if !rebuilds || execution.script.statements.iter().all(is_harmless) {
            return Ok(Vec::new());
        }
        let mut damage = orphans(execution.connection).await?;
        let readers = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY rowid";
        for row in execution.connection.query(readers).await? {
            let probe = match row.text(0) {
                "view" => Some(format!("EXPLAIN SELECT * FROM {}", quoted(row.text(2)))),
                _ => probe(execution.connection, row.text(2), row.text(3)).await?,
            };
            if let Some(probe) = probe
                && let Err(error) = execution.connection.query(&probe).await
            {
                damage.push(format!("{} {}: {error}", row.text(0), row.text(1)));
            }
        }
        Ok(damage)
    }

    /// Finds out whether anything is broken that was not before.
    pub(crate) async fn check(&self, execution: &Execution<'_>) -> Result<(), RunError> {
        let damage = Self::damage(execution).await?;
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

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Rows without their parents. A key that can't be checked, because nothing makes its parent's columns
/// unique, hides no other one.
async fn orphans(connection: &Connection) -> Result<Vec<String>, DriverError> {
    let orphan = |row: &Row| {
        format!(
            "row {} of {} refers to a row of {} that is not there",
            row.text(1),
            row.text(0),
            row.text(2)
        )
    };
    if let Ok(rows) = connection.query("PRAGMA foreign_key_check").await {
        return Ok(rows.iter().map(orphan).collect());
    }
    let mut damage = Vec::new();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
    for table in connection.query(tables).await? {
        let check = format!("PRAGMA foreign_key_check({})", quoted(table.text(0)));
        match connection.query(&check).await {
            Ok(rows) => damage.extend(rows.iter().map(orphan)),
            Err(error) => damage.push(format!("table {}: {error}", table.text(0))),
        }
    }
    Ok(damage)
}

/// A statement that makes SQLite read a trigger: one that would fire it.
async fn probe(
    connection: &Connection,
    table: &str,
    trigger: &str,
) -> Result<Option<String>, DriverError> {
    let tokens = significant(trigger, Dialect::Sqlite);
    // The event is the first of these words behind the trigger's name.
    let is_event =
        |at: &usize| ["INSERT", "DELETE", "UPDATE"].iter().any(|word| tokens[*at].is_word(word));
    let Some(event) = (3..tokens.len()).find(is_event) else { return Ok(None) };
    let name = quoted(table);
    if tokens[event].is_word("INSERT") {
        return Ok(Some(format!("EXPLAIN INSERT INTO {name} DEFAULT VALUES")));
    }
    if tokens[event].is_word("DELETE") {
        return Ok(Some(format!("EXPLAIN DELETE FROM {name}")));
    }
    let named = tokens.get(event + 1).filter(|token| token.is_word("OF"));
    let column = match named.and_then(|_| tokens.get(event + 2)).and_then(Token::identifier) {
        Some(column) => Some(column),
        None => {
            let first = format!(
                "SELECT name FROM pragma_table_xinfo({}) WHERE hidden = 0 LIMIT 1",
                Dialect::Sqlite.literal(table)
            );
            connection.query(&first).await?.first().map(|row| row.text(0).to_owned())
        }
    };
    let column = column.map(|column| quoted(&column));
    Ok(column.map(|column| format!("EXPLAIN UPDATE {name} SET {column} = {column}")))
}
