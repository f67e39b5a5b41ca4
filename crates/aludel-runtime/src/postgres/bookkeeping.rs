//! The columns and the clock of the journal, and the messages of a transaction.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};

use crate::journal::{Clock, ColumnTypes, Expressions, Journal};
use crate::schedule::{Message, Transaction};
use crate::version_table::VersionTable;

use super::session::KEPT;

/// The dialect of this module.
const PG: Dialect = Dialect::Postgres;

pub(crate) const TYPES: ColumnTypes = ColumnTypes {
    id: "bigint GENERATED ALWAYS AS IDENTITY",
    time: "timestamptz",
    number: "double precision",
};

pub(crate) fn clock(started: Option<&str>) -> Clock {
    let (started, since) = match started {
        None => ("now()".to_owned(), "now()".to_owned()),
        Some(at) => (PG.literal(at), format!("{}::timestamptz", PG.literal(at))),
    };
    Clock {
        started,
        finished: "clock_timestamp()".to_owned(),
        duration: format!("extract(epoch FROM clock_timestamp() - {since}) * 1000"),
    }
}

pub(crate) const EXPRESSIONS: Expressions = Expressions {
    clock,
    time,
    session: KEPT,
    returning: " RETURNING pg_catalog.pg_current_xact_id_if_assigned()::text AS xid, pg_catalog.pg_backend_pid() AS pid",
    numbers_lines: true,
};

/// The text that the server gives by itself depends on the settings of the session.
fn time(column: &str) -> String {
    format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
}

/// Returns the messages of a transaction. A single statement changes the version table and writes
/// the line of the journal, so that neither can happen without the other.
pub(crate) fn messages<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
) -> impl Iterator<Item = Message<'s>> + use<'s> {
    let inner = inner(transaction, table, journal);
    std::iter::once(Message::Begin(PG.capabilities().begin)).chain(inner).chain([Message::Commit])
}

/// Returns the messages between BEGIN and COMMIT.
pub(crate) fn inner<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
) -> impl Iterator<Item = Message<'s>> + use<'s> {
    let line = journal.insert_after(table, &transaction.moves, &transaction.line);
    let line = Message::Bookkeeping(line);
    let (first, last) =
        if transaction.line_first { (Some(line), None) } else { (None, Some(line)) };
    let statements = transaction.statements.iter().map(Message::of);
    first.into_iter().chain(statements).chain(last)
}

/// Returns true if the version table and the journal are there.
pub(crate) async fn has_tables(
    connection: &Connection<'_>,
    table: &VersionTable,
    journal: &Journal,
) -> Result<bool, DriverError> {
    let there = [table.sql_name(), journal.sql_name().to_owned()]
        .map(|name| format!("to_regclass({}) IS NOT NULL", PG.literal(&name)));
    let rows = connection.query(&format!("SELECT {} AS there", there.join(" AND "))).await?;
    match rows.first() {
        Some(row) => Ok(row.flag("there")?),
        None => Ok(false),
    }
}
