//! Handling of Ctrl-C: the first one cancels the running statement and lets it roll back, the
//! second one ends the program.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aludel::Canceller;

use crate::output::Output;

/// The state of Ctrl-C, and the handle that cancels the running statement.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Rc<Cell<bool>>,
    canceller: Rc<RefCell<Option<Canceller>>>,
}

impl Interrupt {
    /// Stores the handle that cancels the running statement.
    pub(crate) fn arm(&self, canceller: Canceller) {
        *self.canceller.borrow_mut() = Some(canceller);
    }

    /// Returns true if Ctrl-C was pressed.
    pub(crate) fn pressed(&self) -> bool {
        self.pressed.get()
    }

    /// Runs `work` to its end, which is a rollback after an interruption. Returns `None` if Ctrl-C
    /// was pressed twice.
    pub(crate) async fn guard<T>(
        &self,
        output: &Output,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                signal = tokio::signal::ctrl_c() => {
                    if signal.is_err() || self.pressed.replace(true) {
                        return None;
                    }
                    output.progress("interrupted: cancelling what runs and rolling it back");
                    let canceller = self.canceller.borrow_mut().take();
                    if let Some(canceller) = canceller {
                        // The work has to continue meanwhile, so that the answer of the database is
                        // received.
                        tokio::select! {
                            done = &mut work => return Some(done),
                            () = canceller.cancel() => {}
                        }
                    }
                }
            }
        }
    }
}
