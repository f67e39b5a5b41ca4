//! The names that a plan takes and frees: conflicts, names that pass from one object to another, and third names
//! that lie between.

pub(crate) mod chosen_names;
pub(crate) mod ended_parts;
pub(crate) mod free_names;
pub(crate) mod known_names;
pub(crate) mod meant;
pub(crate) mod moving;
pub(crate) mod name;
pub(crate) mod name_cycles;
pub(crate) mod passing;
pub(crate) mod successor;
pub(crate) mod third_names;
