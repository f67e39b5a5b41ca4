//! Schema migrations for Rust, the way Alembic does them for Python, and further.
//!
//! Structs with [`#[derive(Table)]`](derive@Table) say what the schema is. The `aludel` program
//! compares them with a live database and writes one SQL file with an upgrade and a downgrade;
//! revisions form a graph. This crate is what the program is made of: every command is a function
//! here, and the program adds arguments, words and exit codes.
//!
//! An application that only declares models takes it with `default-features = false`: then there
//! are the macros and their traits, and no driver is compiled. The features `migrate`, `postgres` and
//! `sqlite` add the [`Migrator`], which runs revisions at the start of an application;
//! `docs/embedding.md` describes them.
//!
//! ```
//! use aludel::{Enum, Table};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, Enum)]
//! pub enum Status {
//!     Draft,
//!     InReview,
//! }
//!
//! #[derive(Table)]
//! #[table(unique(owner_id, title))]
//! pub struct Document {
//!     #[column(primary_key, identity)]
//!     pub id: i64,
//!     pub owner_id: i64,
//!     pub title: String,
//!     #[column(default = "'draft'")]
//!     pub status: Status,
//! }
//!
//! assert_eq!(Document::TABLE, "documents");
//! assert_eq!(Document::COLUMNS, ["id", "owner_id", "title", "status"]);
//! assert_eq!(Status::from_label("in_review"), Some(Status::InReview));
//! ```

#[cfg(feature = "migrate")]
pub use aludel_derive::embed;
#[cfg(feature = "testing")]
pub use aludel_derive::test;
pub use aludel_derive::{Enum, Table, database};

#[cfg(feature = "commands")]
mod amiss;
#[cfg(feature = "commands")]
mod asked_after;
#[cfg(feature = "migrate")]
mod block_on;
#[cfg(feature = "commands")]
pub mod command;
#[cfg(feature = "commands")]
mod config;
#[cfg(feature = "commands")]
mod databases;
#[cfg(feature = "commands")]
mod default_schema;
#[cfg(feature = "commands")]
mod diagram;
#[cfg(feature = "commands")]
mod difference;
#[cfg(feature = "commands")]
mod error;
#[cfg(feature = "commands")]
mod gone;
#[cfg(feature = "migrate")]
mod migrator;
#[cfg(feature = "commands")]
mod project;
#[cfg(feature = "commands")]
mod scope_section;
#[cfg(feature = "commands")]
mod server;
#[cfg(feature = "commands")]
mod sources;
#[cfg(feature = "commands")]
mod stakes;
#[cfg(feature = "commands")]
mod system_relations;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "commands")]
mod unknown_url;

#[cfg(feature = "migrate")]
pub use {
    aludel_dialect::Value,
    aludel_driver::{
        Connect, ConnectCause, ConnectError, Connection, DatabaseKind, DatabaseUrl, DriverError,
        LibpqEnvironment, Notice, OpenMode, Pending, Row, RowError, ScriptAnswer, ScriptFailure,
        Session as DriverSession, StatementError, UrlError,
    },
    aludel_revision::{
        Direction, FileProblem, GraphError, Overlap, Range, ResolveError, Revision, RevisionMap,
        Symbol, SymbolError, header_line,
    },
    aludel_runtime::{
        Cause, Edited, Elsewhere, Event, Fate, Finding, Identity, LogFilter, LogLine, LogOutcome,
        Observer, ReadOnly, Remembered, Rounds, RunError, RunSettings, Session, Silent, Stage,
        StatementFailure, StepConnection, StepError, StepFn, StepPlace, StepRows, Steps,
        Unfinished, UnknownOutcome,
    },
    block_on::block_on,
    migrator::{
        Embedded, EmbeddedFile, MigrateError, MigrationStatus, Migrator, NewerDatabase,
        PlannedRevision,
    },
};

#[cfg(feature = "commands")]
pub use {
    aludel_compare::{Impossible, LikelyRename, Plan},
    aludel_dialect::{Dialect, Hazard, HazardClass, Step, duration},
    aludel_import::{ImportError, Note, Tool},
    aludel_models::{ForeignNotation, ModelError, Position},
    aludel_operations::Operation,
    aludel_reflect::{Leftover, Place, RowCount, Uncompared},
    aludel_schema::{Kind, ObjectId},
    config::{Config, ConfigError, DatabaseConfig},
    diagram::DiagramFormat,
    difference::{Comparer, Difference},
    error::Error,
    gone::Gone,
    project::Project,
    unknown_url::UnknownUrl,
};

/// A struct that declares a table.
pub trait Table {
    /// The table's name, with its schema if it has one.
    const TABLE: &'static str;
    /// The names of its columns, in order.
    const COLUMNS: &'static [&'static str];
}

/// An enum that declares an enum type.
pub trait Enum: Sized {
    /// The type's name, with its schema if it has one.
    const TYPE: &'static str;
    /// Its labels, in order.
    const LABELS: &'static [&'static str];

    /// Returns the label of a value.
    fn label(&self) -> &'static str;

    /// Returns the value of a label, if there is one.
    fn from_label(label: &str) -> Option<Self>;
}
