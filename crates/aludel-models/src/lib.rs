//! Models: structs with `#[derive(Table)]`, read from source without compiling it.
//!
//! `parse` reads files into plain items, [`Models::metadata`] resolves those into metadata for one
//! dialect. The derive macros go through the same functions, so an attribute means the same to the
//! compiler and to the program. What can't be resolved is an error with its place in the source and
//! the attribute that would settle it; nothing is guessed. The notation is documented in
//! `docs/models.md`.

mod attribute;
mod case;
mod check;
mod column;
mod constraint;
mod context;
mod enums;
mod error;
mod index;
mod item;
mod marks;
mod models;
mod parse;
mod table;
mod threads;
mod token;
mod type_ref;
mod types;
mod write;

pub use attribute::Attribute;
pub use case::{labels, plural, snake_case};
pub use check::{check_struct, enum_names, names};
pub use error::{ModelError, Position};
pub use item::{EnumItem, Field, FileItems, StructItem, TypeRef, Variant};
pub use models::{Models, Origins, Resolved, Source};
pub use parse::file_items;
pub use write::rust_source;
