//! The columns and the clock of the journal, and the messages of a transaction.

use aludel_dialect::Dialect;

use crate::journal::{Clock, ColumnTypes, Journal};
use crate::schedule::{Message, Transaction};
use crate::version_table::VersionTable;

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

/// Returns the messages of a transaction. A single statement changes the version table and writes
/// the line of the journal, so that neither can happen without the other.
pub(crate) fn messages<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
) -> Vec<Message<'s>> {
    let line = journal.insert_after(table, &transaction.moves, &transaction.line);
    let line = Message::Bookkeeping(line);
    let mut messages = vec![Message::Begin(PG.capabilities().begin)];
    let statements = transaction.statements.iter().map(Message::Statement);
    if transaction.line_first {
        messages.push(line);
        messages.extend(statements);
    } else {
        messages.extend(statements);
        messages.push(line);
    }
    messages.push(Message::Commit);
    messages
}
