//! Revisions that a run has begun and not completed.

use aludel_revision::Direction;

/// A revision that an earlier run began outside a transaction and did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The id of the revision.
    pub revision: String,
    /// The direction of the run.
    pub direction: Direction,
    /// The number of completed statements.
    pub done: usize,
    /// True if the next statement began and its outcome is not recorded.
    pub is_open: bool,
}
