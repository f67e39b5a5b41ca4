//! The answers of a migrator about a database.

use std::path::PathBuf;

use aludel_revision::Direction;

/// The position of a database among the revisions of a migrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The rows of the version table that name known revisions, sorted.
    pub current: Vec<String>,
    /// The rows that name unknown ones, as a newer version of the program leaves them.
    pub unknown: Vec<String>,
    /// The heads of the revisions.
    pub heads: Vec<String>,
    /// The revisions that an upgrade to all heads would apply, in order. It is empty if a row is
    /// unknown, because nothing would be run then.
    pub pending: Vec<String>,
}

/// A revision that a run would apply or undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRevision {
    /// The id of the revision.
    pub id: String,
    /// The message of the revision.
    pub message: String,
    /// The path of its file.
    pub path: PathBuf,
    /// The direction.
    pub direction: Direction,
    /// The SQL of the section that would be run, as the file has it.
    pub sql: String,
}
