//! What differs between databases, by dialect: the one place of the runtime that asks for it.

use aludel_dialect::{Dialect, RunnerLock};
use aludel_driver::Connection;

use crate::error::RunError;
use crate::execute::Execution;
use crate::journal::{Clock, ColumnTypes, Journal};
use crate::lock::Lock;
use crate::schedule::{Guard, Message, Transaction};
use crate::sqlite::wholeness::Wholeness;
use crate::version_table::VersionTable;
use crate::{postgres, sqlite};

/// The types of the journal's columns.
pub(crate) fn journal_types(dialect: Dialect) -> ColumnTypes {
    match dialect {
        Dialect::Postgres => postgres::bookkeeping::TYPES,
        Dialect::Sqlite => sqlite::bookkeeping::TYPES,
    }
}

/// The database's clock. `started` is RFC 3339; `None` is when the transaction began.
pub(crate) fn clock(dialect: Dialect, started: Option<&str>) -> Clock {
    match dialect {
        Dialect::Postgres => postgres::bookkeeping::clock(started),
        Dialect::Sqlite => sqlite::bookkeeping::clock(started),
    }
}

/// The messages of a transaction, from BEGIN to COMMIT. `from` and `to` are the rows of the version
/// table before and after the step.
pub(crate) fn messages<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
    from: &[String],
    to: &[String],
) -> Vec<Message<'s>> {
    match table.dialect {
        Dialect::Postgres => postgres::bookkeeping::messages(transaction, table, journal),
        Dialect::Sqlite => sqlite::bookkeeping::messages(transaction, table, journal, from, to),
    }
}

/// Sends a transaction.
pub(crate) async fn send(
    execution: &Execution<'_>,
    transaction: &Transaction<'_>,
    wholeness: Option<&Wholeness>,
) -> Result<(), RunError> {
    match execution.table.dialect {
        Dialect::Postgres => postgres::execute::send(execution, transaction).await,
        Dialect::Sqlite => sqlite::execute::send(execution, transaction, wholeness).await,
    }
}

/// What the database itself does not look after while a step runs.
pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Option<Wholeness>, RunError> {
    match execution.table.dialect {
        Dialect::Postgres => Ok(None),
        Dialect::Sqlite => Wholeness::watch(execution).await.map(Some),
    }
}

/// Tries to take the lock of a version table; `None` if another runner has it.
pub(crate) async fn try_lock(
    connection: &Connection,
    table: &VersionTable,
) -> Result<Option<Lock>, RunError> {
    match table.dialect.capabilities().lock {
        RunnerLock::Advisory => postgres::lock::attempt(connection, table).await,
        RunnerLock::File => sqlite::lock::attempt(connection),
    }
}

/// What a script begins with: what stops it at the first error, the tables, and what stops it in a
/// database that is somewhere else.
pub(crate) struct ScriptHead {
    /// The program that runs it.
    pub(crate) program: &'static str,
    /// The command by which that program stops at the first error.
    pub(crate) stop: &'static str,
    /// The statements that refuse another database.
    pub(crate) guard: Vec<String>,
}

/// The beginning of a script for a database at `rows`.
pub(crate) fn script_head(table: &VersionTable, rows: &[String], refusal: &str) -> ScriptHead {
    match table.dialect {
        Dialect::Postgres => postgres::offline::head(table, rows, refusal),
        Dialect::Sqlite => sqlite::offline::head(table, rows, refusal),
    }
}

/// A guard as a script has it; empty where the script's head has said it.
pub(crate) fn script_guard(dialect: Dialect, guard: &Guard) -> Vec<&'static str> {
    match dialect {
        Dialect::Postgres => Vec::new(),
        Dialect::Sqlite => sqlite::offline::guard(guard),
    }
}

/// What a script has behind a change of the version table; `None` where the change itself is refused.
pub(crate) fn script_moved(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => None,
        Dialect::Sqlite => Some(sqlite::offline::MOVED),
    }
}

/// A statement that is repeated until it touches no row, as a script has it; `None` if no script can
/// do that.
pub(crate) fn script_batch(dialect: Dialect, sql: &str) -> Option<String> {
    match dialect {
        Dialect::Postgres => Some(postgres::offline::batch(sql)),
        Dialect::Sqlite => None,
    }
}

/// What ends the settings of a session.
pub(crate) fn reset_settings(dialect: Dialect) -> &'static [&'static str] {
    if dialect.capabilities().session_settings { &["RESET ROLE", "RESET ALL"] } else { &[] }
}
