//! The graph of revisions: heads, bases, ancestors, and the ways between them.
//!
//! Nodes are positions in the list of revisions. Every walk is linear in the size of the graph, and
//! ties are broken by the order of the file names, so that the same files give the same order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::{Anchor, GraphError, ResolveError, Revision, Symbol};

/// All revisions and how they hang together.
#[derive(Clone, Debug, Default)]
pub struct RevisionMap {
    revisions: Vec<Revision>,
    by_id: BTreeMap<String, usize>,
    labels: BTreeMap<String, usize>,
    /// Parents by `down_revision`, and those and the dependencies together.
    down: Vec<Vec<usize>>,
    requires: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    required_by: Vec<Vec<usize>>,
    /// Every revision behind all that it requires.
    order: Vec<usize>,
}

impl RevisionMap {
    /// Builds the graph; gives every problem at once.
    pub fn new(revisions: Vec<Revision>) -> Result<Self, Vec<GraphError>> {
        let mut map = Self { revisions, ..Self::default() };
        let mut problems = map.index();
        problems.extend(map.link());
        if problems.is_empty() {
            problems.extend(map.sort());
        }
        if problems.is_empty() { Ok(map) } else { Err(problems) }
    }

    fn index(&mut self) -> Vec<GraphError> {
        let mut problems = Vec::new();
        for (at, revision) in self.revisions.iter().enumerate() {
            if let Some(first) = self.by_id.insert(revision.id.clone(), at) {
                let paths = [self.revisions[first].path.clone(), revision.path.clone()];
                problems.push(GraphError::Duplicate { id: revision.id.clone(), paths });
            }
            for label in &revision.branch_labels {
                if let Some(first) = self.labels.insert(label.clone(), at) {
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
        let count = self.revisions.len();
        let mut problems = Vec::new();
        for lists in [&mut self.down, &mut self.requires, &mut self.children, &mut self.required_by]
        {
            *lists = vec![Vec::new(); count];
        }
        for (at, revision) in self.revisions.iter().enumerate() {
            let missing = |missing: &String, field| GraphError::Missing {
                missing: missing.clone(),
                referrer: revision.id.clone(),
                path: revision.path.clone(),
                field,
            };
            for id in &revision.down_revisions {
                match self.by_id.get(id) {
                    Some(parent) => self.down[at].push(*parent),
                    None => problems.push(missing(id, "down_revision")),
                }
            }
            self.requires[at] = self.down[at].clone();
            for id in &revision.depends_on {
                match self.by_id.get(id).or_else(|| self.labels.get(id)) {
                    Some(other) if self.requires[at].contains(other) => {}
                    Some(other) => self.requires[at].push(*other),
                    None => problems.push(missing(id, "depends_on")),
                }
            }
            for parent in &self.down[at] {
                self.children[*parent].push(at);
            }
            for parent in &self.requires[at] {
                self.required_by[*parent].push(at);
            }
        }
        problems
    }

    /// Kahn's algorithm; what is left over goes round in circles.
    fn sort(&mut self) -> Option<GraphError> {
        let mut waits: Vec<usize> = self.requires.iter().map(Vec::len).collect();
        let mut ready: BinaryHeap<Reverse<usize>> =
            (0..waits.len()).filter(|at| waits[*at] == 0).map(Reverse).collect();
        while let Some(Reverse(at)) = ready.pop() {
            self.order.push(at);
            for child in &self.required_by[at] {
                waits[*child] -= 1;
                if waits[*child] == 0 {
                    ready.push(Reverse(*child));
                }
            }
        }
        let start = waits.iter().position(|waiting| *waiting > 0)?;
        Some(GraphError::Cycle { cycle: self.cycle(start, &waits) })
    }

    /// Walks up among the revisions that wait until one comes again.
    fn cycle(&self, start: usize, waits: &[usize]) -> Vec<String> {
        let mut path = vec![start];
        let mut at = start;
        while let Some(next) = self.requires[at].iter().copied().find(|parent| waits[*parent] > 0) {
            if let Some(first) = path.iter().position(|seen| *seen == next) {
                path.drain(..first);
                path.push(next);
                break;
            }
            path.push(next);
            at = next;
        }
        path.iter().map(|at| self.revisions[*at].id.clone()).collect()
    }

    /// Every revision, each behind all that it requires.
    pub fn revisions(&self) -> impl DoubleEndedIterator<Item = &Revision> {
        self.order.iter().map(|at| &self.revisions[*at])
    }

    /// Whether there is no revision.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The revision of that very id.
    pub fn get(&self, id: &str) -> Option<&Revision> {
        self.by_id.get(id).map(|at| &self.revisions[*at])
    }

    /// Revisions without children, by `down_revision` only: what a new revision goes on top of.
    pub fn heads(&self) -> Vec<&Revision> {
        self.order
            .iter()
            .filter(|at| self.children[**at].is_empty())
            .map(|at| &self.revisions[*at])
            .collect()
    }

    /// Heads that no other revision depends on: what the version table holds when all is applied.
    fn real_heads(&self) -> Vec<usize> {
        self.order.iter().filter(|at| self.required_by[**at].is_empty()).copied().collect()
    }

    /// The number of revisions that come directly after nothing.
    pub fn base_count(&self) -> usize {
        self.down.iter().filter(|parents| parents.is_empty()).count()
    }

    /// Ids of the revisions directly on top of one.
    pub fn children(&self, id: &str) -> Vec<&str> {
        let at = self.by_id.get(id);
        at.into_iter()
            .flat_map(|at| &self.children[*at])
            .map(|at| self.revisions[*at].id.as_str())
            .collect()
    }

    /// The ids of `known` that are in the graph, and those that are not.
    pub fn known<'a>(&self, ids: &'a [String]) -> (Vec<&'a str>, Vec<&'a str>) {
        ids.iter().map(String::as_str).partition(|id| self.by_id.contains_key(*id))
    }

    /// Everything that the revisions require, they themselves included.
    pub fn ancestors(&self, ids: &[impl AsRef<str>]) -> BTreeSet<&str> {
        self.closure(ids, &self.requires)
    }

    /// Everything that requires one of the revisions, they themselves included.
    pub fn descendants(&self, ids: &[impl AsRef<str>]) -> BTreeSet<&str> {
        self.closure(ids, &self.required_by)
    }

    fn closure(&self, ids: &[impl AsRef<str>], edges: &[Vec<usize>]) -> BTreeSet<&str> {
        let mut seen = vec![false; self.revisions.len()];
        let mut stack: Vec<usize> =
            ids.iter().filter_map(|id| self.by_id.get(id.as_ref()).copied()).collect();
        let mut out = BTreeSet::new();
        while let Some(at) = stack.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                out.insert(self.revisions[at].id.as_str());
                stack.extend(&edges[at]);
            }
        }
        out
    }

