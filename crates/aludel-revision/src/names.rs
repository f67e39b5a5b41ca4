//! The choice of the revisions in a graph, and the names of those that are replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::GraphError;
use crate::file::Revision;

/// The choice of the revisions in a graph, and the names of those that are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// All revisions that have a file.
    pub(crate) all: Vec<Arc<Revision>>,
    /// The ids that are not in the graph, each with the revision that stands for it.
    aliases: BTreeMap<String, Alias>,
}

#[derive(Clone, Debug)]
struct Alias {
    id: String,
    /// True if both ids are the same place: whatever is below one is below the other.
    same: bool,
}

/// Iterates over the revisions that replace others.
pub(crate) fn squashes(all: &[Arc<Revision>]) -> impl Iterator<Item = &Arc<Revision>> {
    all.iter().filter(|revision| !revision.replaces.is_empty())
}

/// Returns true if a revision that is not expanded replaces this one.
pub(crate) fn is_hidden(
    revision: &Revision,
    all: &[Arc<Revision>],
    expanded: &BTreeSet<String>,
) -> bool {
    squashes(all)
        .any(|other| !expanded.contains(&other.id) && other.replaces.contains(&revision.id))
}

/// Returns true if the aliases of an id form a cycle, as for two revisions that replace each other.
fn goes_round(id: &str, aliases: &BTreeMap<String, Alias>) -> bool {
    let mut at = id;
    for _ in 0..=aliases.len() {
        match aliases.get(at) {
            Some(alias) => at = &alias.id,
            None => return false,
        }
    }
    true
}

impl Names {
    /// Chooses the revisions of a graph. Those that replace others are in it, unless `expanded` has
    /// them.
    pub(crate) fn choose(
        all: Vec<Arc<Revision>>,
        expanded: &BTreeSet<String>,
    ) -> Result<(Self, Vec<Arc<Revision>>), GraphError> {
        let mut aliases = BTreeMap::new();
        for revision in squashes(&all) {
            if revision.replaces.contains(&revision.id) {
                let (id, path) = (revision.id.clone(), revision.path.clone());
                return Err(GraphError::ReplacesItself { id, path });
            }
            if expanded.contains(&revision.id) {
                let end = revision.ends.iter().find(|id| all.iter().any(|other| other.id == **id));
                let alias = end.map(|id| Alias { id: id.clone(), same: true });
                aliases.extend(alias.map(|alias| (revision.id.clone(), alias)));
            }
        }
        let mut by_shown = BTreeSet::new();
        let (hidden, shown): (Vec<_>, Vec<_>) = squashes(&all)
            .filter(|s| !expanded.contains(&s.id))
            .partition(|s| is_hidden(s, &all, expanded));
        for (revision, is_shown) in
            hidden.into_iter().map(|s| (s, false)).chain(shown.into_iter().map(|s| (s, true)))
        {
            for id in &revision.replaces {
                let alias = Alias { id: revision.id.clone(), same: revision.ends.contains(id) };
                aliases.insert(id.clone(), alias);
                if is_shown && !by_shown.insert(id.clone()) {
                    let (id, path) = (id.clone(), revision.path.clone());
                    return Err(GraphError::ReplacedTwice { id, path });
                }
            }
        }
        for id in aliases.keys().filter(|id| goes_round(id, &aliases)) {
            if let Some(by) = squashes(&all).find(|s| s.id == *id || s.replaces.contains(id)) {
                let (id, path) = (id.clone(), by.path.clone());
                return Err(GraphError::ReplacesItself { id, path });
            }
        }
        let names = Self { all, aliases };
        let Self { all, aliases } = &names;
        let active = all.iter().filter(|revision| !aliases.contains_key(&revision.id)).cloned();
        let active = active.collect();
        Ok((names, active))
    }

    /// Returns the id that stands for another one in the graph, and whether both are the same
    /// place.
    pub(crate) fn stands_for(&self, id: &str) -> Option<(&str, bool)> {
        let mut alias = self.aliases.get(id)?;
        let mut same = alias.same;
        // A chain with as many steps as there are aliases is a cycle.
        for _ in 0..self.aliases.len() {
            let Some(next) = self.aliases.get(&alias.id) else { return Some((&alias.id, same)) };
            same &= next.same;
            alias = next;
        }
        None
    }
}
