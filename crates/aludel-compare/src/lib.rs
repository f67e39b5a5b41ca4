//! Metadata against metadata: the steps that turn one into the other.
//!
//! [`plan`] is the whole of it. Its stages are modules: [`Renamed`] gives the database side the
//! names of the target, a file for each kind finds what differs, `room` decides what has to be
//! dropped and made again because something under it changes, `order` puts the operations into an
//! order in which each finds what it needs, and the dialect makes steps of them.
//!
//! The downgrade is the same planner run the other way, from the target to the database with the
//! renames turned round; there is no table of inverses to keep. Nothing here does I/O.
//!
//! ```
//! use aludel_compare::{Renamed, Way, plan};
//! use aludel_dialect::Dialect;
//! use aludel_schema::{Column, Metadata, QualifiedName, Table};
//!
//! let mut target = Metadata::default();
//! let mut table = Table::new(QualifiedName::unqualified("notes"));
//! table.columns.push(Column::new("text", "text"));
//! target.add_table(table);
//!
//! let database = Metadata::default();
//! let renamed = Renamed::nothing(Dialect::Postgres, &database);
//! let plan = plan(&renamed, &target, Way::Forward);
//! let sql: Vec<&str> = plan.statements().collect();
//! assert_eq!(sql, ["CREATE TABLE notes (\n    text text\n)"]);
//! ```

mod column;
mod constraint;
mod definition;
mod depends;
mod enum_type;
mod graph;
mod index;
mod name;
mod order;
mod pair;
mod plan;
mod rebuild;
mod renames;
mod restore;
mod room;
mod sequence;
mod table;

pub use pair::Pair;
pub use plan::{Impossible, Plan, Way, plan};
pub use renames::{ObjectRename, Renamed, Renames};
