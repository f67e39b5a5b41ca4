//! Taking and releasing the lock of a version table.

use std::fs;
use std::time::Duration;

use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::lock::Lock;
use crate::observer::{Event, Observer};
use crate::version_table::VersionTable;
use crate::{database, postgres};

/// The time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(200);

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

/// Releases the lock.
pub(crate) async fn release(
    lock: Lock,
    connection: &Connection,
    table: &VersionTable,
) -> Result<(), DriverError> {
    match lock {
        Lock::Advisory => postgres::lock::release(connection, table).await,
        Lock::File { file, path } => {
            // A file that can't be removed is harmless, because it is no longer locked.
            let _ = fs::remove_file(path);
            drop(file);
            Ok(())
        }
        Lock::Needless => Ok(()),
    }
}
