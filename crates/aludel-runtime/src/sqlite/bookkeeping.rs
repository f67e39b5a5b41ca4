//! The columns and the clock of the journal, and the messages of a transaction.

use aludel_dialect::Dialect;

use crate::journal::{Clock, ColumnTypes, Expressions, Journal};
use crate::schedule::{Guard, Message, Transaction};
use crate::version_table::VersionTable;

/// The dialect of this module.
const SQLITE: Dialect = Dialect::Sqlite;

pub(crate) const TYPES: ColumnTypes = ColumnTypes { id: "INTEGER", time: "TEXT", number: "REAL" };

pub(crate) const EXPRESSIONS: Expressions = Expressions { clock, session: "NULL", returning: "" };

pub(crate) fn clock(started: Option<&str>) -> Clock {
    let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')".to_owned();
    let started = started.map_or_else(|| now.clone(), |at| SQLITE.literal(at));
    let duration =
        format!("max(0, round((julianday('now') - julianday({started})) * 86400000, 3))");
    Clock { started, finished: now, duration }
}

/// Returns the messages of a transaction. BEGIN IMMEDIATE locks the database, so the version table
/// is checked after it. References that SQLite does not enforce are checked before and after.
pub(crate) fn messages<'s>(
    transaction: &Transaction<'s>,
    table: &VersionTable,
    journal: &Journal,
    from: &[String],
    to: &[String],
) -> Vec<Message<'s>> {
    let last = !transaction.moves.is_empty() || from == to;
    let mut messages = vec![
        Message::Guard(Guard::WholeBefore),
        Message::Begin(SQLITE.capabilities().begin),
        Message::Guard(Guard::From(from.to_vec())),
    ];
    messages.extend(transaction.statements.iter().map(Message::Statement));
    messages.extend(transaction.moves.iter().map(|m| Message::Move(table.statement(m))));
    messages.push(Message::Bookkeeping(journal.insert(&transaction.line)));
    messages.push(Message::Guard(Guard::WholeAfter));
    messages.extend(last.then(|| Message::Guard(Guard::To(to.to_vec()))));
    messages.push(Message::Commit);
    messages
}
