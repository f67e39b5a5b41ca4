//! The resolved targets of a downgrade and of a stamp.

/// The target of a downgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DowngradeTarget {
    /// The branch to follow where several ways lead down: a label or the id of a revision.
    pub branch: Option<String>,
    /// The id of the revision that stays applied; `None` for the base.
    pub revision: Option<String>,
}

/// The state that a stamp records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StampTarget {
    /// No revision is applied at all.
    Base,
    /// No revision of this revision's branch is applied.
    Branch(String),
    /// This revision is applied.
    Revision(String),
}
