//! Interruptions: Ctrl-C, and the signals that end a container or a terminal. The first one asks
//! the run to stop, the second one ends the program.

use std::cell::Cell;
use std::rc::Rc;

use crate::output::Output;

/// The state of the interruption.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Rc<Cell<bool>>);

impl Interrupt {
    /// Returns true if the program was interrupted.
    pub(crate) fn pressed(&self) -> bool {
        self.0.get()
    }

    /// Runs `work` to its end, which is a rollback after an interruption. Returns `None` after a
    /// second interruption.
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
                interrupted = interruption() => {
                    if interrupted.is_err() || self.0.replace(true) {
                        return None;
                    }
                    output.progress(
                        "interrupted: cancelling what runs; nothing more will be committed",
                    );
                }
            }
        }
    }
}

/// Waits for SIGINT, SIGTERM or SIGHUP.
#[cfg(unix)]
async fn interruption() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interruption() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
