//! Paths from the rows of a version table to a target, and the rows after each transition.

use std::collections::BTreeSet;

use crate::error::{Overlap, ResolveError};
use crate::file::Revision;
use crate::graph::{RevisionMap, Set};
use crate::target::{DowngradeTarget, StampTarget};

impl RevisionMap {
    /// Returns the revisions to run, in order, so that `targets` are applied when the version table
    /// has `rows`.
    pub fn upgrade_path(&self, rows: &[String], targets: &[String]) -> Vec<&Revision> {
        let have = self.closure(&self.places(rows), &self.requires);
        let targets = self.places(targets);
        let mut todo = self.closure(&targets, &self.requires);
        todo.iter_mut().zip(have).for_each(|(wanted, have)| *wanted &= !have);
        self.sorted(&todo, &targets).into_iter().rev().map(|at| &*self.revisions[at]).collect()
    }

    /// Returns the revisions to undo, in order, so that nothing above the target is applied any
    /// more. Revisions that depend on an undone one are undone too.
    ///
    /// # Errors
    ///
    /// Fails if the target's branch is unknown or no way down leads along it, or if there is
    /// nothing to undo and the target itself is not applied.
    pub fn downgrade_path(
        &self,
        rows: &[String],
        target: &DowngradeTarget,
    ) -> Result<Vec<&Revision>, ResolveError> {
        let heads = self.places(rows);
        let have = self.closure(&heads, &self.requires);
        let place = target.revision.as_ref().and_then(|id| self.by_id.get(id).copied());
        let mut roots: Vec<usize> = match place {
            Some(at) => self.children[at].clone(),
            None => (0..self.revisions.len()).filter(|at| self.down[*at].is_empty()).collect(),
        };
        if let (Some(branch), true) = (&target.branch, roots.len() > 1) {
            let line = self.closure(&[self.branch(branch)?], &self.down);
            roots.retain(|at| line[*at]);
            if roots.is_empty() {
                return Err(ResolveError::NotOnBranch { branch: branch.clone() });
            }
        }
        let mut todo = self.closure(&roots, &self.required_by);
        todo.iter_mut().zip(&have).for_each(|(wanted, have)| *wanted &= have);
        let nothing = !todo.contains(&true);
        if let (Some(id), Some(at), true) = (&target.revision, place, nothing)
            && !have[at]
        {
            return Err(ResolveError::NotBelow { to: id.clone(), current: rows.to_vec() });
        }
        Ok(self.sorted(&todo, &heads).into_iter().map(|at| &*self.revisions[at]).collect())
    }

    /// Returns the revisions from `start` to `end`, both included, the newest first. `None` means
    /// no limit on that side.
    ///
    /// # Errors
    ///
    /// Fails if a revision of `start` is neither in `end` nor an ancestor of it.
    pub fn range(
        &self,
        start: Option<&[String]>,
        end: Option<&[String]>,
    ) -> Result<Vec<&Revision>, ResolveError> {
        let ends = end.map_or_else(|| self.real_heads(), |end| self.places(end));
        let mut wanted = self.closure(&ends, &self.requires);
        let starts = self.places(start.unwrap_or_default());
        if starts.iter().any(|at| !wanted[*at]) {
            let name = |ids: Option<&[String]>| ids.unwrap_or_default().join(", ");
            return Err(ResolveError::NoRange { start: name(start), end: name(end) });
        }
        if !starts.is_empty() {
            let above = self.closure(&starts, &self.children);
            wanted.iter_mut().zip(above).for_each(|(wanted, above)| *wanted &= above);
        }
        // The range may lack a revision that lies between two of its members by a dependency alone,
        // so it is not walked by itself but filtered from the order of the whole graph.
        let shown = self.order.iter().rev().filter(|at| wanted[**at]);
        Ok(shown.map(|at| &*self.revisions[*at]).collect())
    }

    /// Returns the rows of the version table after each revision of an upgrade path.
    pub fn rows_up(&self, rows: &[String], path: &[&Revision]) -> Vec<Vec<String>> {
        let mut table = Rows::new(self, rows);
        self.places_of(path).map(|at| table.add(at)).collect()
    }

    /// Returns the rows of the version table after each revision of a downgrade path.
    pub fn rows_down(&self, rows: &[String], path: &[&Revision]) -> Vec<Vec<String>> {
        let mut table = Rows::new(self, rows);
        self.places_of(path).map(|at| table.remove(at)).collect()
    }

    fn places_of(&self, path: &[&Revision]) -> impl Iterator<Item = usize> {
        path.iter().filter_map(|revision| self.by_id.get(&revision.id).copied())
    }

