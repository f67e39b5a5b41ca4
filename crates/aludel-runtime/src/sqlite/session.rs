//! The state of a connection: settings by PRAGMA, attached databases and temporary tables.

use aludel_dialect::{Dialect, SqlStatement, significant};
use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::execution::Execution;

/// The dialect of this module.
const SQLITE: Dialect = Dialect::Sqlite;

/// Restores the state of the connection behind the completed statements of an earlier run, by
/// repeating those that set it.
pub(crate) async fn restore(execution: &Execution<'_>) -> Result<(), RunError> {
    let Some(begun) = &execution.begun else { return Ok(()) };
    let all = &execution.script.statements;
    let (done, rest) = all.split_at(begun.done.min(all.len()));
    for statement in done {
        if let Some(name) = temporary(statement)
            && execution.script.mentions(rest, &name)
        {
            return Err(RunError::SessionGone {
                revision: begun.revision.clone(),
                done: begun.done,
                what: format!("the temporary table {name}"),
            });
        }
        if SQLITE.may_change_session(statement.sql) {
            execution.run.connection.run(statement.sql).await?;
        }
    }
    Ok(())
}

/// Returns the name of the temporary table or view that a statement creates.
fn temporary(statement: &SqlStatement<'_>) -> Option<String> {
    let tokens = significant(statement.sql, SQLITE);
    let [create, temp, _, rest @ ..] = tokens.as_slice() else { return None };
    let is_temporary =
        create.is_word("CREATE") && (temp.is_word("TEMP") || temp.is_word("TEMPORARY"));
    is_temporary.then_some(())?;
    let keywords = ["IF", "NOT", "EXISTS"];
    let name = rest.iter().find(|token| !keywords.iter().any(|word| token.is_word(word)))?;
    name.identifier()
}

/// Detaches databases and drops temporary tables that a revision has left, so that it can't affect
/// the next one.
pub(crate) async fn forget(connection: &Connection<'_>) -> Result<(), DriverError> {
    let query = "SELECT 'DETACH ' || '\"' || replace(name, '\"', '\"\"') || '\"' AS sql FROM pragma_database_list \
                 WHERE name NOT IN ('main', 'temp') \
                 UNION ALL SELECT 'DROP ' || type || ' temp.' || '\"' || replace(name, '\"', '\"\"') || '\"' \
                 FROM temp.sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
    for row in connection.query(query).await? {
        connection.run(row.text("sql")?).await?;
    }
    Ok(())
}
