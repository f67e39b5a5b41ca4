//! The graph of revisions: parents and children, heads, bases and ancestors.
//!
//! Nodes are indexes into the list of revisions, which follows the order of folders and file names.
//! Every walk is linear in the size of the graph, and ties are broken by that order, so the same
//! files always give the same answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::GraphError;
use crate::file::Revision;
use crate::names::Names;

/// All revisions and the edges between them.
#[derive(Clone, Debug, Default)]
pub struct RevisionMap {
    pub(crate) revisions: Vec<Arc<Revision>>,
    pub(crate) by_id: BTreeMap<String, usize>,
    pub(crate) labels: BTreeMap<String, usize>,
    /// For each revision, its parents by `down_revision`.
    pub(crate) down: Vec<Vec<usize>>,
    /// For each revision, its parents, and the dependencies that no ancestor has too.
    pub(crate) requires: Vec<Vec<usize>>,
    pub(crate) children: Vec<Vec<usize>>,
    pub(crate) required_by: Vec<Vec<usize>>,
    /// All revisions in topological order: each one follows everything that it requires.
    pub(crate) order: Vec<usize>,
    pub(crate) names: Names,
}

/// A set of revisions, with one flag for each revision.
pub(crate) type Set = Vec<bool>;

impl RevisionMap {
    /// Builds the graph.
    ///
    /// # Errors
    ///
    /// Fails with the problems of the graph: ids or labels that are used twice, missing revisions,
    /// cycles, and contradictory replacements.
    pub fn new(revisions: Vec<Revision>) -> Result<Self, Vec<GraphError>> {
        Self::chosen(revisions.into_iter().map(Arc::new).collect(), &BTreeSet::new())
    }

    /// Builds the graph. For each id in `expanded` it has the replaced revisions in place of the
    /// one that replaces them.
    pub(crate) fn chosen(
        all: Vec<Arc<Revision>>,
        expanded: &BTreeSet<String>,
    ) -> Result<Self, Vec<GraphError>> {
        let (names, revisions) = Names::choose(all, expanded).map_err(|problem| vec![problem])?;
        let mut map = Self { revisions, names, ..Self::default() };
        let mut problems = map.index();
        problems.extend(map.link());
        if problems.is_empty() {
            problems.extend(map.cycles());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        map.normalize();
        map.required_by = reversed(&map.requires);
        map.order = map.sorted(&vec![true; map.revisions.len()], &map.real_heads());
        map.order.reverse();
        Ok(map)
    }

    fn index(&mut self) -> Vec<GraphError> {
        let mut problems = Vec::new();
        for (at, revision) in self.revisions.iter().enumerate() {
            if let Some(first) = self.by_id.insert(revision.id.clone(), at) {
                let paths = [self.revisions[first].path.clone(), revision.path.clone()];
                problems.push(GraphError::Duplicate { id: revision.id.clone(), paths });
            }
        }
        for (at, revision) in self.revisions.iter().enumerate() {
            for label in &revision.branch_labels {
                let taken = self.labels.insert(label.clone(), at);
                if let Some(first) = taken.or_else(|| self.by_id.get(label).copied()) {
                    problems.push(GraphError::DuplicateLabel {
                        label: label.clone(),
                        first: self.revisions[first].id.clone(),
                        second: revision.id.clone(),
                        path: revision.path.clone(),
                    });
                }
            }
        }
        problems
    }

    fn link(&mut self) -> Vec<GraphError> {
        let mut problems = Vec::new();
        let count = self.revisions.len();
        (self.down, self.requires) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (at, revision) in self.revisions.iter().enumerate() {
            let missing = |missing: &String, field| GraphError::Missing {
                missing: missing.clone(),
                referrer: revision.id.clone(),
                path: revision.path.clone(),
                field,
            };
            for id in &revision.down_revisions {
                match self.place(id).as_ref() {
                    Some(parent) if self.down[at].contains(parent) => {}
                    Some(parent) => self.down[at].push(*parent),
                    None => problems.push(missing(id, "down_revision")),
                }
            }
            self.requires[at] = self.down[at].clone();
            for id in &revision.depends_on {
                match self.place(id).as_ref().or_else(|| self.labels.get(id)) {
                    Some(other) if self.requires[at].contains(other) => {}
                    Some(other) => self.requires[at].push(*other),
                    None => problems.push(missing(id, "depends_on")),
                }
            }
        }
        self.children = reversed(&self.down);
        problems
    }

    /// Returns a cycle by `down_revision`, or else one by dependencies.
    fn cycles(&self) -> Option<GraphError> {
        let by_parents = circle(&self.down).map(|circle| (circle, false));
        let (circle, dependency) =
            by_parents.or_else(|| circle(&self.requires).map(|circle| (circle, true)))?;
        let path = self.revisions[*circle.first()?].path.clone();
        Some(GraphError::Cycle { cycle: self.ids(&circle), dependency, path })
    }

    /// Removes dependencies that an ancestor by `down_revision` has too, as Alembic does.
    fn normalize(&mut self) {
        let mut dependents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, requires) in self.requires.iter().enumerate() {
            for other in &requires[self.down[at].len()..] {
                dependents.entry(*other).or_default().push(at);
            }
        }
        let mut normal = self.requires.clone();
        for (other, dependents) in dependents.iter().filter(|(_, several)| several.len() > 1) {
            let wanted = self.set(dependents);
            for at in dependents {
                let above = self.closure(&self.down[*at], &self.down);
                if dependents.iter().any(|d| wanted[*d] && above[*d]) {
                    normal[*at]
                        .retain(|required| required != other || self.down[*at].contains(required));
                }
            }
        }
        self.requires = normal;
    }

