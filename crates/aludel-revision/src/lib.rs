//! Revisions: plain SQL files, the graph that they form, and the identifiers that name them.
//!
//! A revision is one file. Its header, written in SQL comments, states the revision's id and
//! parents, and optionally labels, dependencies and replaced revisions. The sections below the
//! header hold the SQL for each direction. [`Revision::parse`] reads one file, [`load`] reads a
//! folder, and [`NewRevision::render`] writes a file.
//!
//! A [`RevisionMap`] connects revisions to a graph. It resolves identifiers such as `head`, `+1`
//! and `billing@base` to a [`Goal`], and turns a goal and the rows of a version table into
//! [`Transition`]s, each with the rows before and after it. The order of the transitions and the rows
//! after each of them are those of Alembic, so both tools can work on one database.
//!
//! The crate takes text and returns values. The only I/O is [`load`], and the SQL of the sections
//! is not interpreted.
//!
//! ```
//! use std::path::Path;
//!
//! use aludel_revision::{Direction, Revision, RevisionMap, Symbol};
//!
//! let revision = |id: &str, parent: &str| {
//!     let header = format!("-- add {id}\n--\n-- revision: {id}\n-- down_revision: {parent}\n");
//!     let text = format!("{header}\n-- aludel: upgrade\nSELECT 1;\n-- aludel: downgrade\n");
//!     Revision::parse(Path::new("versions/example.sql"), text.into_bytes()).unwrap()
//! };
//! let map = RevisionMap::new(vec![revision("a1", "none"), revision("b2", "a1")]).unwrap();
//!
//! // The rows of the version table: only `a1` is applied.
//! let rows = ["a1".to_owned()];
//! let head = Symbol::parse("head").unwrap();
//! let goal = map.goal(Direction::Upgrade, &head, &rows).unwrap();
//! let transitions = map.transitions(&rows, &goal).unwrap();
//! assert_eq!(transitions.len(), 1);
//! assert_eq!(transitions[0].revision.id, "b2");
//! assert_eq!(transitions[0].to, ["b2"]);
//! ```

mod copy_data;
mod error;
mod file;
mod folder;
mod graph;
mod id;
mod mark;
mod names;
mod order;
mod path;
mod resolve;
mod source;
mod squash;
mod symbol;
mod target;
mod transition;
mod write;

pub use error::{FileProblem, GraphError, Overlap, ResolveError, header_line};
pub use file::{Revision, Section};
pub use folder::{Loaded, load};
pub use graph::RevisionMap;
pub use id::{InvalidId, check_id, new_id, slug};
pub use mark::Direction;
pub use resolve::Range;
pub use source::FileStamp;
pub use symbol::{Anchor, Symbol, SymbolError};
pub use target::{DowngradeTarget, StampTarget};
pub use transition::{Goal, Transition};
pub use write::{NewRevision, NewSection, with_down_revisions};
