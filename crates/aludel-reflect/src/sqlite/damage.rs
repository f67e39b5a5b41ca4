//! Damage in a database that SQLite does not prevent by itself.

use aludel_dialect::{Dialect, Token, significant};
use aludel_driver::{Connection, DriverError, Row, RowError};

/// Finds rows without parents, and views and triggers with missing references. Each line of the
/// result describes one of them.
///
/// # Errors
///
/// Fails if the database can't be read.
pub async fn damage(connection: &Connection<'_>) -> Result<Vec<String>, DriverError> {
    let mut damage = orphans(connection).await?;
    let readers = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY rowid";
    for row in connection.query(readers).await? {
        let (kind, table) = (row.text("type")?, row.text("tbl_name")?);
        let probe = match kind {
            "view" => Some(format!("EXPLAIN SELECT * FROM {}", quoted(table))),
            _ => trigger_probe(connection, table, row.text("sql")?).await?,
        };
        if let Some(probe) = probe
            && let Err(error) = connection.query(&probe).await
        {
            damage.push(format!("{kind} {}: {error}", row.text("name")?));
        }
    }
    Ok(damage)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Finds rows without parents. If a foreign key can't be checked, because the referenced columns
/// are not unique, the keys of the other tables are still checked.
async fn orphans(connection: &Connection<'_>) -> Result<Vec<String>, DriverError> {
    match connection.query("PRAGMA foreign_key_check").await {
        Ok(rows) => return Ok(rows.iter().map(orphan).collect::<Result<_, _>>()?),
        Err(DriverError::Statement(_)) => {}
        Err(error) => return Err(error),
    }
    let mut damage = Vec::new();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
    for table in connection.query(tables).await? {
        let check = format!("PRAGMA foreign_key_check({})", quoted(table.text("name")?));
        match connection.query(&check).await {
            Ok(rows) => {
                damage.extend(rows.iter().map(orphan).collect::<Result<Vec<_>, _>>()?);
            }
            Err(error) => damage.push(format!("table {}: {error}", table.text("name")?)),
        }
    }
    Ok(damage)
}

fn orphan(row: &Row) -> Result<String, RowError> {
    // Rows of a table WITHOUT ROWID have no number.
    let number = row.optional("rowid")?.unwrap_or("?");
    let (table, parent) = (row.text("table")?, row.text("parent")?);
    Ok(format!("row {number} of {table} refers to a row of {parent} that is not there"))
}

/// Returns a statement that makes SQLite compile a trigger: one that would fire it.
pub(crate) async fn trigger_probe(
    connection: &Connection<'_>,
    table: &str,
    trigger: &str,
) -> Result<Option<String>, DriverError> {
    let tokens = significant(trigger, Dialect::Sqlite);
    // The event is the first of these words after the name of the trigger.
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
            match connection.query(&first).await?.first() {
                Some(row) => Some(row.text("name")?.to_owned()),
                None => None,
            }
        }
    };
    let column = column.map(|column| quoted(&column));
    Ok(column.map(|column| format!("EXPLAIN UPDATE {name} SET {column} = {column}")))
}
