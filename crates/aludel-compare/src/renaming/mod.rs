//! Objects that are the same on both sides under different names.
//!
//! `hints` and `asked` say what is renamed, `renames` gives the names to the database side in the order of the plan,
//! and `applied` does to names and texts what the server does.

pub(crate) mod applied;
pub(crate) mod asked;
mod attribute_names;
pub(crate) mod column_names;
pub(crate) mod constructors;
mod displaced;
pub(crate) mod hints;
mod index_names;
mod label_names;
pub(crate) mod labels;
pub(crate) mod likely;
pub(crate) mod object_rename;
mod part_hints;
mod rebound;
pub(crate) mod renames;
mod reversed;
mod sequence_names;
mod type_names;
mod unstated;
pub(crate) mod view_columns;
