//! The differences between databases. No other module of the runtime matches on the dialect.

use std::time::Duration;

use aludel_dialect::{Dialect, Effect, RunnerLock, SqlStatement};
use aludel_driver::{Connection, DatabaseKind, DriverError};
use aludel_schema::QualifiedName;

use crate::error::RunError;
use crate::execution::Execution;
use crate::finding::Finding;
use crate::journal::{ColumnTypes, Entry, Expressions, Identity, Journal};
use crate::lock::Lock;
use crate::observer::Observer;
use crate::outcome::Outcome;
use crate::postgres::server::replica::Replicas;
use crate::read_only::ReadOnly;
use crate::schedule::{Guard, Message, Transaction};
use crate::script_head::ScriptHead;
use crate::segment::Segment;
use crate::session::Session;
use crate::session_facts::SessionFacts;
use crate::settings::RunSettings;
use crate::sqlite::wholeness::Wholeness;
use crate::version_table::VersionTable;
use crate::{postgres, sqlite};

/// Returns the dialect of the database behind a connection.
pub fn dialect_of(connection: &Connection<'_>) -> Dialect {
    match connection.kind() {
        DatabaseKind::Postgres => Dialect::Postgres,
        DatabaseKind::Sqlite => Dialect::Sqlite,
    }
}

/// Returns a connection for reading in a role, or as it is without one. Each query takes the role for
/// itself, because a pooler may give the session to others.
#[must_use]
pub fn in_role<'c>(connection: Connection<'c>, role: Option<&str>) -> Connection<'c> {
    let statement = role_statement(&connection, role);
    connection.led_by(statement)
}

/// Like [`in_role`], with the connection borrowed.
pub(crate) fn borrowed_in_role<'a>(
    connection: &'a Connection<'_>,
    role: Option<&str>,
) -> Connection<'a> {
    connection.borrowed_led_by(role_statement(connection, role))
}

fn role_statement(connection: &Connection<'_>, role: Option<&str>) -> Option<String> {
    match dialect_of(connection) {
        Dialect::Postgres => role.map(postgres::server::role::for_reading),
        Dialect::Sqlite => None,
    }
}

/// Returns the journal beside a version table, with the database's column types and clock.
pub(crate) fn journal(table: &VersionTable, identity: Identity) -> Journal {
    let (types, expressions): (ColumnTypes, Expressions) = match table.dialect {
        Dialect::Postgres => (postgres::bookkeeping::TYPES, postgres::bookkeeping::EXPRESSIONS),
        Dialect::Sqlite => (sqlite::bookkeeping::TYPES, sqlite::bookkeeping::EXPRESSIONS),
    };
    Journal::new(table, identity, types, expressions)
}

/// Returns the messages of a transaction, from BEGIN to COMMIT. `from` and `to` are the rows of the
/// version table before and after the transition.
pub(crate) fn messages<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
    from: &[String],
    to: &[String],
) -> Box<dyn Iterator<Item = Message<'s>> + 's> {
    match table.dialect {
        Dialect::Postgres => Box::new(postgres::bookkeeping::messages(transaction, table, journal)),
        Dialect::Sqlite => {
            Box::new(sqlite::bookkeeping::messages(transaction, table, journal, from, to))
        }
    }
}

/// Executes a transaction.
pub(crate) async fn send(
    segments: &[Segment<'_>],
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    let Some(Segment { execution, .. }) = segments.first() else { return Ok(()) };
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::execute::send(segments, observer).await,
        Dialect::Sqlite => sqlite::execute::send(segments, observer).await,
    }
}

/// Executes a statement outside of a transaction, and returns the number of affected rows.
pub(crate) async fn run_alone(
    execution: &Execution<'_>,
    statement: &SqlStatement<'_>,
    observer: &mut dyn Observer,
) -> Result<u64, DriverError> {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::alone::run(execution, statement, observer).await,
        Dialect::Sqlite => sqlite::alone::run(execution, statement, observer).await,
    }
}

/// Returns the statements that begin the transaction of a round of a step.
pub(crate) fn begin_round(execution: &Execution<'_>, statement: &SqlStatement<'_>) -> Vec<String> {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::alone::begin_round(execution, statement),
        Dialect::Sqlite => vec![Dialect::Sqlite.capabilities().begin.to_owned()],
    }
}

/// Writes a line of the journal outside of the transactions of a revision.
pub(crate) async fn record(
    execution: &Execution<'_>,
    line: &Entry<'_>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::alone::record(execution, line, observer).await,
        Dialect::Sqlite => sqlite::alone::record(execution, line, observer).await,
    }
}

/// Returns the outcome of a statement outside a transaction, as the catalogue shows it. `known` are
/// the indexes that were there before.
pub(crate) async fn outcome(
    execution: &Execution<'_>,
    effect: &Effect,
    known: &[String],
) -> Result<Outcome, DriverError> {
    match execution.run.table.dialect {
        Dialect::Postgres => {
            postgres::outcome::outcome(execution.run.connection, effect, known).await
        }
        Dialect::Sqlite => Ok(sqlite::outcome::outcome(effect)),
    }
}

