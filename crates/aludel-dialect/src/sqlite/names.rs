//! Renames and comments.

use aludel_schema::{Kind, ObjectId};

use crate::dialect::Dialect::Sqlite;
use crate::step::Rendered;

/// Renders ALTER TABLE … RENAME; returns `None` for objects other than tables and columns.
pub(super) fn rename(from: &ObjectId, to: &str) -> Option<Rendered> {
    let (old, new) = (Sqlite.quote(&from.name.name), Sqlite.quote(to));
    let sql = match (from.kind, &from.table) {
        (Kind::Table, None) => format!("ALTER TABLE {old} RENAME TO {new}"),
        (Kind::Column, Some(table)) => {
            format!("ALTER TABLE {} RENAME COLUMN {old} TO {new}", Sqlite.quote(&table.name))
        }
        _ => return None,
    };
    Some(Rendered::statement(sql))
}

/// Returns `None`, because SQLite has no comments on objects.
pub(super) fn comment(_: &ObjectId) -> Option<Rendered> {
    None
}
