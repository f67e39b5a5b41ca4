//! Sequences, and the numbers at which they stand.

pub(crate) mod aside;
pub(crate) mod counter;
pub(crate) mod sequence;