    /// Iterates over all revisions in topological order: each one follows everything that it
    /// requires.
    pub fn revisions(&self) -> impl DoubleEndedIterator<Item = &Revision> {
        self.order.iter().map(|at| &*self.revisions[*at])
    }

    /// Returns the number of revisions.
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Returns true if there is no revision.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// Returns the revision with exactly this id.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.by_id.get(id).map(|at| &*self.revisions[*at])
    }

    /// Returns a shared handle to a revision of the graph. A revision from elsewhere is cloned.
    pub fn shared(&self, revision: &Revision) -> Arc<Revision> {
        let at = self.by_id.get(&revision.id);
        at.map_or_else(|| Arc::new(revision.clone()), |at| Arc::clone(&self.revisions[*at]))
    }

    /// Returns the revisions without children by `down_revision`. A new revision goes on top of
    /// them.
    pub fn heads(&self) -> Vec<&Revision> {
        self.without(&self.children)
    }

    /// Returns the heads that no other revision depends on. The version table holds exactly these
    /// when everything is applied.
    pub fn effective_heads(&self) -> Vec<&Revision> {
        self.without(&self.required_by)
    }

    /// Returns the revisions without parents.
    pub fn bases(&self) -> Vec<&Revision> {
        self.without(&self.down)
    }

    /// Returns the revisions with several children, the newest first.
    pub fn branch_points(&self) -> Vec<&Revision> {
        let branches = |at: &&usize| self.children[**at].len() > 1;
        self.order.iter().rev().filter(branches).map(|at| &*self.revisions[*at]).collect()
    }

    fn without(&self, edges: &[Vec<usize>]) -> Vec<&Revision> {
        let pairs = self.revisions.iter().zip(edges);
        pairs.filter(|(_, edges)| edges.is_empty()).map(|(revision, _)| &**revision).collect()
    }

    pub(crate) fn real_heads(&self) -> Vec<usize> {
        (0..self.revisions.len()).filter(|at| self.required_by[*at].is_empty()).collect()
    }

    /// Returns the ids of the direct children of a revision.
    pub fn children(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let children = at.into_iter().flat_map(|at| &self.children[*at]);
        children.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Returns the ids of the parents of a revision, under the names that they have in this graph.
    pub fn parents(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let parents = at.into_iter().flat_map(|at| &self.down[*at]);
        parents.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Returns the ids of the revisions that are children of a revision or depend on it.
    pub fn dependents(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let dependents = at.into_iter().flat_map(|at| &self.required_by[*at]);
        dependents.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Returns true if the revision is in the graph and no other one is its child or depends on it.
    pub fn is_effective_head(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|at| self.required_by[*at].is_empty())
    }

    /// Splits ids into those that are in the graph and those that are not.
    pub fn known<'a>(&self, ids: &'a [String]) -> (Vec<&'a str>, Vec<&'a str>) {
        ids.iter().map(String::as_str).partition(|id| self.by_id.contains_key(*id))
    }

    /// Returns the revisions that are applied when the version table has these rows, in topological
    /// order. Rows that match no file are ignored.
    pub fn applied(&self, rows: &[String]) -> Vec<&Revision> {
        let applied = self.closure(&self.places(rows), &self.requires);
        self.order.iter().filter(|at| applied[**at]).map(|at| &*self.revisions[*at]).collect()
    }

    /// Returns the applied revisions without an applied child: the rows themselves, and the
    /// revisions that another row implies by a dependency.
    pub fn current(&self, rows: &[String]) -> Vec<&Revision> {
        let applied = self.closure(&self.places(rows), &self.requires);
        let is_tip = |at: &usize| applied[*at] && !self.children[*at].iter().any(|c| applied[*c]);
        (0..self.revisions.len()).filter(is_tip).map(|at| &*self.revisions[at]).collect()
    }

    pub(crate) fn ids(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|at| self.revisions[*at].id.clone()).collect()
    }

    pub(crate) fn places(&self, ids: &[impl AsRef<str>]) -> Vec<usize> {
        ids.iter().filter_map(|id| self.by_id.get(id.as_ref()).copied()).collect()
    }

    /// Returns the index of a revision, or of the one that stands for it.
    fn place(&self, id: &str) -> Option<usize> {
        let standing = || self.names.stands_for(id).and_then(|(id, _)| self.by_id.get(id));
        self.by_id.get(id).or_else(standing).copied()
    }

    pub(crate) fn set(&self, places: &[usize]) -> Set {
        let mut set = vec![false; self.revisions.len()];
        places.iter().for_each(|at| set[*at] = true);
        set
    }

    /// Returns all nodes that can be reached from `start`, including `start` itself.
    pub(crate) fn closure(&self, start: &[usize], edges: &[Vec<usize>]) -> Set {
        let mut seen = vec![false; self.revisions.len()];
        let mut stack = start.to_vec();
        while let Some(at) = stack.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                stack.extend(&edges[at]);
            }
        }
        seen
    }
}

