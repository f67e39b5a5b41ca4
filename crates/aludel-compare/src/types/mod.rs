//! Enum types, domains and composite types, with the columns that hold their values.

pub(crate) mod domain;
pub(crate) mod domain_clauses;
pub(crate) mod enum_type;
pub(crate) mod holder;
pub(crate) mod replacement;
pub(crate) mod reshaped;
