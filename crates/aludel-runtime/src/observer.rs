use aludel_revision::Direction;

use crate::past::Edited;

/// What a run tells while it goes.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the variants are their own description")]
pub enum Event<'a> {
    /// Another runner holds the lock.
    Waiting,
    /// A revision begins.
    Running { direction: Direction, revision: &'a str, parents: &'a [String], message: &'a str },
    /// The file of an applied revision has changed since.
    Edited(&'a Edited),
    /// A revision continues behind a statement that an earlier run has done.
    Resuming { revision: &'a str, done: usize },
    /// A batch statement has touched rows and runs again.
    Batch { revision: &'a str, rows: u64 },
}

/// Hears of what happens, and may ask for it to stop.
pub trait Observer {
    /// Something happens.
    fn event(&mut self, event: Event<'_>);

    /// Whether to stop before the next revision.
    fn stop(&self) -> bool {
        false
    }
}

/// An observer that does not care.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&mut self, _: Event<'_>) {}
}