    /// What to run to have `targets` applied when `current` is, in order.
    pub fn upgrade_path(&self, current: &[String], targets: &[String]) -> Vec<&Revision> {
        let have = self.ancestors(current);
        let want = self.ancestors(targets);
        self.revisions()
            .filter(|revision| {
                let id = revision.id.as_str();
                want.contains(id) && !have.contains(id)
            })
            .collect()
    }

    /// What to undo so that nothing on top of `target` is applied any more, in order; without a
    /// target, everything.
    pub fn downgrade_path(
        &self,
        current: &[String],
        target: Option<&str>,
    ) -> Result<Vec<&Revision>, ResolveError> {
        let have = self.ancestors(current);
        let Some(target) = target else {
            return Ok(self.revisions().rev().filter(|r| have.contains(r.id.as_str())).collect());
        };
        if !have.contains(target) {
            return Err(ResolveError::NotBelow {
                to: target.to_owned(),
                current: current.to_vec(),
            });
        }
        let above = self.descendants(&[target]);
        Ok(self
            .revisions()
            .rev()
            .filter(|r| {
                r.id != target && have.contains(r.id.as_str()) && above.contains(r.id.as_str())
            })
            .collect())
    }

    /// The rows of the version table after one more revision.
    pub fn heads_after_upgrade(&self, heads: &[String], id: &str) -> Vec<String> {
        let parents = self.required_ids(id);
        let mut after: Vec<String> =
            heads.iter().filter(|head| !parents.contains(head)).cloned().collect();
        after.push(id.to_owned());
        after.sort();
        after.dedup();
        after
    }

