//! Operations: the changes that Aludel can make to a schema, as plain data.
//!
//! All kinds of objects share five verbs: create, drop, rename, alter and comment. The contents of
//! an ALTER differ by kind, so [`Alter`] has a variant for each of them. A sixth verb, restore,
//! brings back a dropped column, but not its values.
//!
//! A comparison yields operations and a dialect renders them. Each operation carries the data that
//! both need, so neither of them has to look anything up in the metadata.
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
    Alter, AttributeChange, ColumnChange, ColumnFill, Counter, LabelValue, Move, Operation,
    RestoredColumn, TableRebuild, TypeColumn, TypeReplacement,
};
