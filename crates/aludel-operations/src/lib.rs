//! Operations: everything that Aludel can do to a schema, as plain data.
//!
//! A comparison yields operations, a dialect renders them. Each carries what both directions need,
//! so that a reader of the operation never has to ask the metadata again.

mod describe;
mod operation;

pub use operation::{EnumColumn, Operation, TableRebuild};
