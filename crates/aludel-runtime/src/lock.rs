//! One runner at a time.

use std::time::Duration;

use aludel_driver::{Connection, DriverError};

use crate::{Event, Observer, RunError, VersionTable};

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Takes the lock of this version table, which is kept until [`release`] or until the connection
/// ends. Tries rather than waits: a session that waits for a lock holds a snapshot, and would keep
/// CREATE INDEX CONCURRENTLY of the other runner waiting in turn. SQLite has a lock of its own.
pub(crate) async fn take(
    connection: &Connection,
    table: &VersionTable,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    if !table.dialect.capabilities().advisory_locks {
        return Ok(());
    }
    let query = format!("SELECT pg_try_advisory_lock({})", key(table));
    let mut told = false;
    loop {
        let rows = connection.query(&query).await?;
        if rows.first().is_some_and(|row| row.flag(0)) {
            return Ok(());
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

/// Gives the lock back.
pub(crate) async fn release(
    connection: &Connection,
    table: &VersionTable,
) -> Result<(), DriverError> {
    if !table.dialect.capabilities().advisory_locks {
        return Ok(());
    }
    connection.query(&format!("SELECT pg_advisory_unlock({})", key(table))).await.map(|_| ())
}

/// Runners of one version table share a key; those of another do not. The name has its schema.
fn key(table: &VersionTable) -> String {
    let name = table.dialect.literal(&format!("aludel:{}", table.name));
    format!("hashtextextended({name}, 0)")
}
