//! The graph of revisions: how they hang together, heads, bases, ancestors.
//!
//! Nodes are positions in the list of revisions, which is in the order of folders and file names.
//! Every walk is linear in the size of the graph, and ties are broken by that order, so that the same
//! files give the same answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::squash::Names;
use crate::{GraphError, Revision};

/// All revisions and how they hang together.
#[derive(Clone, Debug, Default)]
pub struct RevisionMap {
    pub(crate) revisions: Vec<Arc<Revision>>,
    pub(crate) by_id: BTreeMap<String, usize>,
    pub(crate) labels: BTreeMap<String, usize>,
    /// Parents by `down_revision`.
    pub(crate) down: Vec<Vec<usize>>,
    /// Those, and the dependencies that are not implied by a parent's.
    pub(crate) requires: Vec<Vec<usize>>,
    pub(crate) children: Vec<Vec<usize>>,
    pub(crate) required_by: Vec<Vec<usize>>,
    /// Every revision behind all that it requires.
    pub(crate) order: Vec<usize>,
    pub(crate) names: Names,
}

/// A set of revisions: one flag for each.
pub(crate) type Set = Vec<bool>;

impl RevisionMap {
    /// Builds the graph; gives every problem at once.
    pub fn new(revisions: Vec<Revision>) -> Result<Self, Vec<GraphError>> {
        Self::chosen(revisions.into_iter().map(Arc::new).collect(), &BTreeSet::new())
    }

    /// Builds the graph with those revisions in place of `expanded` that these replace.
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

    /// Circles by `down_revision`, or else by dependencies.
    fn cycles(&self) -> Option<GraphError> {
        let by_parents = circle(&self.down).map(|circle| (circle, false));
        let (circle, dependency) =
            by_parents.or_else(|| circle(&self.requires).map(|circle| (circle, true)))?;
        Some(GraphError::Cycle { cycle: self.ids(&circle), dependency })
    }

    /// Leaves out dependencies that an ancestor by `down_revision` has too, as Alembic does.
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

    /// Every revision, each behind all that it requires.
    pub fn revisions(&self) -> impl DoubleEndedIterator<Item = &Revision> {
        self.order.iter().map(|at| &*self.revisions[*at])
    }

    /// The number of revisions.
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there is no revision.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The revision of that very id.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.by_id.get(id).map(|at| &*self.revisions[*at])
    }

    /// The same revision, to keep.
    pub fn shared(&self, revision: &Revision) -> Arc<Revision> {
        let at = self.by_id.get(&revision.id);
        at.map_or_else(|| Arc::new(revision.clone()), |at| Arc::clone(&self.revisions[*at]))
    }

    /// Revisions without children, by `down_revision` only: what a new revision goes on top of.
    pub fn heads(&self) -> Vec<&Revision> {
        self.without(&self.children)
    }

    /// Heads that no other revision depends on: what the version table holds when all is applied.
    pub fn effective_heads(&self) -> Vec<&Revision> {
        self.without(&self.required_by)
    }

    /// Revisions that come directly after nothing.
    pub fn bases(&self) -> Vec<&Revision> {
        self.without(&self.down)
    }

    /// Revisions with several children.
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

    /// Ids of the revisions directly on top of one.
    pub fn children(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let children = at.into_iter().flat_map(|at| &self.children[*at]);
        children.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Ids of the revisions that one stands on, by the names that they have in this graph.
    pub fn parents(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let parents = at.into_iter().flat_map(|at| &self.down[*at]);
        parents.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Ids of the revisions that stand on one or depend on it.
    pub fn dependents(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        let dependents = at.into_iter().flat_map(|at| &self.required_by[*at]);
        dependents.map(|at| self.revisions[*at].id.as_str()).collect()
    }

    /// Whether no other revision depends on it or stands on it.
    pub fn is_effective_head(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|at| self.required_by[*at].is_empty())
    }

    /// The ids of `known` that are in the graph, and those that are not.
    pub fn known<'a>(&self, ids: &'a [String]) -> (Vec<&'a str>, Vec<&'a str>) {
        ids.iter().map(String::as_str).partition(|id| self.by_id.contains_key(*id))
    }

    /// All that is applied when the version table has these rows; those that no file knows do not
    /// count.
    pub fn applied(&self, rows: &[String]) -> Vec<&Revision> {
        let applied = self.closure(&self.places(rows), &self.requires);
        self.order.iter().filter(|at| applied[**at]).map(|at| &*self.revisions[*at]).collect()
    }

    /// The applied revisions that nothing applied stands on: the rows themselves, and those that
    /// another row implies by a dependency.
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

    /// The place of a revision, or of the one that stands for it.
    fn place(&self, id: &str) -> Option<usize> {
        let standing = || self.names.stands_for(id).and_then(|(id, _)| self.by_id.get(id));
        self.by_id.get(id).or_else(standing).copied()
    }

    pub(crate) fn set(&self, places: &[usize]) -> Set {
        let mut set = vec![false; self.revisions.len()];
        places.iter().for_each(|at| set[*at] = true);
        set
    }

    /// Everything that can be reached from `start`, which is in it too.
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

/// A circle in a graph, its first node again at its end.
fn circle(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    // Kahn's algorithm; what is left over hangs on a circle.
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

    /// A map of lines `id: parents; dependencies; labels`, in the order of their files.
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
