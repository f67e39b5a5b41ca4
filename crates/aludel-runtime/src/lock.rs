//! One runner at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aludel_driver::{Connection, DriverError};

use crate::{Event, Observer, RunError, VersionTable};

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// The lock of a version table, held until [`release`](Self::release), or until the process ends.
#[derive(Debug)]
pub(crate) enum Lock {
    /// The server's.
    Advisory,
    /// A file beside a SQLite database: its own locks end with each transaction.
    File(File, PathBuf),
    /// Nobody else has this database.
    Needless,
}

/// Takes the lock. Tries rather than waits: a session that waits for a lock holds a snapshot, and
/// would keep CREATE INDEX CONCURRENTLY of the other runner waiting in turn.
pub(crate) async fn take(
    connection: &Connection,
    table: &VersionTable,
    observer: &mut dyn Observer,
) -> Result<Lock, RunError> {
    let mut told = false;
    loop {
        if let Some(lock) = attempt(connection, table).await? {
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

async fn attempt(connection: &Connection, table: &VersionTable) -> Result<Option<Lock>, RunError> {
    if table.dialect.capabilities().advisory_locks {
        let query = format!("SELECT pg_try_advisory_lock({})", key(table));
        let rows = connection.query(&query).await?;
        return Ok(rows.first().is_some_and(|row| row.flag(0)).then_some(Lock::Advisory));
    }
    let Some(database) = connection.file() else { return Ok(Some(Lock::Needless)) };
    let mut path = database.into_os_string();
    path.push("-aludel");
    let path = PathBuf::from(path);
    let locked =
        lock_file(&path).map_err(|source| RunError::Lock { path: path.clone(), source })?;
    Ok(locked.map(|file| Lock::File(file, path)))
}

/// Locks the file; `None` if somebody else has.
fn lock_file(path: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Whoever held it before may have removed it meanwhile.
    Ok(is_at(&file, path).then_some(file))
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (own, there) = (file.metadata().map(place), fs::metadata(path).map(place));
    matches!((own, there), (Ok(own), Ok(there)) if own == there)
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

impl Lock {
    /// Gives the lock back.
    pub(crate) async fn release(
        self,
        connection: &Connection,
        table: &VersionTable,
    ) -> Result<(), DriverError> {
        match self {
            Self::Advisory => {
                let query = format!("SELECT pg_advisory_unlock({})", key(table));
                connection.query(&query).await.map(|_| ())
            }
            Self::File(file, path) => {
                // A file that stays is locked by nobody, and does no harm.
                let _ = fs::remove_file(path);
                drop(file);
                Ok(())
            }
            Self::Needless => Ok(()),
        }
    }
}

/// Runners of one version table share a key; those of another do not. The name has its schema.
fn key(table: &VersionTable) -> String {
    let name = table.dialect.literal(&format!("aludel:{}", table.name));
    format!("hashtextextended({name}, 0)")
}
