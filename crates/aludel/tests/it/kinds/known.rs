//! Faults that the laws run into and that are not mended yet.

/// A fault, by what a failure of it says.
pub(super) struct Known {
    /// A part of the report.
    pub(super) says: &'static str,
    /// What is wrong.
    pub(super) why: &'static str,
}

/// Why locks are not observed where a table has partitions.
pub(super) const LOCKS_OF_PARTITIONS: &str = "a step does not say the locks that a change of a partitioned table takes on the partitions, \
     and on the tables that its foreign keys refer to";

pub(super) const KNOWN: &[Known] = &[];