    /// Returns the rows of the version table after stamping. A target replaces the rows among its
    /// ancestors and descendants; a branch that is stamped as its base loses its rows.
    pub fn rows_stamped(&self, rows: &[String], targets: &[StampTarget]) -> Vec<String> {
        let mut after: Vec<String> = rows.to_vec();
        for target in targets {
            let line = match target {
                StampTarget::Base => vec![true; self.revisions.len()],
                StampTarget::Branch(id) | StampTarget::Revision(id) => {
                    let at = self.places(&[id]);
                    let mut line = self.closure(&at, &self.requires);
                    let above = self.closure(&at, &self.required_by);
                    line.iter_mut().zip(above).for_each(|(line, above)| *line |= above);
                    line
                }
            };
            after.retain(|id| {
                targets.contains(&StampTarget::Revision(id.clone()))
                    || !self.by_id.get(id).is_some_and(|at| line[*at])
            });
            if let StampTarget::Revision(id) = target {
                after.push(id.clone());
            }
        }
        self.maximal(&after)
    }

    /// Returns the ids without those that another one of them requires, sorted.
    fn maximal(&self, ids: &[String]) -> Vec<String> {
        let places = self.places(ids);
        let parents: Vec<usize> = places.iter().flat_map(|at| self.requires[*at].clone()).collect();
        let implied = self.closure(&parents, &self.requires);
        let kept: BTreeSet<&String> =
            ids.iter().filter(|id| !self.by_id.get(*id).is_some_and(|at| implied[*at])).collect();
        kept.into_iter().cloned().collect()
    }

    /// Finds a row that another row requires.
    pub fn overlap(&self, rows: &[String]) -> Option<Overlap> {
        let maximal = self.maximal(rows);
        let implied = rows.iter().find(|row| !maximal.contains(row))?;
        let at = *self.by_id.get(implied)?;
        let above = self.closure(&[at], &self.required_by);
        let over = maximal.iter().filter(|row| self.by_id.get(*row).is_some_and(|at| above[*at]));
        let others = over.cloned().collect();
        Some(Overlap { revision: implied.clone(), others, rest: maximal })
    }
}

/// The rows of a version table while revisions are applied and undone: those applied revisions that
/// no other applied one requires.
struct Rows<'a> {
    map: &'a RevisionMap,
    applied: Set,
    /// For each revision, the number of applied revisions that require it.
    required: Vec<usize>,
    /// The rows as in the table, including those that match no file.
    rows: BTreeSet<String>,
}

impl<'a> Rows<'a> {
    fn new(map: &'a RevisionMap, rows: &[String]) -> Self {
        let applied = map.closure(&map.places(rows), &map.requires);
        let requires = |at: usize| map.required_by[at].iter().filter(|by| applied[**by]).count();
        let required = (0..applied.len()).map(requires).collect();
        Self { map, applied, required, rows: rows.iter().cloned().collect() }
    }

    fn id(&self, at: usize) -> &str {
        &self.map.revisions[at].id
    }

    fn add(&mut self, at: usize) -> Vec<String> {
        self.applied[at] = true;
        for parent in &self.map.requires[at] {
            self.required[*parent] += 1;
            let id = &self.map.revisions[*parent].id;
            self.rows.remove(id);
        }
        self.rows.insert(self.id(at).to_owned());
        self.rows.iter().cloned().collect()
    }

