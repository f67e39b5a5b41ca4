//! The lock that lets only one runner work on a version table at a time.

use std::fs::File;
use std::path::PathBuf;

/// The lock of a version table. It is held until it is released, or until the end of the process.
#[derive(Debug)]
pub(crate) enum Lock {
    /// An advisory lock of the server.
    Advisory,
    /// A lock on a file beside the database.
    File { file: File, path: PathBuf },
    /// No lock, because no other process can access the database.
    Needless,
}
