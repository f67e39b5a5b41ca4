//! The database that a SQLite URL names.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// A SQLite file, or a database in memory.
#[derive(Clone)]
pub(crate) struct SqliteTarget(Option<PathBuf>);

impl SqliteTarget {
    /// Parses a URL behind its scheme; the path is relative to `directory`.
    #[expect(clippy::unnecessary_wraps, reason = "a build without SQLite refuses the URL")]
    pub(crate) fn parse(rest: &str, directory: &Path) -> Result<Self, String> {
        let path = rest.split('?').next().unwrap_or_default();
        let path = match path.strip_prefix("//") {
            Some(after) => after.strip_prefix('/').unwrap_or(after),
            None => path,
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        Ok(Self(match path.as_ref() {
            "" | ":memory:" => None,
            path => Some(directory.join(path)),
        }))
    }

    /// Returns the file; `None` for a database in memory.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

impl fmt::Display for SqliteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("sqlite::memory:"),
            Some(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}
