//! Tables with their columns, constraints and indexes, changed in place or rebuilt.

pub(crate) mod column;
pub(crate) mod constraint;
pub(crate) mod foreign_keys;
pub(crate) mod index;
pub(crate) mod key_of_index;
pub(crate) mod rebuild;
pub(crate) mod recomputed;
pub(crate) mod table;
pub(crate) mod toast;
