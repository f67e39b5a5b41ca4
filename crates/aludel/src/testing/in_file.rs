//! Databases of SQLite for tests: files in a folder that belongs to them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, io};

use super::error::TestError;
use super::mark::{OLD, STALE, digits, key, random};
use crate::migrator::{Embedded, Migrator};

/// The database of a test in a file.
#[derive(Clone, Debug)]
pub(crate) struct InFile {
    pub(crate) path: PathBuf,
}

/// The endings of files that SQLite makes beside a database, and of the mark of one that is kept.
const BESIDE: [&str; 4] = ["-journal", "-wal", "-shm", ".kept"];

/// The endings of our own files.
const DATABASE: &str = ".db";
const KEPT: &str = ".db.kept";

impl InFile {
    /// Creates the database of a test, as a copy of a template.
    pub(crate) async fn create(test: &str, migrations: Embedded) -> Result<Self, TestError> {
        let folder = folder();
        fs::create_dir_all(&folder).map_err(TestError::io("can't make", &folder))?;
        let test = digits(&[test]);
        let template = format!("template_{}{DATABASE}", key(migrations));
        remove_leftovers(&folder, &test, &template)?;
        let template = folder.join(template);
        if !template.is_file() {
            make_template(&folder, &template, migrations).await?;
        }
        let path = folder.join(format!("test_{test}_{}{DATABASE}", random()?));
        fs::copy(&template, &path).map_err(TestError::io("can't make", &path))?;
        Ok(Self { path })
    }

    pub(crate) fn remove(&self) -> Result<(), TestError> {
        remove(&self.path)
    }

    /// Marks the file as kept, until the test runs again.
    pub(crate) fn keep(&self) -> Result<(), TestError> {
        let mark = beside(&self.path, ".kept");
        File::create(&mark).map(|_| ()).map_err(TestError::io("can't write", mark))
    }
}

/// Returns the folder of the databases of a user.
fn folder() -> PathBuf {
    let user = env::var("USER").or_else(|_| env::var("USERNAME")).unwrap_or_default();
    let user: String = user.chars().filter(|c| c.is_alphanumeric()).collect();
    env::temp_dir().join(format!("aludel_test_{user}"))
}

/// Makes the template, unless another process does so first. One at a time works on it.
async fn make_template(
    folder: &Path,
    template: &Path,
    migrations: Embedded,
) -> Result<(), TestError> {
    let path = folder.join("lock");
    let failed = |source| TestError::Io { action: "can't lock", path: path.clone(), source };
    let lock = File::options().create(true).append(true).open(&path).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if template.is_file() {
        return Ok(());
    }
    // Only a complete template gets its name.
    let building = beside(template, "-building");
    remove(&building)?;
    File::create(&building).map_err(TestError::io("can't write", &building))?;
    if !migrations.files.is_empty() {
        let url = format!("sqlite:{}", building.display());
        Migrator::new(migrations).upgrade(&url, "heads").await?;
    }
    fs::rename(&building, template).map_err(TestError::io("can't rename", building))
}

/// Removes the files that this module has made and that nobody needs.
fn remove_leftovers(folder: &Path, test: &str, template: &str) -> Result<(), TestError> {
    let failed = |source| TestError::Io { action: "can't read", path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = age(&entry);
        let is_kept = entry.path().with_extension("db.kept").is_file();
        let is_leftover = if let Some(kept) = name.strip_suffix(KEPT) {
            kept.starts_with(&format!("test_{test}_"))
        } else if name.starts_with("test_") && name.ends_with(DATABASE) && !is_kept {
            // Nobody can say whether a process has it open.
            age >= 24 * STALE
        } else {
            name.starts_with("template_")
                && name.ends_with(DATABASE)
                && name != template
                && age >= OLD
        };
        if is_leftover {
            remove(&folder.join(name.trim_end_matches(".kept")))?;
        }
    }
    Ok(())
}

/// Returns the time in seconds since a file was written; 0 if that is not known.
fn age(entry: &fs::DirEntry) -> i64 {
    let written = entry.metadata().and_then(|metadata| metadata.modified());
    let age = written.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
    age.map_or(0, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a database and the files beside it.
fn remove(path: &Path) -> Result<(), TestError> {
    let all = BESIDE.iter().map(|ending| beside(path, ending)).chain([path.to_owned()]);
    for path in all {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(TestError::io("can't remove", path)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
