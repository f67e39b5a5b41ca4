//! Models: structs with `#[derive(Table)]` and object files, read without compiling anything.
//!
//! The crate has four rooms. `source` reads Rust files into plain items and steps over everything
//! that declares no type, so that it works while the rest of a crate is half-written. `notation`
//! resolves items, and the CREATE statements of object files, into metadata for one dialect.
//! `writing` goes the other way: from the metadata of a database to source. `foreign` reads the
//! declarations of other libraries, to become models once.
//!
//! The derive macros go through the same functions, so an attribute means the same to the compiler
//! and to the program. What can't be resolved is an error with its place in the source and the
//! attribute that would settle it; nothing is guessed. The notation is documented in
//! `docs/models.md`.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use aludel_dialect::Dialect;
//! use aludel_models::{Models, Source};
//!
//! let text = "#[derive(Table)] pub struct Note { #[column(primary_key)] id: i64, text: String }";
//! let source = Source { path: "src/models.rs".into(), text: text.to_owned() };
//! let models = Models::parse(&[source], Vec::new()).unwrap();
//! let resolved = models.metadata(Dialect::Postgres, &BTreeMap::new()).unwrap();
//! let names: Vec<String> = resolved.metadata.tables.keys().map(ToString::to_string).collect();
//! assert_eq!(names, ["notes"]);
//! ```

mod case;
mod error;
mod foreign;
mod notation;
mod source;
mod writing;

pub use case::{labels, plural, snake_case};
pub use error::{ModelError, Position};
pub use foreign::{ForeignModels, ForeignNotation, foreign_models};
pub use notation::check::{check_struct, enum_names, names};
pub use notation::models::{Models, Resolved};
pub use notation::origins::{Origin, Origins};
pub use source::attribute::Attribute;
pub use source::file::Source;
pub use source::item::{EnumItem, Field, FileItems, StructItem, TypeAlias, TypeRef, Variant};
pub use source::parse::file_items;
pub use writing::{ObjectFile, object_files, rust_source};
