//! Extensions, which SQLite lacks. Those that it loads are a matter of the connection.

use aludel_schema::Extension;

use crate::step::Rendered;

/// Returns `None`, because SQLite has no statement for extensions.
pub(super) fn create(_: &Extension) -> Option<Rendered> {
    None
}
