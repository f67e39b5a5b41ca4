//! The events of a run, and the observer that receives them.

use aludel_revision::Direction;

use crate::past::Edited;

/// An event of a run.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the variants are their own description")]
pub enum Event<'a> {
    /// The runner waits, because another one holds the lock.
    Waiting,
    /// A revision begins.
    Running { direction: Direction, revision: &'a str, parents: &'a [String], message: &'a str },
    /// The file of an applied revision has changed since it was applied.
    Edited(&'a Edited),
    /// A revision resumes after the statements that an earlier run has completed.
    Resuming { revision: &'a str, done: usize },
    /// A batch statement has affected rows and runs again.
    Batch { revision: &'a str, rows: u64 },
}

/// A receiver for the events of a run, which may also ask the run to stop.
pub trait Observer {
    /// Receives an event.
    fn event(&mut self, event: Event<'_>);

    /// Returns true if the run has to stop before the next revision.
    fn stop(&self) -> bool {
        false
    }
}

/// An observer that ignores all events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: Event<'_>) {}
}
