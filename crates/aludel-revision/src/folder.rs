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

/// Reads every `.sql` file of `folder`. A missing folder is treated as empty. Hidden files are those of
/// editors and of the system, and are no revisions.
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
    let is_hidden =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "sql") && !is_hidden(path)
    });
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
    let named = |path: &Path, error: io::Error| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        io::Error::new(error.kind(), format!("{name}: {error}"))
    };
    paths.iter().map(|path| Revision::read(path).map_err(|error| named(path, error))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Direction;
    use crate::source::{FileStamp, Source};

    const HEADER: &str = "\u{feff}-- big\n-- revision: a1\n-- down_revision: none\n\n";

    /// A revision file with more than a megabyte of statements, in a folder of its own.
    fn large(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("aludel-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a1.sql");
        let upgrade = "INSERT INTO t VALUES (1);\n".repeat(60_000);
        let text = format!(
            "{HEADER}-- aludel: upgrade\n{upgrade}-- aludel: downgrade\nDELETE FROM t;\n-- aludel: upgrade sqlite\n{upgrade}"
        );
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_text_of_a_large_file_is_read_when_it_is_asked_for() {
        let path = large("later");
        let revision = Revision::read(&path).unwrap().unwrap();
        assert_eq!((revision.id.as_str(), revision.message.as_str()), ("a1", "big"));
        assert!(matches!(&*revision.source, Source::File { text, .. } if text.get().is_none()));
        let section = revision.section(Direction::Upgrade, "sqlite").unwrap();
        assert_eq!(section.line, 60_009);
        assert!(matches!(&*revision.source, Source::File { text, .. } if text.get().is_some()));
        assert!(
            matches!(&*revision.unread().source, Source::File { text, .. } if text.get().is_none())
        );
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_file_that_changes_behind_its_header_is_refused() {
        let path = large("changes");
        let revision = Revision::read(&path).unwrap().unwrap();
        fs::write(&path, format!("{HEADER}-- aludel: upgrade\n-- aludel: downgrade\n")).unwrap();
        let problem = revision.text().unwrap_err();
        assert_eq!(problem.message, "the file has changed since its header was read");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_is_kept_of_a_large_file_can_be_undone_and_not_run() {
        let path = large("kept");
        let revision = Revision::read(&path).unwrap().unwrap();
        let kept = revision.kept().unwrap();
        assert!(kept.len() < 500, "{kept}");
        assert_eq!(FileStamp::noted_in(&kept), revision.stamp());
        let again = Revision::parse(&path, kept.as_bytes().to_vec()).unwrap();
        let down = again.section(Direction::Downgrade, "postgres").unwrap();
        assert_eq!(down.body, "DELETE FROM t;\n");
        for dialect in ["postgres", "sqlite"] {
            let up = again.section(Direction::Upgrade, dialect).unwrap();
            assert!(up.body.starts_with("-- aludel: only in the file of "), "{}", up.body);
        }
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
