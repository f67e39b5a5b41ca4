//! How each database says it: lexing, splitting, quoting, types, DDL and capabilities.
//!
//! Everything here is pure: text and data in, text and data out. A difference between databases is
//! first a field of [`Capabilities`], then a method of [`Dialect`]; no other crate asks which
//! dialect it is talking about.

mod capabilities;
mod dialect;
mod expression;
mod lexer;
mod postgres;
mod question;
mod split;
mod sqlite;
mod statement;
mod touched;

pub use capabilities::Capabilities;
pub use dialect::Dialect;
pub use expression::{
    Rename, mentions, name_columns, normal_form, rename_columns, settle_by_tokens,
    without_parentheses,
};
pub use lexer::{Token, TokenKind, significant, tokens};
pub use postgres::{collation_name, sequence_defaults};
pub use question::{Answer, Question, Subject};
pub use split::{Directive, SplitError, SqlStatement, split};
pub use sqlite::parse::{ParsedTable, parse_create_index, parse_create_table};
pub use statement::Statement;
pub use touched::{Touched, touched};
