//! Enum types, which SQLite lacks. The reader of models turns an enum into text with a check.

use aludel_schema::EnumType;

use crate::step::Rendered;

/// Returns `None`, because SQLite has no statement for enum types.
pub(super) fn create(_: &EnumType) -> Option<Rendered> {
    None
}