    /// The rows of the version table after one revision less: what it required comes back, unless
    /// another head still stands on it.
    pub fn heads_after_downgrade(&self, heads: &[String], id: &str) -> Vec<String> {
        let mut after: Vec<String> = heads.iter().filter(|head| *head != id).cloned().collect();
        let covered: BTreeSet<String> =
            self.ancestors(&after).into_iter().map(str::to_owned).collect();
        after.extend(self.required_ids(id).into_iter().filter(|parent| !covered.contains(parent)));
        after.sort();
        after.dedup();
        self.without_implied(after)
    }

    /// The rows of the version table after stamping: heads in line with a target make room.
    pub fn heads_after_stamp(&self, heads: &[String], targets: &[String]) -> Vec<String> {
        if targets.is_empty() {
            return Vec::new();
        }
        let mut line = self.ancestors(targets);
        line.extend(self.descendants(targets));
        let mut after: Vec<String> =
            heads.iter().filter(|head| !line.contains(head.as_str())).cloned().collect();
        after.extend_from_slice(targets);
        after.sort();
        after.dedup();
        self.without_implied(after)
    }

    fn required_ids(&self, id: &str) -> Vec<String> {
        let at = self.by_id.get(id);
        at.into_iter()
            .flat_map(|at| &self.requires[*at])
            .map(|at| self.revisions[*at].id.clone())
            .collect()
    }

    /// Without those that another one of them requires.
    fn without_implied(&self, ids: Vec<String>) -> Vec<String> {
        let implied: BTreeSet<String> = ids
            .iter()
            .flat_map(|id| {
                self.ancestors(&self.required_ids(id))
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        ids.into_iter().filter(|id| !implied.contains(id)).collect()
    }

    /// The revisions that an identifier means; none for `base`. `current` is where the database is.
    pub fn resolve(&self, text: &str, current: &[String]) -> Result<Vec<String>, ResolveError> {
        let symbol = Symbol::parse(text)?;
        let start = match &symbol.anchor {
            None | Some(Anchor::Current) => current.to_vec(),
            Some(Anchor::Base) => Vec::new(),
            Some(Anchor::Heads) => self.ids(&self.real_heads()),
            Some(Anchor::Head) => vec![self.single_head(&symbol, text)?],
            Some(Anchor::Name(name)) => vec![self.locate(name)?],
        };
        let start = self.within_branch(&symbol, start)?;
        match symbol.distance {
            0 => Ok(start),
            steps if steps > 0 => self.walk_up(&symbol, start, steps.unsigned_abs()),
            steps => self.walk_down(&symbol, start, steps.unsigned_abs()),
        }
    }

    fn ids(&self, positions: &[usize]) -> Vec<String> {
        positions.iter().map(|at| self.revisions[*at].id.clone()).collect()
    }

    fn single_head(&self, symbol: &Symbol, text: &str) -> Result<String, ResolveError> {
        let mut heads: Vec<String> = self.heads().iter().map(|r| r.id.clone()).collect();
        if let Some(branch) = &symbol.branch {
            let lineage = self.lineage(branch)?;
            heads.retain(|head| lineage.contains(head.as_str()));
        }
        match heads.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(ResolveError::Unknown(text.to_owned())),
            _ => Err(ResolveError::MultipleHeads { argument: text.to_owned(), heads }),
        }
    }

    fn lineage(&self, branch: &str) -> Result<BTreeSet<&str>, ResolveError> {
        let start = [self.locate(branch)?];
        let mut lineage = self.ancestors(&start);
        lineage.extend(self.descendants(&start));
        Ok(lineage)
    }

    fn within_branch(
        &self,
        symbol: &Symbol,
        ids: Vec<String>,
    ) -> Result<Vec<String>, ResolveError> {
        let Some(branch) = &symbol.branch else { return Ok(ids) };
        let lineage = self.lineage(branch)?;
        if let (Some(Anchor::Name(_)), Some(id)) = (&symbol.anchor, ids.first())
            && !lineage.contains(id.as_str())
        {
            return Err(ResolveError::NotInBranch { revision: id.clone(), branch: branch.clone() });
        }
        Ok(ids.into_iter().filter(|id| lineage.contains(id.as_str())).collect())
    }

    /// A full id, the beginning of one, or a branch label.
    fn locate(&self, name: &str) -> Result<String, ResolveError> {
        if let Some(at) = self.by_id.get(name).or_else(|| self.labels.get(name)) {
            return Ok(self.revisions[*at].id.clone());
        }
        let candidates: Vec<String> = self
            .by_id
            .range(name.to_owned()..)
            .map(|(id, _)| id.clone())
            .take_while(|id| id.starts_with(name))
            .collect();
        match candidates.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(ResolveError::Unknown(name.to_owned())),
            _ => Err(ResolveError::Ambiguous { prefix: name.to_owned(), candidates }),
        }
    }

