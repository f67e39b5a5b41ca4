//! SQLite has no sequences: AUTOINCREMENT keeps its counter by itself.

use aludel_schema::Sequence;

use crate::step::Rendered;

/// There is no statement for it.
pub(super) fn create(_: &Sequence) -> Option<Rendered> {
    None
}
