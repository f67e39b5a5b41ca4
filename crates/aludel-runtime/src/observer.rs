//! The events of a run, and the observer that receives them.

use std::time::Duration;

use aludel_driver::Notice;
use aludel_revision::Direction;

use crate::edited::Edited;
use crate::elsewhere::Elsewhere;
use crate::error::Rounds;
use crate::session::Session;

/// An event of a run.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the variants are their own description")]
pub enum Event<'a> {
    /// The runner waits, because another one holds the lock. `holder` is `None` if the database
    /// does not tell who that is.
    Waiting { holder: Option<&'a Session> },
    /// The runner has got the lock after it had to wait.
    Locked { waited: Duration },
    /// A revision begins. It is number `number` of the `of` revisions of the run.
    Running {
        direction: Direction,
        revision: &'a str,
        parents: &'a [String],
        message: &'a str,
        number: usize,
        of: usize,
    },
    /// A revision is completed. In a run in a single transaction, all revisions are completed
    /// together, and `took` is the time of all of them.
    Completed { revision: &'a str, took: Duration },
    /// A revision has failed or was interrupted. The run ends with the reason.
    Failed { revision: &'a str, took: Duration },
    /// The file of an applied revision has changed since it was applied.
    Edited(&'a Edited),
    /// The run is about to make the version table, and other schemas have one of this name.
    Elsewhere(&'a Elsewhere),
    /// A revision resumes after the statements that an earlier run has completed, and after the rounds
    /// of the batch that comes next.
    Resuming { revision: &'a str, done: usize, rounds: Rounds },
    /// A batch that an earlier run has begun stands in the file no more as it was. `rounds` are those on
    /// record; a killed run may have done more.
    BatchChanged { revision: &'a str, statement: usize, rounds: Rounds },
    /// A revision that an earlier run began is not completed by this run either.
    LeftUnfinished { revision: &'a str, direction: Direction },
    /// The catalogue shows the outcome of a statement that an earlier run began.
    Found { revision: &'a str, statement: usize, completed: bool },
    /// A leftover of a statement that failed is removed.
    CleaningUp { revision: &'a str, sql: &'a str },
    /// A batch statement has affected rows and runs again. `rows` and `total` are the rows of this
    /// round and of all rounds of the run, and `most` is the number of rows that the table had at the
    /// beginning, as far as the database knows without counting.
    Batch { revision: &'a str, rows: u64, total: u64, most: Option<u64>, elapsed: Duration },
    /// A batch waits until the replicas have caught up.
    Lagging { revision: &'a str, lag: Duration },
    /// A transaction or a statement was rolled back because of a lock, and is tried again.
    Retrying { revision: &'a str, attempt: u32, of: u32, pause: Duration, reason: &'a str },
    /// The running statement waits for locks that these sessions hold.
    Blocked { by: &'a [Session] },
    /// The progress that the server reports for the running statement.
    Progress { phase: &'a str, done: u64, total: u64 },
    /// The statement whose progress was told has ended, one way or another.
    ProgressEnded,
    /// COMMIT is sent now, and has no answer yet.
    Committing,
    /// The answer to COMMIT is there.
    Committed,
    /// The server sent a notice or a warning.
    Notice(&'a Notice),
    /// The lock of the runner was gone at the end of the run.
    LockLost,
}

/// A receiver for the events of a run, which may also ask the run to stop. A run may move between
/// threads, and its observer with it.
pub trait Observer: Send + Sync {
    /// Receives an event.
    fn event(&mut self, event: Event<'_>);

    /// Returns true if the run has to stop. The running statement is then cancelled, its
    /// transaction is rolled back, and nothing more is committed.
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
