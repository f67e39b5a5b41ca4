use aludel_revision::{Anchor, NewRevision, RevisionMap, Symbol};

use super::revision::{NewFile, check_heads, empty_sections, folder, free_id, now, write};
use crate::error::Error;
use crate::project::Project;

/// What shall be merged, and how the merge is called.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// The revisions, by any identifier; `heads` means all.
    pub revisions: Vec<Symbol>,
    /// The first line of the file; what is merged, if it does not say.
    pub message: String,
    /// Its id; a random one if there is none.
    pub id: Option<String>,
    /// Allows to merge what is no head.
    pub splice: bool,
    /// Names for the branch that begins here.
    pub branch_labels: Vec<String>,
}

/// Writes a revision that brings branches together and changes nothing itself.
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

/// The revisions to merge, each once.
pub(super) fn parents(map: &RevisionMap, revisions: &[Symbol]) -> Result<Vec<String>, Error> {
    let mut parents: Vec<String> = Vec::new();
    for symbol in revisions {
        // `heads` means those without children, also where a dependency hides one.
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
