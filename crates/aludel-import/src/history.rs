//! A history in terms that every tool shares.

use std::path::PathBuf;

use crate::tool::Tool;

/// The history of a tool.
#[derive(Clone, Debug)]
pub struct History {
    /// The tool.
    pub tool: Tool,
    /// The revisions; each one follows its parents.
    pub revisions: Vec<ForeignRevision>,
    /// The table in which the tool keeps its books, if its configuration states one.
    pub table: Option<String>,
    /// The parts of the SQL that were left out, and the files that are no migration.
    pub notes: Vec<Note>,
}

/// A remark on a file of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file.
    pub path: PathBuf,
    /// The remark.
    pub message: String,
}

/// A migration of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignRevision {
    /// The id of the revision that stands for it.
    pub id: String,
    /// The name of its file, without the extension.
    pub file: String,
    /// The description, one line.
    pub message: String,
    /// The ids of the parents.
    pub parents: Vec<String>,
    /// The labels of the branch that begins here.
    pub branch_labels: Vec<String>,
    /// Ids or labels of migrations on other branches that it needs.
    pub depends_on: Vec<String>,
    /// The time of its creation, if the tool knows it.
    pub created: Option<String>,
    /// The file that it comes from.
    pub origin: PathBuf,
    /// The SQL that applies it.
    pub upgrade: Way,
    /// The SQL that undoes it.
    pub downgrade: Way,
}

/// One direction of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// SQL, as the body of a section.
    Sql(String),
    /// There is no way back, for this reason.
    None(String),
    /// It is no SQL that can be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The reason.
        reason: String,
    },
}

impl Way {
    /// Returns the way back that a tool does not have.
    pub(crate) fn without(tool: Tool) -> Self {
        Self::None(format!("{tool} has no way back"))
    }
}
