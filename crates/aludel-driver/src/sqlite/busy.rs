//! Waiting for other connections that have locked the file of a SQLite database.
//!
//! SQLite's own busy handler can't be interrupted and says nothing. The library is therefore asked to
//! wait only briefly, and a statement that found the file locked is executed again: such a statement
//! has had no effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Error, InterruptHandle, ffi};

use crate::notice::{Notice, Notices};
use crate::open_mode::OpenMode;

/// The time for which the library itself waits.
pub(crate) const BRIEFLY: Duration = Duration::from_millis(50);

/// The longest time that a session waits for another connection. One that only reads is in the way of
/// nobody who could be told to wait, and its user waits for the answer.
fn longest(mode: OpenMode) -> Duration {
    match mode {
        OpenMode::Read => Duration::from_secs(5),
        OpenMode::Write => Duration::from_secs(30),
    }
}

/// The time after which a notice says that the file is locked.
const SAY_AFTER: Duration = Duration::from_secs(1);

/// Interrupts the statement of a connection, also while it waits for the file.
#[derive(Clone)]
pub(crate) struct SqliteCanceller {
    handle: Arc<InterruptHandle>,
    is_requested: Arc<AtomicBool>,
    longest: Duration,
}

impl SqliteCanceller {
    pub(crate) fn new(connection: &rusqlite::Connection, mode: OpenMode) -> Self {
        let handle = Arc::new(connection.get_interrupt_handle());
        Self { handle, is_requested: Arc::default(), longest: longest(mode) }
    }

    pub(crate) fn cancel(&self) {
        self.is_requested.store(true, Ordering::Relaxed);
        self.handle.interrupt();
    }

    /// Forgets a request that came too late for the statement before.
    pub(crate) fn forget(&self) {
        self.is_requested.store(false, Ordering::Relaxed);
    }

    /// Executes `statement`, again while the file is locked.
    pub(crate) fn patiently<T>(
        &self,
        notices: &Notices,
        mut statement: impl FnMut() -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let begun = Instant::now();
        let mut is_said = false;
        loop {
            let result = statement();
            let Err(error) = &result else { return result };
            if !is_locked(error) || begun.elapsed() >= self.longest {
                return result;
            }
            if self.is_requested.load(Ordering::Relaxed) {
                return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None));
            }
            if begun.elapsed() >= SAY_AFTER && !std::mem::replace(&mut is_said, true) {
                notices.keep(Notice {
                    severity: "NOTICE".to_owned(),
                    message: "another connection has locked the database file; waiting for it"
                        .to_owned(),
                    is_warning: false,
                });
            }
        }
    }
}

/// Returns true if the file is locked. A snapshot that is too old to be written on stays so.
pub(crate) fn is_locked(error: &Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(ffi::SQLITE_BUSY | ffi::SQLITE_BUSY_RECOVERY))
}
