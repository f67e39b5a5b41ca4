//! Histories that are a line: migrations in the order of their versions.

use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;
use aludel_revision::{FileProblem, check_id};

use crate::body::{Piece, body};
use crate::error::ImportError;
use crate::history::{ForeignRevision, History, Note, Way};
use crate::tool::Tool;
use crate::version::time;

/// A migration of a line, before it is put into its place.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The version as the file has it; it becomes the id.
    pub(crate) version: String,
    /// The name of the file without the extension.
    pub(crate) file: String,
    pub(crate) message: String,
    pub(crate) origin: PathBuf,
    pub(crate) upgrade: Way,
    pub(crate) downgrade: Way,
}

/// A collector of steps and problems.
pub(crate) struct Line {
    tool: Tool,
    dialect: Dialect,
    pub(crate) steps: Vec<Step>,
    pub(crate) problems: Vec<FileProblem>,
    notes: Vec<Note>,
}

impl Line {
    pub(crate) fn new(tool: Tool, dialect: Dialect) -> Self {
        Self { tool, dialect, steps: Vec::new(), problems: Vec::new(), notes: Vec::new() }
    }

    /// Returns the dialect of the SQL.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Notes a problem with a file.
    pub(crate) fn refuse(&mut self, path: &Path, line: usize, message: &str) {
        let (path, message) = (path.to_owned(), message.to_owned());
        self.problems.push(FileProblem { path, line, message });
    }

    /// Notes a remark on a file.
    pub(crate) fn note(&mut self, path: &Path, message: &str) {
        self.notes.push(Note { path: path.to_owned(), message: message.to_owned() });
    }

    /// Returns the SQL of one direction. A problem is noted, and makes the section empty.
    pub(crate) fn way(&mut self, piece: Piece<'_>) -> Way {
        match body(piece, self.dialect) {
            Ok(body) => {
                if body.had_transactions {
                    self.note(
                        piece.path,
                        "BEGIN and COMMIT became comments, because the runner begins and commits",
                    );
                }
                Way::Sql(body.sql)
            }
            Err(problem) => {
                self.problems.push(problem);
                Way::Sql(String::new())
            }
        }
    }

    /// Puts the steps into the order of their versions, each one on top of the one before.
    pub(crate) fn history<K: Ord>(
        mut self,
        key: impl Fn(&str) -> Option<K>,
    ) -> Result<History, ImportError> {
        for step in &self.steps {
            if let Err(error) = check_id(&step.version) {
                let (path, message) = (step.origin.clone(), error.to_string());
                self.problems.push(FileProblem { path, line: 1, message });
            } else if key(&step.version).is_none() {
                let message = format!("`{}` is no version of {}", step.version, self.tool);
                self.problems.push(FileProblem { path: step.origin.clone(), line: 1, message });
            }
        }
        self.steps.sort_by_key(|step| key(&step.version));
        self.in_order()
    }

    /// Takes the steps in the order that they have, each one on top of the one before.
    pub(crate) fn in_order(mut self) -> Result<History, ImportError> {
        let tool = self.tool;
        for pair in self.steps.windows(2) {
            if tool.key(&pair[0].version) == tool.key(&pair[1].version) {
                self.problems.push(FileProblem {
                    path: pair[1].origin.clone(),
                    line: 1,
                    message: format!(
                        "version {} is there twice; the other one is {}",
                        pair[1].version,
                        pair[0].origin.display()
                    ),
                });
            }
        }
        if !self.problems.is_empty() {
            return Err(ImportError::Files { tool, problems: self.problems });
        }
        let mut parent: Option<String> = None;
        let mut revisions = Vec::new();
        for step in self.steps {
            let parents = parent.replace(step.version.clone()).into_iter().collect();
            revisions.push(ForeignRevision {
                created: time(&step.version),
                id: step.version,
                file: step.file,
                message: step.message,
                parents,
                branch_labels: Vec::new(),
                depends_on: Vec::new(),
                origin: step.origin,
                upgrade: step.upgrade,
                downgrade: step.downgrade,
            });
        }
        Ok(History { tool, revisions, table: None, notes: self.notes })
    }
}

/// Returns a part of a file name as words.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ").trim().to_owned()
}
