//! How each database says it: lexing, splitting, quoting, types, DDL and capabilities.
//!
//! Everything here is pure: text and data in, text and data out. A difference between databases is
//! first a field of [`Capabilities`], then a method of [`Dialect`]; no other crate asks which
//! dialect it is talking about.

mod capabilities;
mod dialect;
mod expression;
mod hazard;
mod kind;
mod kinds;
mod lexer;
mod lock;
mod postgres;
mod split;
mod sqlite;
mod statement;
mod step;

pub use capabilities::{
    AlterTable, Capabilities, IdentifierCase, IdentityColumns, RunnerLock, Spelling,
};
pub use dialect::Dialect;
pub use expression::{
    Rename, mentions, name_columns, normal_form, rename_columns, without_parentheses,
};
pub use hazard::{Hazard, HazardClass};
pub use kind::{ClauseFacts, ClausePlace, KindFacts, Replace, parse_definition};
pub use lexer::{Token, TokenKind, significant, tokens};
pub use lock::{Blocked, LockMode};
pub use postgres::sequence_defaults;
pub use split::{Directive, ObjectStatement, SplitError, SqlStatement, object_statements, split};
pub use sqlite::parse::{ParsedTable, parse_create_index, parse_create_table};
pub use statement::{Commented, Created, changed_objects, commented, created};
pub use step::{Step, TransactionClass, Unsupported};
