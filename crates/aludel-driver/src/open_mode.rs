//! The purpose for which a connection is opened.

/// The purpose for which a connection is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading. Nothing is created, not even the file of a SQLite database.
    Read,
    /// Reading and writing. A missing SQLite file is created.
    Write,
}
