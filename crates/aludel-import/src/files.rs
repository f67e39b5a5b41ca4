//! Files and folders of other tools.

use std::fs;
use std::path::{Path, PathBuf};

use aludel_revision::FileProblem;

use crate::error::ImportError;

/// A file of SQL.
#[derive(Clone, Debug)]
pub(crate) struct SqlFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Returns the files and folders in a folder, sorted by name. Hidden ones are left out.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let failed = |source| ImportError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let entries = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

/// Returns all files in a folder and the folders in it, sorted by path.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Returns the name of a file or folder.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads a text file without its byte order mark. The inner error is a text that is not UTF-8.
pub(crate) fn text(path: &Path) -> Result<Result<SqlFile, FileProblem>, ImportError> {
    let bytes = fs::read(path);
    let bytes = bytes.map_err(|source| ImportError::Io { path: path.to_owned(), source })?;
    let problem = |at: usize, bytes: &[u8], message: &str| {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Err(FileProblem { path: path.to_owned(), line, message: message.to_owned() })
    };
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Ok(problem(at, &bytes, "it has a NUL byte, which is no text"));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            Ok(SqlFile { path: path.to_owned(), text })
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            problem(at, error.as_bytes(), "it is not UTF-8")
        }
    })
}
