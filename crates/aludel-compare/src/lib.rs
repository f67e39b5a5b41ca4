//! Comparison: the plan that turns one set of metadata into another.
//!
//! The entry point is [`plan()`]. Its stages are modules. [`Renamed`] gives the objects of the
//! database side the names of the target side. A module for each kind of object finds the
//! differences. `room` finds the objects that have to be dropped and made again because an object
//! that they rest on changes. `order` sorts the operations so that each one finds the objects that
//! it needs, and the dialect turns them into steps.
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
mod access;
mod adopting;
mod applied;
mod aside;
mod asked;
mod attribute_names;
mod bound;
mod calls;
mod casts;
mod change;
mod chosen_names;
mod circles;
mod clauses;
mod code;
mod column;
mod comment;
mod computed;
mod constants;
mod constraint;
mod constructors;
mod counter;
mod deferred;
mod definition;
mod depends;
mod domain;
mod domain_clauses;
mod domain_rules;
mod ended_parts;
mod ends;
mod enum_type;
mod exchange;
mod extension;
mod fails;
mod fired;
mod firing;
mod first_values;
mod foreign_keys;
mod free_names;
mod going;
mod graph;
mod heir_names;
mod heir_order;
mod held_keys;
mod hints;
mod holder;
mod impossible;
mod in_the_way;
mod index;
mod index_names;
mod inherit;
mod joining;
mod kept_names;
mod key_of_index;
mod label_names;
mod labels;
mod left_alone;
mod left_attributes;
mod likely;
mod loosened;
mod lost;
mod meant;
mod moving;
mod name;
mod name_cycles;
mod not_null;
mod object_rename;
mod order;
mod own_not_null;
mod ownerless;
mod owners;
mod pair;
mod pairing;
mod part_constraints;
mod part_counters;
mod part_hints;
mod part_indexes;
mod part_kept;
mod part_names;
mod parted;
mod partition;
mod partition_keys;
mod passed_on;
mod passing;
mod plan;
mod ranks;
mod reach;
mod reached;
mod rebound;
mod rebuild;
mod rebuilt_indexes;
mod recomputed;
mod rename_order;
mod renames;
mod replaced_values;
mod replacement;
mod replication;
mod reshaped;
mod restore;
mod reversed;
mod room;
mod row_order;
mod row_types;
mod rows;
mod sequence;
mod sequence_names;
mod sorting;
mod stale;
mod states;
mod stored_above;
mod storing;
mod successor;
mod table;
mod table_options;
mod taken;
mod texts;
mod third_names;
mod toast;
mod type_names;
mod typed;
mod unfilled;
mod view_columns;
mod way;
mod withheld;

pub use access::carry_over;
pub use asked::{AskedRename, CantRename};
pub use constraint::{keep_names, keep_unsaid};
pub use exchange::{detach, leaving};
pub use first_values::FirstValues;
pub use impossible::Impossible;
pub use inherit::keep_checks;
pub use joining::Joining;
pub use labels::LabelRename;
pub use left_alone::LeftAlone;
pub use likely::LikelyRename;
pub use name::held;
pub use object_rename::ObjectRename;
pub use ownerless::misplaced_comments;
pub use pair::Pair;
pub use passed_on::name_inherited;
pub use plan::{Plan, plan};
pub use renames::{Renamed, Renames};
pub use way::Way;
