//! Revisions: plain SQL files, the graph that their headers draw, and the ways to name one.
//!
//! Text in, values out: the only I/O is [`load`], which reads the files of a folder. What a section
//! says in SQL is nobody's business here.

mod error;
mod file;
mod folder;
mod graph;
mod id;
mod order;
mod path;
mod resolve;
mod squash;
mod step;
mod symbol;
mod write;

pub use error::{FileProblem, GraphError, ResolveError};
pub use file::{Direction, Revision, Section};
pub use folder::{Loaded, load};
pub use graph::RevisionMap;
pub use id::{InvalidId, check_id, new_id, slug};
pub use path::StampTarget;
pub use resolve::{DowngradeTarget, Range};
pub use step::{Goal, Step};
pub use symbol::{Anchor, Symbol, SymbolError};
pub use write::{NewRevision, NewSection, with_down_revisions};