    fn remove(&mut self, at: usize) -> Vec<String> {
        self.applied[at] = false;
        let id = &self.map.revisions[at].id;
        self.rows.remove(id);
        for parent in &self.map.requires[at] {
            self.required[*parent] -= 1;
            if self.required[*parent] == 0 {
                self.rows.insert(self.id(*parent).to_owned());
            }
        }
        self.rows.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{ids, map, strings};
    use crate::symbol::tests::symbol;

    /// Returns the steps of an upgrade and the rows after each of them, as one line.
    fn up(map: &RevisionMap, rows: &str, targets: &str) -> String {
        let (rows, path) = (strings(rows), map.upgrade_path(&strings(rows), &strings(targets)));
        let after = map.rows_up(&rows, &path);
        path.iter().zip(after).map(|(r, rows)| format!("{}({}) ", r.id, rows.join(","))).collect()
    }

    fn down(map: &RevisionMap, rows: &str, target: &str) -> String {
        let rows = strings(rows);
        let target = map.downgrade_target(&symbol(target), &rows).unwrap();
        let path = map.downgrade_path(&rows, &target).unwrap();
        let after = map.rows_down(&rows, &path);
        path.iter().zip(after).map(|(r, rows)| format!("{}({}) ", r.id, rows.join(","))).collect()
    }

    #[test]
    fn a_line_goes_up_and_down() {
        let map = map(&["a1:", "b2: a1", "c3: b2"]).unwrap();
        assert_eq!(up(&map, "", "c3"), "a1(a1) b2(b2) c3(c3) ");
        assert_eq!(down(&map, "c3", "a1"), "c3(b2) b2(a1) ");
        assert_eq!(down(&map, "c3", "base"), "c3(b2) b2(a1) a1() ");
        let target = map.downgrade_target(&symbol("b2"), &strings("a1")).unwrap();
        assert!(map.downgrade_path(&strings("a1"), &target).is_err());
        assert_eq!(down(&map, "a1", "a1"), "");
    }

    #[test]
    fn diamonds_and_twin_merges() {
        let map = map(&["a:", "b: a", "c: a", "m: b, c", "n: b, c"]).unwrap();
        assert_eq!(up(&map, "", "m"), "a(a) c(c) b(b,c) m(m) ");
        assert_eq!(up(&map, "m", "n"), "n(m,n) ");
        assert_eq!(down(&map, "m n", "m"), "");
        assert_eq!(down(&map, "m n", "b"), "m(n) n(b,c) ");
        assert_eq!(down(&map, "m", "a"), "m(b,c) b(a,c) c(a) ".replace("(a,c)", "(c)"));
    }

    #[test]
    fn dependencies_pull_and_are_pulled() {
        // d depends on y, which is on another branch.
        let map = map(&["a:", "b: a", "d: b; y", "x:", "y: x", "z: y"]).unwrap();
        assert_eq!(up(&map, "b", "d"), "x(b,x) y(b,y) d(d) ");
        assert_eq!(up(&map, "d", "z"), "z(d,z) ");
        assert_eq!(down(&map, "d z", "x"), "d(b,z) z(b,y) y(b,x) ");
        assert_eq!(down(&map, "d", "b"), "d(b,y) ");
        assert_eq!(ids(map.current(&strings("d"))), "d y");
    }

    #[test]
    fn one_branch_is_undone_alone() {
        let map = map(&["a:;; one", "b: a", "x:;; two", "y: x"]).unwrap();
        assert_eq!(down(&map, "b y", "one@base"), "b(a,y) a(y) ");
        assert_eq!(down(&map, "b y", "two@-1"), "y(b,x) ");
        assert_eq!(down(&map, "b y", "y-1"), "y(b,x) ");
        assert_eq!(down(&map, "b y", "base"), "b(a,y) a(y) y(x) x() ");
    }

    #[test]
    fn a_range_may_hold_what_only_dependencies_join() {
        let map =
            map(&["a1:", "a2: a1", "a3: a2", "b1: a1", "b2: b1; a2", "c1:; a3", "c2: c1", "d: c2"])
                .unwrap();
        let range = |start: &str, end: &str| {
            let (start, end) = (strings(start), strings(end));
            let side = |ids: &[String]| if ids.is_empty() { None } else { Some(ids.to_vec()) };
            match map.range(side(&start).as_deref(), side(&end).as_deref()) {
                Ok(found) => ids(found),
                Err(error) => error.to_string(),
            }
        };
        assert_eq!(range("a1", ""), "b2 b1 a3 a2 a1");
        assert_eq!(range("a3", ""), "a3");
        assert_eq!(range("a2", "d b2"), "a3 a2");
        assert_eq!(range("", "c1"), "c1 a3 a2 a1");
    }

    #[test]
    fn stamps_make_room() {
        let map = map(&["a:;; one", "b: a", "c: a", "m: b, c", "x:;; two", "y: x; b"]).unwrap();
        let stamp = |rows: &str, targets: &str| {
            let rows = strings(rows);
            let targets: Vec<StampTarget> = targets
                .split_whitespace()
                .flat_map(|text| map.stamp_targets(&symbol(text), &rows).unwrap())
                .collect();
            map.rows_stamped(&rows, &targets).join(" ")
        };
        assert_eq!(stamp("", "heads"), "m y");
        assert_eq!(stamp("b c", "a"), "a");
        assert_eq!(stamp("b c x", "m"), "m x");
        assert_eq!(stamp("m", "b c"), "b c");
        assert_eq!(stamp("m x", "two@base"), "m");
        assert_eq!(stamp("b", "+1"), "m");
        assert_eq!(stamp("m x", "base"), "");
    }
}
