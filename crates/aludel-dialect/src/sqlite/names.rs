//! Renames and comments.

use aludel_schema::{Kind, ObjectId};

use crate::Dialect::Sqlite;
use crate::step::Rendered;

/// ALTER TABLE … RENAME; `None` for everything that is no table or column.
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

/// SQLite keeps no comments, so that nothing can be said on any object.
pub(super) fn comment(_: &ObjectId) -> Option<Rendered> {
    None
}