/// Restores the state of the session behind the completed statements of an earlier run.
pub(crate) async fn restore_session(execution: &Execution<'_>) -> Result<(), RunError> {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::session::restore(execution).await,
        Dialect::Sqlite => sqlite::session::restore(execution).await,
    }
}

/// Resets the session after a transition that failed.
pub(crate) async fn forget_session(execution: &Execution<'_>) -> Result<(), DriverError> {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::session::forget(execution).await,
        Dialect::Sqlite => sqlite::session::forget(execution.run.connection).await,
    }
}

/// Returns true if a statement failed for a reason that may be gone the next time.
pub(crate) fn may_repeat(execution: &Execution<'_>, error: &DriverError) -> bool {
    match execution.run.table.dialect {
        Dialect::Postgres => postgres::server::timeouts::may_repeat(error),
        Dialect::Sqlite => false,
    }
}

/// Returns the longest lag of the database's replicas.
pub(crate) async fn replica_lag(
    execution: &Execution<'_>,
    replicas: &mut Replicas,
) -> Result<Option<Duration>, DriverError> {
    match execution.run.table.dialect {
        Dialect::Postgres => replicas.lag(execution.run.connection).await,
        Dialect::Sqlite => Ok(None),
    }
}

/// Returns the reason why a database is read-only.
pub(crate) async fn read_only(
    connection: &Connection<'_>,
) -> Result<Option<ReadOnly>, DriverError> {
    match dialect_of(connection) {
        Dialect::Postgres => postgres::server::read_only::reason(connection).await.map(Some),
        Dialect::Sqlite => Ok(None),
    }
}

/// Returns the first line of a text that the encoding of the database can't hold, counted from 1, and
/// the reason that the database gives.
pub(crate) async fn unheld(
    connection: &Connection<'_>,
    text: &str,
) -> Result<Option<(usize, String)>, DriverError> {
    match dialect_of(connection) {
        Dialect::Postgres => postgres::server::encoding::unheld(connection, text).await,
        Dialect::Sqlite => Ok(None),
    }
}

/// Returns the number of rows of a table, as the database knows it without counting.
pub(crate) async fn estimated_rows(
    execution: &Execution<'_>,
    table: &QualifiedName,
) -> Result<Option<u64>, DriverError> {
    match execution.run.table.dialect {
        Dialect::Postgres => {
            postgres::server::estimate::rows(execution.run.connection, table).await
        }
        Dialect::Sqlite => Ok(None),
    }
}

/// Returns true if the version table and the journal are known to be there.
pub(crate) async fn has_tables(
    connection: &Connection<'_>,
    table: &VersionTable,
    journal: &Journal,
) -> Result<bool, DriverError> {
    match table.dialect {
        Dialect::Postgres => postgres::bookkeeping::has_tables(connection, table, journal).await,
        // CREATE TABLE IF NOT EXISTS needs no right there, and says nothing.
        Dialect::Sqlite => Ok(false),
    }
}

/// Returns the process that serves a connection; `None` if the database has none.
pub(crate) async fn process(connection: &Connection<'_>) -> Result<Option<i64>, DriverError> {
    match dialect_of(connection) {
        Dialect::Postgres => postgres::server::pooler::pid(connection).await.map(Some),
        Dialect::Sqlite => Ok(None),
    }
}

/// Prepares the session of a run.
pub(crate) async fn prepare_session(
    connection: &Connection<'_>,
    table: &VersionTable,
    settings: &RunSettings,
) -> Result<SessionFacts, RunError> {
    match table.dialect {
        Dialect::Postgres => postgres::session::prepare(connection, settings).await,
        Dialect::Sqlite => Ok(SessionFacts::default()),
    }
}

/// Examines a database.
pub(crate) async fn examine(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<Vec<Finding>, DriverError> {
    match table.dialect {
        Dialect::Postgres => postgres::examine::examine(connection).await,
        Dialect::Sqlite => sqlite::examine::examine(connection).await,
    }
}

/// Returns the session that holds the lock of a version table.
pub(crate) async fn lock_holder(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<Option<Session>, DriverError> {
    match table.dialect.capabilities().lock {
        RunnerLock::Advisory => postgres::lock::holder(connection, table).await,
        RunnerLock::File => Ok(None),
    }
}

/// Begins to watch the references that the database itself does not enforce during a transition.
pub(crate) async fn watch(execution: &Execution<'_>) -> Result<Option<Wholeness>, RunError> {
    match execution.run.table.dialect {
        Dialect::Postgres => Ok(None),
        Dialect::Sqlite => Wholeness::watch(execution).await.map(Some),
    }
}

/// Tries to take the lock of a version table; returns `None` if another runner holds it.
pub(crate) async fn try_lock(
    connection: &Connection<'_>,
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
