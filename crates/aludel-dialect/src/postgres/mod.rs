//! PostgreSQL's way of saying it.

pub(crate) mod alone;
mod alter;
mod create;
pub(crate) mod reserved;
pub(crate) mod types;

pub(crate) use alter::render;
pub use create::{collation_name, sequence_defaults};
