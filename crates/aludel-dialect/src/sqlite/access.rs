//! Owners and privileges, which SQLite lacks.

use crate::step::Rendered;

/// Returns `None`, because a file of SQLite belongs to whoever may open it.
pub(super) fn alter() -> Option<Rendered> {
    None
}
