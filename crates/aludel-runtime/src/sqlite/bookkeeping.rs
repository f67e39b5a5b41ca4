//! The columns and the clock of the journal, and the messages of a transaction.

use aludel_dialect::Dialect;

use crate::journal::{Clock, ColumnTypes, Expressions, Journal};
use crate::schedule::{Guard, Message, Transaction};
use crate::version_table::VersionTable;

/// The dialect of this module.
const SQLITE: Dialect = Dialect::Sqlite;

pub(crate) const TYPES: ColumnTypes = ColumnTypes { id: "INTEGER", time: "TEXT", number: "REAL" };

pub(crate) const EXPRESSIONS: Expressions =
    Expressions { clock, time, session: "NULL", returning: "", numbers_lines: false };

/// The column has the text.
fn time(column: &str) -> String {
    column.to_owned()
}

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
) -> impl Iterator<Item = Message<'s>> + use<'s> {
    let is_last = !transaction.moves.is_empty() || from == to;
    let before = [
        Message::Guard(Guard::WholeBefore),
        Message::Begin(SQLITE.capabilities().begin),
        Message::Guard(Guard::From(from.to_vec())),
    ];
    let moves: Vec<String> = transaction.moves.iter().map(|m| table.statement(m)).collect();
    let after = [
        Message::Bookkeeping(journal.insert(&transaction.line)),
        Message::Guard(Guard::WholeAfter),
    ];
    let end = is_last.then(|| Message::Guard(Guard::To(to.to_vec())));
    before
        .into_iter()
        .chain(transaction.statements.iter().map(Message::of))
        .chain(moves.into_iter().map(Message::Move))
        .chain(after)
        .chain(end)
        .chain([Message::Commit])
}
