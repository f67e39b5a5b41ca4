//! NOT NULL constraints, which have names of their own since PostgreSQL 18: in tables, in what inherits from them, and
//! in partitions.

pub(crate) mod heir_names;
pub(crate) mod kept;
pub(crate) mod kept_names;
mod loosened;
pub(crate) mod not_null;
pub(crate) mod own_not_null;
pub(crate) mod part_kept;
pub(crate) mod part_names;
pub(crate) mod passed_on;
pub(crate) mod taken;
