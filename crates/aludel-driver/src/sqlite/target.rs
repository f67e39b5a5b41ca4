//! The database that a SQLite URL names.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

/// A SQLite file, or a database in memory, and what its URL permits.
#[derive(Clone)]
pub(crate) struct SqliteTarget {
    file: Option<PathBuf>,
    access: Access,
}

/// The access to a file, as `mode` in its URL states it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Access {
    /// It is read, and never written.
    ReadOnly,
    /// It is read and written, and not created.
    Existing,
    /// It is read and written, and created if it is missing.
    #[default]
    Any,
}

impl Access {
    fn parse(mode: &str) -> Result<Self, String> {
        match mode {
            "ro" => Ok(Self::ReadOnly),
            "rw" => Ok(Self::Existing),
            "rwc" => Ok(Self::Any),
            other => Err(format!("`mode={other}` is not supported; write `ro`, `rw` or `rwc`")),
        }
    }
}

impl SqliteTarget {
    /// Parses a URL behind its scheme; the path is relative to `directory`.
    pub(crate) fn parse(rest: &str, directory: &Path) -> Result<Self, String> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = match path.strip_prefix("//") {
            Some(after) => after.strip_prefix('/').unwrap_or(after),
            None => path,
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let file = match path.as_ref() {
            "" | ":memory:" => None,
            path => Some(without_detour(directory.join(path))),
        };
        Ok(Self { file, access: access(query)? })
    }

    /// Returns the file; `None` for a database in memory.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns what may be done to the file.
    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// Returns true if the URL permits to create the file.
    pub(crate) fn may_create(&self) -> bool {
        match self.access {
            Access::Any => true,
            Access::ReadOnly | Access::Existing => false,
        }
    }
}

/// Returns a path without `..`, as messages show it, if its folder is there. The folder is asked, because
/// behind a link `..` leads elsewhere than its words say. A relative path stays as it is.
fn without_detour(path: PathBuf) -> PathBuf {
    let has_detour = path.components().any(|part| part == Component::ParentDir);
    if !has_detour || !path.is_absolute() {
        return path;
    }
    match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// Reads the options of a URL, of which the last of several assignments counts.
fn access(query: &str) -> Result<Access, String> {
    let mut access = Access::default();
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy();
        let (name, value) = (decoded(name), decoded(value));
        if name != "mode" {
            return Err(format!(
                "a SQLite file has no option `{name}`; there is `mode`, which is `ro`, `rw` or `rwc`"
            ));
        }
        access = Access::parse(&value)?;
    }
    Ok(access)
}

impl fmt::Display for SqliteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            None => f.write_str("sqlite::memory:")?,
            Some(path) => write!(f, "sqlite:{}", path.display())?,
        }
        f.write_str(match self.access {
            Access::ReadOnly => "?mode=ro",
            Access::Existing => "?mode=rw",
            Access::Any => "",
        })
    }
}
