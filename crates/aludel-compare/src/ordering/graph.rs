//! A graph of ordering constraints, and its topological order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// A graph whose nodes are consecutive numbers from 0.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each node, the nodes that must come after it.
    after: Vec<BTreeSet<usize>>,
    /// For each node, the nodes that had better come after it.
    better_after: Vec<BTreeSet<usize>>,
    /// Nodes that nothing comes between.
    groups: Vec<Vec<usize>>,
}

impl Graph {
    /// Creates a graph of `count` nodes without edges.
    pub(crate) fn new(count: usize) -> Self {
        let none = vec![BTreeSet::new(); count];
        Self { after: none.clone(), better_after: none, groups: Vec::new() }
    }

    /// Adds a node and returns its number.
    pub(crate) fn add(&mut self) -> usize {
        self.after.push(BTreeSet::new());
        self.better_after.push(BTreeSet::new());
        self.after.len() - 1
    }

    /// Adds an edge: `first` must come before `second`.
    pub(crate) fn edge(&mut self, first: usize, second: usize) {
        if first != second {
            self.after[first].insert(second);
        }
    }

    /// Adds an edge that gives way to the other edges: `first` had better come before `second`.
    pub(crate) fn soft_edge(&mut self, first: usize, second: usize) {
        if first != second {
            self.better_after[first].insert(second);
        }
    }

    /// Lets nothing come between some nodes: what must come after one of them comes after all, and what must come
    /// before one comes before all. Edges that are added afterwards do not count.
    pub(crate) fn together(&mut self, group: &[usize]) {
        let of_group = group.iter().flat_map(|at| &self.after[*at]).copied();
        let behind: BTreeSet<usize> = of_group.filter(|at| !group.contains(at)).collect();
        for at in group {
            self.after[*at].retain(|other| !group.contains(other));
            self.after[*at].extend(&behind);
        }
        let others = (0..self.after.len()).filter(|at| !group.contains(at));
        for other in others.collect::<Vec<usize>>() {
            if group.iter().any(|at| self.after[other].contains(at)) {
                self.after[other].extend(group);
            }
        }
        self.groups.push(group.to_vec());
    }

    /// Returns all nodes in topological order, each group in one place.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut order = self.sorted();
        for group in &self.groups {
            let Some(last) = order.iter().rposition(|at| group.contains(at)) else { continue };
            let (own, mut others): (Vec<usize>, Vec<usize>) =
                order.drain(..=last).partition(|at| group.contains(at));
            others.extend(own);
            others.append(&mut order);
            order = others;
        }
        order
    }

    /// Returns all nodes in topological order. Of the nodes that are ready at the same time, the
    /// smallest comes first, so the order is stable. Where no node is ready, the soft edges of a cycle
    /// are ignored that waits for nothing else. A cycle of other edges is entered at its smallest node,
    /// which then precedes a node that should come before it.
    fn sorted(&self) -> Vec<usize> {
        let count = self.after.len();
        let (mut waiting_for, mut preferring) = (vec![0_usize; count], vec![0_usize; count]);
        self.after.iter().flatten().for_each(|second| waiting_for[*second] += 1);
        self.better_after.iter().flatten().for_each(|second| preferring[*second] += 1);
        let mut left: BTreeSet<usize> = (0..count).collect();
        let mut free: BinaryHeap<Reverse<usize>> = left
            .iter()
            .copied()
            .filter(|at| waiting_for[*at] == 0 && preferring[*at] == 0)
            .map(Reverse)
            .collect();
        let mut order = Vec::with_capacity(count);
        while let Some(first) = left.first().copied() {
            let next = free.pop().map(|Reverse(next)| next);
            let is_ready = |at: &usize| waiting_for[*at] == 0;
            let unpreferred = || {
                let mut circle = self.first_circle(first, &left).into_iter();
                circle.find(is_ready).or_else(|| left.iter().copied().find(is_ready))
            };
            let next = next.or_else(unpreferred).unwrap_or_else(|| self.in_circle(first, &left));
            if !left.remove(&next) {
                continue;
            }
            order.push(next);
            for second in &self.after[next] {
                waiting_for[*second] = waiting_for[*second].saturating_sub(1);
            }
            for second in &self.better_after[next] {
                preferring[*second] = preferring[*second].saturating_sub(1);
            }
            for second in self.after[next].iter().chain(&self.better_after[next]) {
                if waiting_for[*second] == 0 && preferring[*second] == 0 {
                    free.push(Reverse(*second));
                }
            }
        }
        order
    }

    /// Returns the first of some edges that closes a cycle, if `order` can't keep all edges.
    pub(crate) fn closing(&self, edges: &[[usize; 2]], order: &[usize]) -> Option<[usize; 2]> {
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, at)| places[*at] = place);
        let is_kept = |(first, after): (usize, &BTreeSet<usize>)| {
            after.iter().all(|second| places[first] < places[*second])
        };
        if self.after.iter().enumerate().all(is_kept) {
            return None;
        }
        let after = |at: usize| self.after[at].iter().copied().collect();
        let mut edges = edges.iter().copied();
        edges.find(|[first, second]| closure(*second, after).contains(first))
    }

    /// Returns the nodes of the cycles that `start` waits for, in whatever way, and that wait for no nodes but their
    /// own. No node in `left` is ready.
    fn first_circle(&self, start: usize, left: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.after.len()];
        for first in left {
            for second in self.after[*first].iter().chain(&self.better_after[*first]) {
                before[*second].push(*first);
            }
        }
        let all_before = |at: usize| closure(at, |at| before[at].clone());
        let after = |at: usize| self.after[at].union(&self.better_after[at]).copied().collect();
        let mut at = start;
        loop {
            let waited_for = all_before(at);
            let around = closure(at, |at| {
                let after: Vec<usize> = after(at);
                after.into_iter().filter(|at| waited_for.contains(at)).collect()
            });
            match waited_for.difference(&around).next() {
                Some(first) => at = *first,
                None => return around,
            }
        }
    }

    /// Returns the smallest node of a cycle that `start` waits for. No node in `left` is ready.
    fn in_circle(&self, start: usize, left: &BTreeSet<usize>) -> usize {
        let before =
            |at: usize| left.iter().copied().find(|first| self.after[*first].contains(&at));
        let mut path = vec![start];
        while let Some(first) = path.last().and_then(|last| before(*last)) {
            if let Some(begin) = path.iter().position(|seen| *seen == first) {
                return path[begin..].iter().copied().min().unwrap_or(start);
            }
            path.push(first);
        }
        start
    }
}

