//! Sequences, which SQLite lacks. AUTOINCREMENT has a counter of its own.

use aludel_schema::Sequence;

use crate::step::Rendered;

/// Returns `None`, because SQLite has no statement for sequences.
pub(super) fn create(_: &Sequence) -> Option<Rendered> {
    None
}
