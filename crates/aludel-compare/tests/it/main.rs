//! Plans as tables: metadata before, metadata after, and the operations that lead from one to the
//! other. No case needs a database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

#[macro_use]
mod build;

mod case;
mod replay;
mod replay_storage;

mod back;
mod columns;
mod constraints;
mod definitions;
mod described;
mod enum_types;
mod indexes;
mod laws;
mod left_alone;
mod order;
mod renames;
mod renames_of_kinds;
mod sequences;
mod sqlite;
mod storage;
mod tables;
