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
}

impl Graph {
    /// Creates a graph of `count` nodes without edges.
    pub(crate) fn new(count: usize) -> Self {
        Self { after: vec![BTreeSet::new(); count], better_after: vec![BTreeSet::new(); count] }
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

    /// Returns all nodes in topological order. Of the nodes that are ready at the same time, the
    /// smallest comes first, so the order is stable. Where no node is ready, the soft edges are
    /// ignored. A cycle of other edges is entered at its smallest node, which then precedes a node
    /// that should come before it.
    pub(crate) fn order(&self) -> Vec<usize> {
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
            let unpreferred = || left.iter().copied().find(|at| waiting_for[*at] == 0);
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
    fn soft_edges_give_way() {
        let mut graph = Graph::new(3);
        graph.soft_edge(2, 0);
        assert_eq!(graph.order(), [1, 2, 0]);
        graph.edge(0, 2);
        assert_eq!(graph.order(), [1, 0, 2]);
    }

    #[test]
    fn a_circle_loses_nothing() {
        assert_eq!(order(3, &[[0, 1], [1, 0], [0, 2]]), [0, 1, 2]);
        assert_eq!(order(4, &[[1, 2], [2, 1], [2, 3], [3, 0]]), [1, 2, 3, 0]);
    }
}
