//! One runner at a time.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use aludel_driver::{Connection, DriverError};

use crate::error::RunError;
use crate::observer::{Event, Observer};
use crate::version_table::VersionTable;
use crate::{database, postgres};

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// The lock of a version table, held until [`release`](Self::release), or until the process ends.
#[derive(Debug)]
pub(crate) enum Lock {
    /// The server's.
    Advisory,
    /// A file beside the database.
    File { file: File, path: PathBuf },
    /// Nobody else has this database.
    Needless,
}

/// Takes the lock.
///
/// The runner tries rather than waits: a session that waits for a lock holds a snapshot, and would
/// keep CREATE INDEX CONCURRENTLY of the other runner waiting in turn.
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
    /// Gives the lock back.
    pub(crate) async fn release(
        self,
        connection: &Connection,
        table: &VersionTable,
    ) -> Result<(), DriverError> {
        match self {
            Self::Advisory => postgres::lock::release(connection, table).await,
            Self::File { file, path } => {
                // A file that stays is locked by nobody, and does no harm.
                let _ = fs::remove_file(path);
                drop(file);
                Ok(())
            }
            Self::Needless => Ok(()),
        }
    }
}