    fn walk_up(
        &self,
        symbol: &Symbol,
        start: Vec<String>,
        steps: u64,
    ) -> Result<Vec<String>, ResolveError> {
        let lineage = symbol.branch.as_deref().map(|branch| self.lineage(branch)).transpose()?;
        let mut at = self.one_of(symbol, start, "the database")?;
        for _ in 0..steps {
            let mut next: Vec<String> = match &at {
                Some(id) => self.children(id).into_iter().map(str::to_owned).collect(),
                None => self
                    .revisions()
                    .filter(|r| r.down_revisions.is_empty())
                    .map(|r| r.id.clone())
                    .collect(),
            };
            if let Some(lineage) = &lineage {
                next.retain(|id| lineage.contains(id.as_str()));
            }
            if next.is_empty() {
                return Err(too_far(symbol));
            }
            at = self.one_of(symbol, next, at.as_deref().unwrap_or("base"))?;
        }
        Ok(at.into_iter().collect())
    }

    fn walk_down(
        &self,
        symbol: &Symbol,
        start: Vec<String>,
        steps: u64,
    ) -> Result<Vec<String>, ResolveError> {
        let mut at = self.one_of(symbol, start, "the database")?;
        for _ in 0..steps {
            let Some(id) = at else { return Err(too_far(symbol)) };
            let parents = self.get(&id).map(|r| r.down_revisions.clone()).unwrap_or_default();
            at = self.one_of(symbol, parents, &id)?;
        }
        Ok(at.into_iter().collect())
    }

    fn one_of(
        &self,
        symbol: &Symbol,
        mut ids: Vec<String>,
        at: &str,
    ) -> Result<Option<String>, ResolveError> {
        if ids.len() > 1 {
            return Err(ResolveError::AmbiguousWalk {
                symbol: symbol.to_string(),
                at: at.to_owned(),
                candidates: ids,
            });
        }
        Ok(ids.pop())
    }
}

