//! SQLite's way of saying it.

pub(crate) mod alone;
mod alter;
mod create;
pub(crate) mod parse;
mod reader;
mod rebuild;
pub(crate) mod reserved;
pub(crate) mod types;

pub(crate) use alter::{alters_in_place, render};
