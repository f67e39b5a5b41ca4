use aludel_revision::{Anchor, NewRevision, RevisionMap, Symbol};

use super::revision::{NewFile, check_heads, empty_sections, folder, free_id, now, write};
use crate::error::Error;
use crate::project::Project;

/// The options of a merge.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// The revisions to merge, by any identifier; `heads` means all heads.
    pub revisions: Vec<Symbol>,
    /// The message; an empty one is replaced by the names of the merged revisions.
    pub message: String,
    /// The id; `None` for a random one.
    pub id: Option<String>,
    /// Permits merging revisions that are not heads.
    pub splice: bool,
    /// The labels of the branch that begins at this revision.
    pub branch_labels: Vec<String>,
}

/// Writes a revision that joins branches and changes nothing itself.
///
/// # Errors
///
/// Fails if the revisions can't be read, if fewer than two are named, if one is unknown or (without
/// `splice`) not a head, if the id is invalid or taken, or if the file can't be written.
pub fn merge(project: &Project, options: &MergeOptions) -> Result<NewFile, Error> {
    let map = project.revisions()?;
    let parents = parents(&map, &options.revisions)?;
    check_heads(&map, &parents, options.splice)?;
    let id = free_id(project, &map, options.id.as_deref())?;
    let folder = folder(project, &map, &parents, None)?;
    let message = match options.message.as_str() {
        "" => format!("merge {}", parents.join(" and ")),
        message => message.to_owned(),
    };
    let new = NewRevision {
        id: id.clone(),
        message,
        down_revisions: parents,
        branch_labels: options.branch_labels.clone(),
        created: now(),
        sections: empty_sections(),
        ..NewRevision::default()
    };
    let path = write(project, &map, &new, &folder)?;
    Ok(NewFile { id, path, upgrades: Vec::new(), destructive: Vec::new() })
}

/// Returns the revisions to merge, without duplicates.
pub(super) fn parents(map: &RevisionMap, revisions: &[Symbol]) -> Result<Vec<String>, Error> {
    let mut parents: Vec<String> = Vec::new();
    for symbol in revisions {
        // `heads` means the revisions without children, even if another branch depends on one of
        // them.
        let is_all = *symbol == Symbol { branch: None, anchor: Some(Anchor::Heads), distance: 0 };
        let found = match is_all {
            true => map.heads().iter().map(|revision| revision.id.clone()).collect(),
            false => map.resolve(symbol, &[])?,
        };
        parents.extend(found);
    }
    let mut seen = std::collections::BTreeSet::new();
    parents.retain(|id| seen.insert(id.clone()));
    if parents.len() < 2 {
        return Err(Error::NothingToMerge { revisions: parents });
    }
    Ok(parents)
}
