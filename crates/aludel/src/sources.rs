//! The files that patterns of the configuration match.
//!
//! A file or folder that can't be read is an error. If it were passed over, its models would be
//! missing, and autogenerate would drop their tables.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aludel_models::Source;

use crate::error::Error;

/// Reads the files in `root` that match the patterns, by path. Their paths are relative to `root`.
///
/// # Errors
///
/// Fails if a pattern is invalid, or if a file, a folder or the target of a link can't be read.
pub(crate) fn sources(root: &Path, patterns: &[String]) -> Result<Vec<Source>, Error> {
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let cant_read = |path: &Path, source: io::Error| Error::Io {
        action: "can't read",
        path: shown(path),
        source,
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut missing = None;
    for pattern in patterns {
        let start = root.join(without_wildcards(pattern));
        match fs::metadata(&start) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                missing = missing.or(Some(cant_read(&start, error)));
            }
            Err(error) => return Err(cant_read(&start, error)),
        }
        // The library does not follow a broken link to a folder, and does not report it.
        if pattern.contains("**") {
            check_links(&start).map_err(|e| cant_read(&e.path, e.source))?;
        }
        let folder = glob::Pattern::escape(&root.to_string_lossy());
        let found = glob::glob(&format!("{folder}/{pattern}"))
            .map_err(|source| Error::Pattern { pattern: pattern.clone(), source })?;
        for path in found {
            let path = path.map_err(|e| {
                let path = e.path().to_owned();
                cant_read(&path, e.into())
            })?;
            if is_lock(&path) {
                continue;
            }
            let about = fs::metadata(&path).map_err(|error| cant_read(&path, error))?;
            paths.extend(about.is_file().then_some(path));
        }
    }
    // If nothing matches at all, the caller decides what that means.
    if let Some(error) = missing.filter(|_| !paths.is_empty()) {
        return Err(error);
    }
    paths.sort();
    paths.dedup();
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        // A checkout may end lines in two ways, and the texts in the file mean the same in both.
        Ok(text) => Ok(Source { path: shown(&path), text: text.replace("\r\n", "\n") }),
        Err(error) => Err(cant_read(&path, error)),
    };
    paths.into_iter().map(read).collect()
}

/// Returns the folder, or for a pattern without wildcards the file, that a pattern begins with.
fn without_wildcards(pattern: &str) -> &str {
    match pattern.find(['*', '?', '[']) {
        Some(wildcard) => pattern[..wildcard].rsplit_once('/').map_or("", |(start, _)| start),
        None => pattern,
    }
}

/// A path that can't be read.
struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// Checks that the links in a folder lead somewhere. A missing folder has none.
fn check_links(folder: &Path) -> Result<(), Unreadable> {
    let failed = |source| Unreadable { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if kind.is_dir() {
            check_links(&path)?;
        } else if kind.is_symlink() && !is_lock(&path) {
            fs::metadata(&path).map_err(|source| Unreadable { path, source })?;
        }
    }
    Ok(())
}

/// Returns true for the lock of an editor on a file, which Emacs makes as a link to nowhere.
fn is_lock(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".#"))
}