fn too_far(symbol: &Symbol) -> ResolveError {
    ResolveError::TooFar {
        symbol: symbol.to_string(),
        distance: usize::try_from(symbol.distance.unsigned_abs()).unwrap_or(usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `id: parents; dependencies`, one a line.
    fn map(lines: &[&str]) -> Result<RevisionMap, Vec<GraphError>> {
        let revisions = lines.iter().map(|line| {
            let (id, rest) = line.split_once(':').unwrap();
            let (down, depends) = rest.split_once(';').unwrap_or((rest, ""));
            let down = if down.trim().is_empty() { "none" } else { down };
            let depends = if depends.trim().is_empty() {
                String::new()
            } else {
                format!("-- depends_on: {depends}\n")
            };
            let text = format!("-- m\n-- revision: {id}\n-- down_revision: {down}\n{depends}");
            Revision::parse(Path::new(&format!("{id}.sql")), text.into_bytes()).unwrap()
        });
        RevisionMap::new(revisions.collect())
    }

    fn ids(path: Vec<&Revision>) -> Vec<&str> {
        path.into_iter().map(|revision| revision.id.as_str()).collect()
    }

    fn strings(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_line_goes_up_and_down() {
        let map = map(&["a1:", "b2: a1", "c3: b2"]).unwrap();
        assert_eq!(ids(map.upgrade_path(&[], &strings(&["c3"]))), ["a1", "b2", "c3"]);
        assert_eq!(ids(map.downgrade_path(&strings(&["c3"]), Some("a1")).unwrap()), ["c3", "b2"]);
        assert_eq!(ids(map.downgrade_path(&strings(&["c3"]), None).unwrap()), ["c3", "b2", "a1"]);
        assert!(map.downgrade_path(&strings(&["a1"]), Some("b2")).is_err());
        assert_eq!(map.heads_after_upgrade(&strings(&["a1"]), "b2"), ["b2"]);
        assert_eq!(map.heads_after_downgrade(&strings(&["b2"]), "b2"), ["a1"]);
    }

    #[test]
    fn identifiers_resolve() {
        let map = map(&["ab1:", "ab2: ab1", "cd3: ab2"]).unwrap();
        let at = strings(&["ab2"]);
        for (text, expected) in [
            ("head", vec!["cd3"]),
            ("base", vec![]),
            ("cd", vec!["cd3"]),
            ("ab1", vec!["ab1"]),
            ("+1", vec!["cd3"]),
            ("-1", vec!["ab1"]),
            ("-2", vec![]),
            ("head-2", vec!["ab1"]),
            ("base+2", vec!["ab2"]),
            ("ab1+1", vec!["ab2"]),
            ("current", vec!["ab2"]),
            ("heads", vec!["cd3"]),
        ] {
            assert_eq!(map.resolve(text, &at).unwrap(), strings(&expected), "{text}");
        }
        assert!(matches!(map.resolve("ab", &at), Err(ResolveError::Ambiguous { .. })));
        assert!(matches!(map.resolve("zz", &at), Err(ResolveError::Unknown(_))));
        assert!(matches!(map.resolve("+2", &at), Err(ResolveError::TooFar { .. })));
        assert!(matches!(map.resolve("-3", &at), Err(ResolveError::TooFar { .. })));
    }

    #[test]
    fn merges_and_dependencies_keep_the_rows_that_are_needed() {
        let map = map(&["a:", "b: a", "c: a", "m: b, c", "x:; b"]).unwrap();
        assert_eq!(map.heads_after_upgrade(&strings(&["b", "c"]), "m"), ["m"]);
        assert_eq!(map.heads_after_downgrade(&strings(&["m"]), "m"), ["b", "c"]);
        assert_eq!(map.heads_after_upgrade(&strings(&["b"]), "x"), ["x"]);
        assert_eq!(map.heads_after_downgrade(&strings(&["m", "x"]), "x"), ["m"]);
        assert_eq!(map.heads_after_stamp(&strings(&["b", "c"]), &strings(&["a"])), ["a"]);
    }

    #[test]
    fn broken_graphs_are_explained() {
        assert!(matches!(map(&["a: z"]).unwrap_err()[..], [GraphError::Missing { .. }]));
        assert!(matches!(map(&["a:", "a:"]).unwrap_err()[..], [GraphError::Duplicate { .. }]));
        let GraphError::Cycle { cycle } = &map(&["a: c", "b: a", "c: b", "d: c"]).unwrap_err()[0]
        else {
            panic!()
        };
        assert_eq!(cycle.len(), 4);
        assert!(matches!(map(&["a: a"]).unwrap_err()[..], [GraphError::Cycle { .. }]));
    }
}