fn reversed(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        targets.iter().for_each(|to: &usize| reversed[*to].push(from));
    }
    reversed
}

/// Finds a cycle in a graph. Its first node is repeated at the end.
fn circle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    // Kahn's algorithm: the nodes that are left over lie on a cycle or lead to one.
    let mut waits: Vec<usize> = edges.iter().map(Vec::len).collect();
    let back = reversed(edges);
    let mut ready: Vec<usize> = (0..waits.len()).filter(|at| waits[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        for next in &back[at] {
            waits[*next] -= 1;
            if waits[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    let mut path = vec![waits.iter().position(|waiting| *waiting > 0)?];
    let mut place = vec![None; waits.len()];
    loop {
        let at = path[path.len() - 1];
        place[at] = Some(path.len() - 1);
        let next = edges[at].iter().copied().find(|parent| waits[*parent] > 0)?;
        path.push(next);
        if let Some(first) = place[next] {
            return Some(path.split_off(first));
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;

    /// Builds a map from lines `id: parents; dependencies; labels; replaces`, in the order of their
    /// files.
    pub(crate) fn map(lines: &[&str]) -> Result<RevisionMap, Vec<GraphError>> {
        let revisions = lines.iter().enumerate().map(|(number, line)| {
            let (id, rest) = line.split_once(':').unwrap();
            let mut parts = rest.split(';').map(str::trim);
            let down = parts.next().filter(|down| !down.is_empty()).unwrap_or("none");
            let mut text = format!("-- m\n-- revision: {id}\n-- down_revision: {down}\n");
            for (key, value) in ["depends_on", "branch_labels", "replaces"].iter().zip(parts) {
                if !value.is_empty() {
                    text.push_str(&format!("-- {key}: {value}\n"));
                }
            }
            let path = format!("{number:03}.sql");
            Revision::parse(Path::new(&path), text.into_bytes()).unwrap()
        });
        RevisionMap::new(revisions.collect())
    }

    pub(crate) fn ids<'a>(path: impl IntoIterator<Item = &'a Revision>) -> String {
        let ids: Vec<&str> = path.into_iter().map(|revision| revision.id.as_str()).collect();
        ids.join(" ")
    }

    pub(crate) fn strings(ids: &str) -> Vec<String> {
        ids.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn heads_bases_and_branch_points() {
        let map = map(&["a:", "b: a", "c: a; x", "m: b, c", "x:", "y: x", "z:; y"]).unwrap();
        assert_eq!(ids(map.heads()), "m y z");
        assert_eq!(ids(map.effective_heads()), "m z");
        assert_eq!(ids(map.bases()), "a x z");
        assert_eq!(ids(map.branch_points()), "a");
        assert_eq!(ids(map.current(&strings("c"))), "c x");
        assert_eq!(map.children("a"), ["b", "c"]);
    }

    #[test]
    fn broken_graphs_are_explained() {
        for (lines, words) in [
            (&["a: z"][..], "Revision z referenced from a (down_revision, 000.sql) is not present"),
            (&["a:; z"], "Revision z referenced from a (depends_on, 000.sql) is not present"),
            (&["a:", "a:"], "Revision a is present more than once: 000.sql and 001.sql"),
            (&["a: a"], "Self-loop is detected in revisions (a)"),
            (&["a:; a"], "Dependency self-loop is detected in revisions (a)"),
            (
                &["a: c", "b: a", "c: b"],
                "Cycle is detected in revisions (a, c, b): a -> c -> b -> a",
            ),
            (&["a:", "b: a, d", "c: b", "d: c"], "Cycle is detected in revisions (b, d, c)"),
            (
                &["a:", "b: a", "c: b; d", "d: c"],
                "Dependency cycle is detected in revisions (c, d)",
            ),
            (&["a:; b", "b: a"], "Dependency cycle is detected in revisions (a, b)"),
            (&["a:;; x", "b: a;; x"], "Branch name 'x' in revision b already used by revision a"),
            (&["a:", "b: a;; a"], "Branch name 'a' in revision b already used by revision a"),
        ] {
            let problem = map(lines).unwrap_err()[0].to_string();
            assert!(problem.starts_with(words), "{problem}");
        }
    }
}
