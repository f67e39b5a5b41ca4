//! Comparison: the plan that turns one set of metadata into another.
//!
//! The entry point is [`plan()`]. Its stages are folders. In `renaming`, [`Renamed`] gives the objects of
//! the database side the names of the target side. A module for each kind of object, in `tables`, `types`,
//! `partitions` and others, finds the differences. `making_room` finds the objects that have to be dropped
//! and made again because an object that they rest on changes. `ordering` sorts the operations so that
//! each one finds the objects that it needs, and the dialect turns them into steps. `hazards` says what
//! the steps may lose or fail on.
//!
//! A downgrade is planned by the same code in the opposite direction, from the target to the
//! database with reversed renames, so there is no table of inverse operations. The crate does no
//! I/O.
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

mod about;
mod change;
mod comment;
mod definition;
mod depends;
mod extension;
mod hazards;
mod impossible;
mod inheritance;
mod left_alone;
mod making_room;
mod names;
mod not_nulls;
mod ordering;
mod ownerless;
mod pair;
mod pairing;
mod partitions;
mod plan;
mod privileges;
mod renaming;
mod sequences;
mod tables;
mod texts;
mod types;
mod way;

pub use hazards::first_values::FirstValues;
pub use impossible::Impossible;
pub use inheritance::inherit::keep_checks;
pub use left_alone::LeftAlone;
pub use names::name::held;
pub use not_nulls::passed_on::name_inherited;
pub use ownerless::misplaced_comments;
pub use pair::Pair;
pub use partitions::exchange::{detach, leaving};
pub use partitions::joining::Joining;
pub use plan::{Plan, plan};
pub use privileges::access::carry_over;
pub use renaming::asked::{AskedRename, CantRename};
pub use renaming::labels::LabelRename;
pub use renaming::likely::LikelyRename;
pub use renaming::object_rename::ObjectRename;
pub use renaming::renames::{Renamed, Renames};
pub use tables::constraint::{keep_names, keep_unsaid};
pub use way::Way;
