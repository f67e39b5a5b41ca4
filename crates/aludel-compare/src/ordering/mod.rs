//! The order of a plan: each operation finds what it needs, and nothing that it takes away is still in use.
//!
//! `order` asks each operation what has to come before it, and `graph` sorts them. The other modules know why
//! something comes first: a state that ends or begins, a circle that a statement of its own cuts, a text that calls.

pub(crate) mod calls;
pub(crate) mod casts;
mod circles;
mod code;
pub(crate) mod conversions;
mod ends;
pub(crate) mod graph;
mod heir_order;
mod left_attributes;
pub(crate) mod order;
mod ranks;
pub(crate) mod rename_order;
mod rests_on;
pub(crate) mod row_types;
mod sorting;
pub(crate) mod states;
pub(crate) mod table_options;
