use std::path::PathBuf;

/// The reason why the URL of a database is not known: a setting that may state it can't be read. Only
/// commands that need a database fail for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UnknownUrl {
    /// The problem, with its place.
    pub message: String,
    /// The file that can't be read, if it is one.
    pub file: Option<PathBuf>,
    /// The line of the file, counted from 1.
    pub line: Option<usize>,
    /// The remedy.
    pub help: String,
}
