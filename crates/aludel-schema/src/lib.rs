//! Metadata: the schema that a set of models declares or that a live database holds, as plain data.
//!
//! [`Metadata`] holds tables with their columns, constraints and indexes, and enum types,
//! sequences, extensions and [`Definition`]s such as views and domains. Both sides of a comparison
//! have this type: `aludel-models` builds it from Rust source, `aludel-reflect` from a live
//! database. Every object has an identity, [`ObjectId`]: its kind, its name, and the table that it
//! belongs to, if any.
//!
//! SQL inside of metadata, such as a default, a check or the name of a type, is an opaque
//! [`SqlText`]. It holds the text as written and, where they differ, the canonical spelling of the
//! server; two texts are equal if their canonical spellings are. The crate does no I/O and has no
//! dialects.
//!
//! ```
//! use aludel_schema::{Column, Metadata, QualifiedName, SqlText, Table};
//!
//! let name = QualifiedName::unqualified("users");
//! let mut table = Table::new(name.clone());
//! let mut column = Column::new("email", "varchar(80)");
//! column.sql_type = SqlText::new("varchar(80)");
//! column.sql_type.canonical = Some("character varying(80)".to_owned());
//! table.columns.push(column);
//!
//! let mut metadata = Metadata::default();
//! metadata.add_table(table);
//! let email = metadata.tables[&name].column("email").unwrap();
//! assert_eq!(email.sql_type, SqlText::new("character varying(80)"));
//! ```

mod access;
mod agreement;
mod bookkeeping;
mod cast;
mod column;
mod constraint;
mod definition;
mod depends;
mod enum_type;
mod hint;
mod index;
mod metadata;
mod name;
mod naming;
mod object;
mod parameters;
mod remarks;
mod scope;
mod sequence;
mod sql_text;
mod table;

pub use access::{Access, GrantChange, GrantVerb};
pub use bookkeeping::is_bookkeeping;
pub use cast::{CastContext, CastTypes};
pub use column::{Column, ColumnStorage, Generated, Identity, NotNull};
pub use constraint::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey, Validity};
pub use definition::{Belongings, Clause, Definition, Grant, ShapeColumn};
pub use depends::Reads;
pub use enum_type::EnumType;
pub use hint::{Hint, Hints};
pub use index::{Index, IndexKey, IndexSettings, KeyPart, Nulls};
pub use metadata::{Extension, Metadata};
pub use name::{QualifiedName, outside_quotes, path, path_part};
pub use naming::{ConstraintLabel, MAX_IDENTIFIER, NamePool, index_name_columns, object_name};
pub use object::{Kind, Namespace, ObjectId};
pub use parameters::Parameters;
pub use remarks::Remarks;
pub use scope::{BadPattern, Manage, Pattern, Schemas, Scope};
pub use sequence::{OwnerColumn, Sequence, SequenceOptions};
pub use sql_text::SqlText;
pub use table::{IndexRoles, ReplicaIdentity, Table, TableOptions};
