//! The differences between databases. No other module of the runtime matches on the dialect.

use aludel_dialect::{Dialect, RunnerLock};
use aludel_driver::Connection;

use crate::error::RunError;
use crate::execution::Execution;
use crate::journal::{ClockOf, ColumnTypes, Identity, Journal};
use crate::lock::Lock;
use crate::schedule::{Guard, Message, Transaction};
use crate::script_head::ScriptHead;
use crate::sqlite::wholeness::Wholeness;
use crate::version_table::VersionTable;
use crate::{postgres, sqlite};

/// Returns the journal beside a version table, with the database's column types and clock.
pub(crate) fn journal(table: &VersionTable, identity: Identity) -> Journal {
    let (types, clock): (ColumnTypes, ClockOf) = match table.dialect {
        Dialect::Postgres => (postgres::bookkeeping::TYPES, postgres::bookkeeping::clock),
        Dialect::Sqlite => (sqlite::bookkeeping::TYPES, sqlite::bookkeeping::clock),
    };
    Journal::new(table, identity, types, clock)
}

/// Returns the messages of a transaction, from BEGIN to COMMIT. `from` and `to` are the rows of the
/// version table before and after the transition.
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

/// Executes a transaction.
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

/// Begins to watch the references that the database itself does not enforce during a transition.
pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Option<Wholeness>, RunError> {
    match execution.table.dialect {
        Dialect::Postgres => Ok(None),
        Dialect::Sqlite => Wholeness::watch(execution).await.map(Some),
    }
}

/// Tries to take the lock of a version table; returns `None` if another runner holds it.
pub(crate) async fn try_lock(
    connection: &Connection,
    table: &VersionTable,
) -> Result<Option<Lock>, RunError> {
    match table.dialect.capabilities().lock {
        RunnerLock::Advisory => postgres::lock::attempt(connection, table).await,
        RunnerLock::File => sqlite::lock::attempt(connection),
    }
}

/// Returns the head of a script for a database at `rows`.
pub(crate) fn script_head(table: &VersionTable, rows: &[String], refusal: &str) -> ScriptHead {
    match table.dialect {
        Dialect::Postgres => postgres::offline::head(table, rows, refusal),
        Dialect::Sqlite => sqlite::offline::head(table, rows, refusal),
    }
}

/// Returns the statements for a guard in a script; empty if the head of the script covers it.
pub(crate) fn script_guard(dialect: Dialect, guard: &Guard) -> Vec<&'static str> {
    match dialect {
        Dialect::Postgres => Vec::new(),
        Dialect::Sqlite => sqlite::offline::guard(guard),
    }
}

/// Returns the statement that checks a change of the version table in a script; `None` if the
/// change itself is refused.
pub(crate) fn script_moved(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => None,
        Dialect::Sqlite => Some(sqlite::offline::MOVED),
    }
}

/// Returns the script for a statement that is repeated until it affects no row; `None` if a script
/// can't do that.
pub(crate) fn script_batch(dialect: Dialect, sql: &str) -> Option<String> {
    match dialect {
        Dialect::Postgres => Some(postgres::offline::batch(sql)),
        Dialect::Sqlite => None,
    }
}

/// Returns the statements that reset the settings of a session.
pub(crate) fn reset_settings(dialect: Dialect) -> &'static [&'static str] {
    if dialect.capabilities().session_settings { &["RESET ROLE", "RESET ALL"] } else { &[] }
}
