use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aludel_models::{ForeignNotation, Source, foreign_models, rust_source};

use super::import::dialect;
use crate::error::Error;
use crate::project::Project;

/// Models that were made of another library's declarations.
#[derive(Clone, Debug)]
pub struct ReflectedSource {
    /// The Rust source of the models. What the declarations do not say is a comment at its top.
    pub source: String,
    /// The number of tables.
    pub tables: usize,
    /// The number of enum types.
    pub enums: usize,
    /// The facts that the declarations do not say, one sentence each.
    pub notes: Vec<String>,
}

/// Returns models for the tables that files declare for another library. No database is asked, and
/// nothing is written. A folder stands for all Rust files in it.
///
/// # Errors
///
/// Fails if a file can't be read, if a type is unknown, or if there is no table.
pub fn reflect_source(
    project: &Project,
    notation: ForeignNotation,
    paths: &[PathBuf],
) -> Result<ReflectedSource, Error> {
    let mut sources = Vec::new();
    for path in paths {
        let path = std::path::absolute(path).map_err(|source| unreadable(path, source))?;
        read(project, &path, &mut sources)?;
    }
    let found = foreign_models(notation, &sources, &project.config.types, dialect(project)?);
    let found = found.map_err(Error::Models)?;
    if found.metadata.tables.is_empty() {
        let patterns = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::NoDeclarations { notation: notation.name(), patterns });
    }
    let mut source = String::new();
    if !found.notes.is_empty() {
        source.push_str("// What the source of these models does not say:\n");
    }
    for note in &found.notes {
        let _ = writeln!(source, "// - {note}");
    }
    source.push_str(if found.notes.is_empty() { "" } else { "\n" });
    source.push_str(&rust_source(&found.metadata, dialect(project)?));
    let (tables, enums) = (found.metadata.tables.len(), found.metadata.enums.len());
    Ok(ReflectedSource { source, tables, enums, notes: found.notes })
}

/// Reads a file, or all Rust files in a folder.
fn read(project: &Project, path: &Path, found: &mut Vec<Source>) -> Result<(), Error> {
    let failed = |source| unreadable(path, source);
    if !path.is_dir() {
        let text = fs::read_to_string(path).map_err(failed)?;
        found.push(Source { path: project.shown(path), text });
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(failed)?;
    let entries = entries.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            read(project, &path, found)?;
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Io { action: "can't read", path: path.to_owned(), source }
}
