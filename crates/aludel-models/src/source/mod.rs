//! The first room: source text to items, without their meaning.

pub(crate) mod attribute;
pub(crate) mod file;
pub(crate) mod item;
pub(crate) mod marks;
pub(crate) mod parse;
pub(crate) mod token;
pub(crate) mod type_ref;
