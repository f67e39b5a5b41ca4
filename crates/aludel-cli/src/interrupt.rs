//! Ctrl-C: once cancels what runs and lets it roll back, twice ends the program.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aludel::Canceller;

use crate::output::Output;

/// What Ctrl-C has to do.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Rc<Cell<bool>>,
    canceller: Rc<RefCell<Option<Canceller>>>,
}

impl Interrupt {
    /// Notes what cancels the statement that runs.
    pub(crate) fn arm(&self, canceller: Canceller) {
        *self.canceller.borrow_mut() = Some(canceller);
    }

    /// Whether Ctrl-C was pressed.
    pub(crate) fn pressed(&self) -> bool {
        self.pressed.get()
    }

    /// Runs `work` to its end, also when it is interrupted: the end is then a rollback.
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
                        // The work has to go on meanwhile, or nobody hears the answer.
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
