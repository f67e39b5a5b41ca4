//! SQLite has no enum types: an enum is text with a check, which the reader of models writes.

use aludel_schema::EnumType;

use crate::step::Rendered;

/// There is no statement for it.
pub(super) fn create(_: &EnumType) -> Option<Rendered> {
    None
}