/// Returns a node with all that can be reached from it.
fn closure(start: usize, next: impl Fn(usize) -> Vec<usize>) -> BTreeSet<usize> {
    let (mut found, mut open) = (BTreeSet::from([start]), vec![start]);
    while let Some(at) = open.pop() {
        open.extend(next(at).into_iter().filter(|next| found.insert(*next)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn order(count: usize, edges: &[[usize; 2]]) -> Vec<usize> {
        let mut graph = Graph::new(count);
        edges.iter().for_each(|[first, second]| graph.edge(*first, *second));
        graph.order()
    }

    #[test]
    fn edges_are_kept_and_ties_are_stable() {
        for (count, edges, expected) in [
            (3, &[][..], vec![0, 1, 2]),
            (3, &[[2, 0]], vec![1, 2, 0]),
            (4, &[[3, 1], [1, 0]], vec![2, 3, 1, 0]),
            (2, &[[0, 0]], vec![0, 1]),
        ] {
            assert_eq!(order(count, edges), expected, "{edges:?}");
        }
    }

    #[test]
    fn nothing_comes_between_a_group() {
        let mut graph = Graph::new(6);
        graph.edge(1, 2);
        graph.edge(4, 3);
        graph.together(&[1, 3]);
        assert_eq!(graph.order(), [0, 4, 1, 3, 2, 5]);
    }

    #[test]
    fn soft_edges_give_way() {
        let mut graph = Graph::new(3);
        graph.soft_edge(2, 0);
        assert_eq!(graph.order(), [1, 2, 0]);
        graph.edge(0, 2);
        assert_eq!(graph.order(), [1, 0, 2]);
    }

    #[test]
    fn a_circle_of_soft_edges_takes_no_others_along() {
        let mut graph = Graph::new(4);
        graph.soft_edge(2, 3);
        graph.soft_edge(3, 2);
        graph.soft_edge(1, 0);
        graph.edge(2, 1);
        assert_eq!(graph.order(), [2, 1, 0, 3]);
    }

    #[test]
    fn a_circle_loses_nothing() {
        assert_eq!(order(3, &[[0, 1], [1, 0], [0, 2]]), [0, 1, 2]);
        assert_eq!(order(4, &[[1, 2], [2, 1], [2, 3], [3, 0]]), [1, 2, 3, 0]);
    }
}
