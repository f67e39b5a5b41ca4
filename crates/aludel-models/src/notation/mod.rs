//! The second room: what items mean in a dialect. A file for each kind, as in the other layers.

use aludel_dialect::Dialect;

pub(crate) mod check;
pub(crate) mod column;
pub(crate) mod constraint;
pub(crate) mod context;
pub(crate) mod definition;
pub(crate) mod enum_type;
pub(crate) mod index;
pub(crate) mod models;
pub(crate) mod origins;
pub(crate) mod table;
pub(crate) mod threads;
pub(crate) mod types;

/// The notation names types and sequences as this database does; other dialects translate.
pub(crate) const NOTATION: Dialect = Dialect::Postgres;
