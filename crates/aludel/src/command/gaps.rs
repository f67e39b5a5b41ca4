use std::path::PathBuf;

use aludel_revision::{Direction, RevisionMap};

use crate::error::Error;
use crate::project::Project;

/// A section of a revision that somebody has to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The id of the revision.
    pub revision: String,
    /// The direction of the section.
    pub direction: Direction,
    /// The name of the dialect; `None` for all.
    pub dialect: Option<String>,
    /// The reason that the mark states.
    pub reason: String,
    /// The path of the file, as messages show it.
    pub path: PathBuf,
    /// The line on which the section begins.
    pub line: usize,
}

/// Returns the gaps of all revisions, in the order of the graph.
///
/// # Errors
///
/// Fails if the revisions or their sections can't be read.
pub fn gaps(project: &Project) -> Result<Vec<Gap>, Error> {
    gaps_of(project, &project.revisions()?)
}

pub(crate) fn gaps_of(project: &Project, map: &RevisionMap) -> Result<Vec<Gap>, Error> {
    let mut gaps = Vec::new();
    for revision in map.revisions() {
        let revision = revision.unread();
        let sections = revision.sections().map_err(|problem| Error::Files(vec![problem]))?;
        for section in sections {
            let Some(reason) = section.missing else { continue };
            gaps.push(Gap {
                revision: revision.id.clone(),
                direction: section.direction,
                dialect: section.dialect,
                reason,
                path: project.shown(&revision.path),
                line: section.line,
            });
        }
    }
    Ok(gaps)
}
