//! The order in which revisions are walked: Alembic's, so that both tools run the same plan.
//!
//! From the heads down. A head that another head still stands on has to wait, and the walk goes on
//! with the first head that it waits for.

use crate::RevisionMap;
use crate::graph::Set;

/// A walk in progress.
struct Walk<'a> {
    map: &'a RevisionMap,
    /// What is still to be given out.
    todo: Set,
    /// For each revision, how many that require it are still to be given out.
    waits: Vec<usize>,
    /// Where the walk stands, in the order in which branches were met.
    heads: Vec<usize>,
    is_head: Set,
    /// For marking without clearing: the last search that saw a revision.
    seen: Vec<usize>,
    search: usize,
}

impl RevisionMap {
    /// The revisions of `todo`, each before all that it requires. `heads` are the newest of them, and
    /// what lies between two of them is in `todo` too.
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

    /// The place of the first head that requires `at`.
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
