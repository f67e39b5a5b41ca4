//! Dialects: everything that is specific to one database, from its lexer to its DDL.
//!
//! A [`Dialect`] quotes identifiers, spells types and defaults, and renders operations to
//! [`Step`]s. Each step holds its SQL statements, the locks that they take on a server, and the
//! hazards that a reviewer has to know. [`split()`] divides a script into statements, and
//! [`created`], [`changed_objects`] and [`parse_definition`] find the objects that statements refer
//! to.
//!
//! Differences between databases are data first: simple facts are fields of [`Capabilities`], and
//! the statements for kinds such as views and domains are entries in the table of kinds
//! ([`KindFacts`]). Everything else is a method of [`Dialect`]. The crate is pure: it takes text
//! and data, returns text and data, and does no I/O.
//!
//! ```
//! use aludel_dialect::{Dialect, split};
//! use aludel_operations::{Object, Operation};
//! use aludel_schema::{QualifiedName, Table};
//!
//! assert_eq!(Dialect::Postgres.quote("order"), "\"order\"");
//! assert_eq!(split("SELECT ';'; SELECT 2", Dialect::Sqlite).unwrap().len(), 2);
//!
//! let table = Table::new(QualifiedName::unqualified("users"));
//! let operations = [Operation::Drop(Object::Table(Box::new(table)))];
//! let steps = Dialect::Postgres.steps(&operations).unwrap();
//! assert_eq!(steps[0].statements, ["DROP TABLE users"]);
//! assert_eq!(steps[0].hazards[0].code(), "drops-rows");
//! ```

mod access;
mod attribute;
mod bind;
mod by_place;
mod capabilities;
mod client;
mod computed;
mod copy;
mod default_privileges;
mod definition;
mod dialect;
mod directive;
mod effect;
mod expression;
mod given;
mod hazard;
mod head;
mod kind;
mod kinds;
mod label;
mod label_literal;
mod lexer;
mod lock;
mod moved;
mod no_data;
mod object_statements;
mod postgres;
mod quote;
mod range;
mod renaming;
mod render;
mod signature;
mod split;
mod sqlite;
mod statement;
mod statistics;
mod step;
mod token;
mod transaction;
mod typing;
mod unended;
mod unique_index;
mod words;

pub use access::{AccessChange, AccessStatement, AccessTarget, Accessed, access, privileges};
pub use attribute::{attributes, rename_attribute};
pub use bind::Value;
pub use by_place::{inserts_by_place, lists_columns, returns_row};
pub use capabilities::{
    AlterTable, Capabilities, IdentifierCase, IdentityColumns, RunnerLock, Spelling,
};
pub use default_privileges::{
    DefaultPrivileges, GivenByDefault, change_default_privileges, default_privileges,
    given_by_default,
};
pub use definition::{OperatorFamily, parse_definition};
pub use dialect::Dialect;
pub use directive::{Directive, duration};
pub use effect::{Effect, Reindexed};
pub use expression::{
    as_default, column_as_row, is_null, mentions, name_columns, normal_form, normal_form_over,
    row_as_column, unfinished, without_comments, without_parentheses, without_table,
};
pub use hazard::{Hazard, HazardClass};
pub use kind::{Body, ClauseFacts, ClausePlace, KindFacts, Replace};
pub use label::expression_label;
pub use label_literal::rename_label_literal;
pub use lexer::{significant, tokens};
pub use lock::{Blocked, LockMode};
pub use moved::{NamedAs, declaration_length, move_names};
pub use no_data::{says_no_data, without_rows};
pub use object_statements::{ObjectStatement, object_statements};
pub use postgres::retype::range::bounds_refused;
pub use postgres::sequence::sequence_defaults;
pub use range::{constructors, multirange};
pub use renaming::{
    Rename, column_aliases, rename_columns, rename_columns_in_query, rename_in, rename_words,
    rename_words_in,
};
pub use split::{SplitError, SqlStatement, split};
pub use sqlite::parse::{ParsedTable, parse_create_index, parse_create_table};
pub use statement::{
    Commented, Created, altered, changed_objects, commented, created, literal_value, moved_by,
    names_constraint, partitioned, referenced, referenced_columns, referenced_key,
    sorting_operators, unknown_kind, unnamed,
};
pub use step::{Step, TransactionClass, Unsupported};
pub use token::{Token, TokenKind};
pub use transaction::{adds_the_same, batch_target};
pub use unique_index::unique_columns;
pub use words::{Code, Words, code};
