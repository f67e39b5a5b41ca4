//! The folder of revision files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::FileProblem;
use crate::file::Revision;

/// The contents of a folder of revision files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The revisions, in the order of their file names.
    pub revisions: Vec<Revision>,
    /// The problems of the files that can't be parsed.
    pub problems: Vec<FileProblem>,
}

/// The number of files below which a single thread reads all of them.
const WORTH_A_THREAD: usize = 256;

/// Reads every `.sql` file of `folder`. A missing folder is treated as empty.
///
/// # Errors
///
/// Fails if the folder or a file can't be read. Files that can't be parsed are not an error: they
/// are listed in [`Loaded::problems`].
pub fn load(folder: &Path) -> io::Result<Loaded> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    let results = read_all(&paths)?;
    let mut loaded = Loaded::default();
    for result in results {
        match result {
            Ok(revision) => loaded.revisions.push(revision),
            Err(problem) => loaded.problems.push(problem),
        }
    }
    Ok(loaded)
}

type Parsed = Result<Revision, FileProblem>;

fn read_all(paths: &[PathBuf]) -> io::Result<Vec<Parsed>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if paths.len() < WORTH_A_THREAD || threads == 1 {
        return read_some(paths);
    }
    let parts: Vec<io::Result<Vec<Parsed>>> = std::thread::scope(|scope| {
        let chunk = paths.len().div_ceil(threads);
        let workers: Vec<_> =
            paths.chunks(chunk).map(|part| scope.spawn(|| read_some(part))).collect();
        let lost = || Err(io::Error::other("a reading thread died"));
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| lost())).collect()
    });
    let mut all = Vec::with_capacity(paths.len());
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

fn read_some(paths: &[PathBuf]) -> io::Result<Vec<Parsed>> {
    paths.iter().map(|path| Revision::read(path)).collect()
}
