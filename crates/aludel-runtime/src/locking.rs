//! Taking and releasing the lock of a version table.

use std::fs;
use std::time::{Duration, Instant};

use aludel_dialect::RunnerLock;
use aludel_driver::{Connection, DriverError};

use crate::error::{RunError, Stage};
use crate::lock::Lock;
use crate::observer::{Event, Observer};
use crate::version_table::VersionTable;
use crate::{database, postgres};

/// The time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(200);

/// The time after which the holder of the lock is named for the first time.
const NAME_AFTER: Duration = Duration::from_millis(500);

/// Takes the lock. Fails if another runner holds it for longer than `limit`.
///
/// The lock is polled. A session that waits for a lock holds a snapshot, and CREATE INDEX
/// CONCURRENTLY of the other runner would wait for that session in turn.
pub(crate) async fn take(
    connection: &Connection<'_>,
    table: &VersionTable,
    limit: Option<Duration>,
    observer: &mut dyn Observer,
) -> Result<Lock, RunError> {
    let begun = Instant::now();
    let mut told = false;
    loop {
        if let Some(lock) = database::try_lock(connection, table).await? {
            if told {
                observer.event(Event::Locked { waited: begun.elapsed() });
            }
            return Ok(lock);
        }
        if observer.stop() {
            return Err(RunError::Interrupted { revision: None, stage: Stage::Before, stays: 0 });
        }
        let waited = begun.elapsed();
        if waited >= NAME_AFTER && !std::mem::replace(&mut told, true) {
            let holder = database::lock_holder(connection, table).await?;
            observer.event(Event::Waiting { holder: holder.as_ref() });
        }
        if limit.is_some_and(|limit| waited >= limit) {
            let holder = database::lock_holder(connection, table).await?;
            return Err(RunError::LockWait { table: table.name.clone(), waited, holder });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Takes the lock again, in case that a revision has released it, and returns false if another runner
/// has it by now. The lock of a session can be taken several times.
pub(crate) async fn hold_on(
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<bool, RunError> {
    match table.dialect.capabilities().lock {
        RunnerLock::Advisory => Ok(database::try_lock(connection, table).await?.is_some()),
        RunnerLock::File => Ok(true),
    }
}

/// Releases the lock, and returns false if it was not held any more. If a pooler has `shared` the session
/// with other clients, the lock is looked for in the sessions of the pool.
pub(crate) async fn release(
    lock: Lock,
    shared: bool,
    connection: &Connection<'_>,
    table: &VersionTable,
) -> Result<bool, DriverError> {
    match lock {
        Lock::Advisory => {
            let released = postgres::lock::release(connection, table).await?;
            if released || !shared {
                return Ok(released);
            }
            postgres::lock::release_in_pool(connection, table).await
        }
        Lock::File { file, path } => {
            // A file that can't be removed is harmless, because it is no longer locked.
            let _ = fs::remove_file(path);
            drop(file);
            Ok(true)
        }
        Lock::Needless => Ok(true),
    }
}
