//! Objects that make room for a change of what they rest on: they are dropped and made again, unless a clause of
//! theirs can make room alone.

pub(crate) mod clauses;
pub(crate) mod constants;
pub(crate) mod going;
pub(crate) mod in_the_way;
pub(crate) mod reach;
pub(crate) mod reached;
mod rebuilt_indexes;
pub(crate) mod room;
