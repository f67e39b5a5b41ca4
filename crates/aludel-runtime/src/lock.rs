//! The lock that lets only one runner work on a version table at a time.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::observer::{Event, Observer};
use crate::version_table::VersionTable;
use crate::{database, postgres};

/// The time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(200);

/// The lock of a version table. It is held until [`release`](Self::release) or the end of the
/// process.
#[derive(Debug)]
pub(crate) enum Lock {
    /// An advisory lock of the server.
    Advisory,
    /// A lock on a file beside the database.
    File { file: File, path: PathBuf },
    /// No lock, because no other process can access the database.
    Needless,
}

/// Takes the lock.
///
/// The lock is polled. A session that waits for a lock holds a snapshot, and CREATE INDEX
/// CONCURRENTLY of the other runner would wait for that session in turn.
pub(crate) async fn take(
    connection: &Connection,
    table: &VersionTable,
    observer: &mut dyn Observer,
) -> Result<Lock, RunError> {
    let mut told = false;
    loop {
        if let Some(lock) = database::try_lock(connection, table).await? {
            return Ok(lock);
        }
        if !std::mem::replace(&mut told, true) {
            observer.event(Event::Waiting);
        }
        if observer.stop() {
            return Err(RunError::Interrupted { next: "any".to_owned() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Lock {
    /// Releases the lock.
    pub(crate) async fn release(
        self,
        connection: &Connection,
        table: &VersionTable,
    ) -> Result<(), DriverError> {
        match self {
            Self::Advisory => postgres::lock::release(connection, table).await,
            Self::File { file, path } => {
                // A file that can't be removed is harmless, because it is no longer locked.
                let _ = fs::remove_file(path);
                drop(file);
                Ok(())
            }
            Self::Needless => Ok(()),
        }
    }
}
