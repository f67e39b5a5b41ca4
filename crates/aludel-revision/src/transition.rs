//! Plans of revisions: one transition for each revision, with the rows of the version table around it.

use crate::error::ResolveError;
use crate::file::Revision;
use crate::graph::RevisionMap;
use crate::mark::Direction;
use crate::symbol::Symbol;
use crate::target::DowngradeTarget;

/// One revision to run, and the rows of the version table before and after it.
#[derive(Clone, Debug)]
pub struct Transition<'a> {
    /// The revision.
    pub revision: &'a Revision,
    /// The direction.
    pub direction: Direction,
    /// The rows before it, sorted.
    pub from: Vec<String>,
    /// The rows after it, sorted.
    pub to: Vec<String>,
}

/// The goal of a plan. It does not depend on the rows that the version table has when the plan
/// runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// These revisions are applied.
    Up(Vec<String>),
    /// No revision above the target is applied.
    Down(DowngradeTarget),
}

impl RevisionMap {
    /// Resolves a target to a goal, as seen from these rows.
    ///
    /// # Errors
    ///
    /// Fails if the target does not resolve in this direction.
    pub fn goal(
        &self,
        direction: Direction,
        target: &Symbol,
        rows: &[String],
    ) -> Result<Goal, ResolveError> {
        match direction {
            Direction::Upgrade => self.upgrade_targets(target, rows).map(Goal::Up),
            Direction::Downgrade => self.downgrade_target(target, rows).map(Goal::Down),
        }
    }

    /// Returns the transitions that lead from these rows to a goal, in order.
    ///
    /// # Errors
    ///
    /// Fails if a row implies another one, or if no downgrade path leads to the goal.
    pub fn transitions(
        &self,
        rows: &[String],
        goal: &Goal,
    ) -> Result<Vec<Transition<'_>>, ResolveError> {
        if let Some(overlap) = self.overlap(rows) {
            return Err(overlap.into());
        }
        let (direction, path, after) = match goal {
            Goal::Up(targets) => {
                let path = self.upgrade_path(rows, targets);
                let after = self.rows_up(rows, &path);
                (Direction::Upgrade, path, after)
            }
            Goal::Down(target) => {
                let path = self.downgrade_path(rows, target)?;
                let after = self.rows_down(rows, &path);
                (Direction::Downgrade, path, after)
            }
        };
        let mut from = rows.to_vec();
        from.sort();
        let transition = |(revision, to): (_, Vec<String>)| {
            let from = std::mem::replace(&mut from, to.clone());
            Transition { revision, direction, from, to }
        };
        Ok(path.into_iter().zip(after).map(transition).collect())
    }
}
