//! A lock on a file beside the database, because the locks of SQLite end with each transaction.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use aludel_driver::Connection;

use crate::error::RunError;
use crate::lock::Lock;

pub(crate) fn attempt(connection: &Connection<'_>) -> Result<Option<Lock>, RunError> {
    let Some(database) = connection.file() else { return Ok(Some(Lock::Needless)) };
    let mut path = database.into_os_string();
    path.push("-aludel");
    let path = PathBuf::from(path);
    let locked =
        lock_file(&path).map_err(|source| RunError::Lock { path: path.clone(), source })?;
    Ok(locked.map(|file| Lock::File { file, path }))
}

/// Locks the file; returns `None` if another process holds the lock.
fn lock_file(path: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // The previous holder may have removed the file in the meantime.
    Ok(is_at(&file, path)?.then_some(file))
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((own.dev(), own.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    fs::exists(path)
}
