//! Metadata against metadata: what has to be done, in an order that works.
//!
//! [`plan`] is the whole of it. The downgrade is the same planner run the other way, from the
//! models to the database, with the renames turned round; there is no table of inverses to keep.
//! Nothing here does I/O. Texts that differ and may yet mean the same are handed out by
//! [`questions`], for whoever has a server to ask, and taken back by [`settle`].

mod columns;
mod constraints;
mod enums;
mod indexes;
mod order;
mod pair;
mod plan;
mod questions;
mod rebuild;
mod renames;
mod restore;
mod sequences;
mod tables;

pub use pair::{Pair, Side};
pub use plan::{Impossible, Plan, plan};
pub use questions::{Asked, Place, questions, settle, settle_known};
pub use renames::Renames;
pub use restore::fill_restored;
