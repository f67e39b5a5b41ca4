//! Interruptions: Ctrl-C, and the signals that end a container or a terminal. The first one asks
//! the run to stop, the second one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::bar::Room;
use crate::output::Output;

/// The state of the interruption.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    is_pressed: AtomicBool,
    /// True while COMMIT has no answer.
    is_committing: AtomicBool,
    /// The room above the bar of the run.
    room: Mutex<Room>,
}

impl Interrupt {
    /// Returns true if the program was interrupted.
    pub(crate) fn pressed(&self) -> bool {
        self.0.is_pressed.load(Ordering::Relaxed)
    }

    /// Says where there is room for a message.
    pub(crate) fn print_in(&self, room: Room) {
        *self.0.room.lock().unwrap_or_else(PoisonError::into_inner) = room;
    }

    fn room(&self) -> Room {
        self.0.room.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns true if COMMIT was sent and has no answer.
    pub(crate) fn is_committing(&self) -> bool {
        self.0.is_committing.load(Ordering::Relaxed)
    }

    pub(crate) fn set_committing(&self, is_committing: bool) {
        self.0.is_committing.store(is_committing, Ordering::Relaxed);
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
                    if interrupted.is_err() || self.0.is_pressed.swap(true, Ordering::Relaxed) {
                        return None;
                    }
                    let what = "interrupted: cancelling what runs; nothing more will be committed";
                    self.room().print(|| output.progress(what));
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
    if ignores_hang_up() {
        return tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        };
    }
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

/// Returns true if the program was started with SIGHUP ignored, as `nohup` does. The signal then stays
/// ignored. Only Linux tells, in a file.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    static IGNORES: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *IGNORES.get_or_init(|| {
        let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        // The lowest bit is that of signal 1, SIGHUP.
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|m| m & 1 == 1)
    })
}

#[cfg(not(unix))]
async fn interruption() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
