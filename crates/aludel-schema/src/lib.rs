//! Metadata: everything that a set of models, or a live database, declares.
//!
//! Plain data and nothing else. No dialect, no I/O and no SQL is written here; where a value *is*
//! SQL (a default, a check, an index predicate, the name of a type) it is carried as [`SqlText`],
//! opaque, together with the spelling that the server gave it once it has been asked.
//!
//! Both sides of a comparison are this type: `aludel-models` builds it from Rust source,
//! `aludel-reflect` from a live database.

mod column;
mod constraint;
mod definition;
mod depends;
mod enum_type;
mod index;
mod metadata;
mod name;
mod naming;
mod object;
mod parameters;
mod sequence;
mod sql_text;
mod table;

pub use column::{Column, Generated, Identity};
pub use constraint::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey};
pub use definition::{Belongings, Clause, Definition, Grant, ShapeColumn};
pub use depends::Reads;
pub use enum_type::EnumType;
pub use index::{Index, IndexKey, KeyPart, Nulls};
pub use metadata::{Extension, Metadata};
pub use name::QualifiedName;
pub use naming::{ConstraintLabel, MAX_IDENTIFIER, NamePool, index_name_columns, object_name};
pub use object::{Kind, ObjectId};
pub use parameters::Parameters;
pub use sequence::{OwnerColumn, Sequence, SequenceOptions};
pub use sql_text::SqlText;
pub use table::{Table, TableOptions, Trigger};
