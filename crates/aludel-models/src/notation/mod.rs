//! The second room: the meaning of items in a dialect. As in the other layers, each kind has a
//! file.

use aludel_dialect::Dialect;

pub(crate) mod access;
pub(crate) mod check;
pub(crate) mod column;
pub(crate) mod constraint;
pub(crate) mod context;
pub(crate) mod definition;
pub(crate) mod enum_type;
pub(crate) mod expression;
pub(crate) mod index;
pub(crate) mod models;
pub(crate) mod namespace;
pub(crate) mod origins;
pub(crate) mod sequence;
pub(crate) mod storage;
pub(crate) mod table;
pub(crate) mod threads;
pub(crate) mod types;

/// The dialect whose names the notation uses for types and sequences. Other dialects translate
/// them.
pub(crate) const NOTATION: Dialect = Dialect::Postgres;
