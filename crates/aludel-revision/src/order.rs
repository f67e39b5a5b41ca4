//! The order in which revisions are walked. It is Alembic's order, so both tools run the same plan.
//!
//! The walk goes from the heads down. A head that another head still requires has to wait, and the
//! walk continues with the first head that requires it.

use crate::graph::{RevisionMap, Set};

/// The state of a walk.
struct Walk<'a> {
    map: &'a RevisionMap,
    /// The revisions that are still to be emitted.
    todo: Set,
    /// For each revision, the number of revisions that require it and are still to be emitted.
    waits: Vec<usize>,
    /// The current positions of the walk, in the order in which the branches were met.
    heads: Vec<usize>,
    is_head: Set,
    /// For each revision, the number of the last search that visited it. No marks have to be
    /// cleared.
    seen: Vec<usize>,
    search: usize,
}

impl RevisionMap {
    /// Returns the revisions of `todo`, each before everything that it requires. `heads` are the
    /// newest revisions of `todo`. Everything between two members of `todo` must be in it too.
    pub(crate) fn sorted(&self, todo: &Set, heads: &[usize]) -> Vec<usize> {
        let mut heads: Vec<usize> = heads.iter().copied().filter(|at| todo[*at]).collect();
        heads.sort_unstable();
        heads.dedup();
        let waiting = |at: usize| self.required_by[at].iter().filter(|next| todo[**next]).count();
        let mut walk = Walk {
            map: self,
            todo: todo.clone(),
            waits: (0..todo.len()).map(|at| if todo[at] { waiting(at) } else { 0 }).collect(),
            is_head: self.set(&heads),
            heads,
            seen: vec![0; todo.len()],
            search: 0,
        };
        walk.run()
    }
}

impl Walk<'_> {
    fn run(&mut self) -> Vec<usize> {
        let mut out = Vec::new();
        let mut place = 0;
        while let Some(at) = self.heads.get(place).copied() {
            if self.waits[at] > 0
                && let Some(above) = self.head_above(at)
            {
                place = above;
                continue;
            }
            out.push(at);
            self.todo[at] = false;
            let requires = &self.map.requires[at];
            let next: Vec<usize> = requires
                .iter()
                .copied()
                .filter(|parent| self.todo[*parent] && !self.is_head[*parent])
                .collect();
            for parent in requires {
                self.waits[*parent] = self.waits[*parent].saturating_sub(1);
            }
            self.is_head[at] = false;
            match next.split_first() {
                None => {
                    self.heads.remove(place);
                    place = place.saturating_sub(1);
                }
                Some((first, rest)) => {
                    self.heads[place] = *first;
                    self.heads.extend(rest);
                    next.iter().for_each(|at| self.is_head[*at] = true);
                }
            }
        }
        out
    }

    /// Returns the position of the first head that requires `at`, directly or indirectly.
    fn head_above(&mut self, at: usize) -> Option<usize> {
        self.search += 1;
        let mut stack = vec![at];
        while let Some(below) = stack.pop() {
            for above in &self.map.required_by[below] {
                if self.todo[*above] && self.seen[*above] != self.search {
                    self.seen[*above] = self.search;
                    stack.push(*above);
                }
            }
        }
        self.heads.iter().position(|head| self.seen[*head] == self.search)
    }
}
