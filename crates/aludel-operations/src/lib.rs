//! Operations: everything that Aludel can do to a schema, as plain data.
//!
//! There are five verbs, and every kind of object uses the same ones: create, drop, rename, alter
//! and comment. What an ALTER says differs by kind, so [`Alter`] has a variant for each of them; a
//! sixth verb, restore, brings back a column whose values are gone.
//!
//! A comparison yields operations and a dialect renders them. Each operation carries what both need,
//! so that its reader never has to ask the metadata again.
//!
//! ```
//! use aludel_operations::{Object, Operation};
//! use aludel_schema::{QualifiedName, Table};
//!
//! let table = Table::new(QualifiedName::unqualified("users"));
//! let operation = Operation::Create(Object::Table(Box::new(table)));
//! assert_eq!(operation.to_string(), "create table users");
//! assert_eq!(operation.object().to_string(), "table users");
//! ```

mod describe;
mod object;
mod operation;

pub use object::Object;
pub use operation::{
    Alter, ColumnChange, ColumnFill, Operation, RestoredColumn, TableRebuild, TypeColumn,
    TypeReplacement,
};
