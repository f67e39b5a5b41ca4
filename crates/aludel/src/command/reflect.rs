use std::fs;
use std::path::{Path, PathBuf};

use aludel_driver::OpenMode;
use aludel_models::{ObjectFile, object_files, rust_source};
use aludel_reflect::Leftover;

use crate::difference::reflected;
use crate::error::Error;
use crate::project::Project;

/// Models of a database.
#[derive(Clone, Debug)]
pub struct Reflected {
    /// Rust source.
    pub source: String,
    /// What is no struct, as object files that are not written yet.
    pub objects: Vec<ObjectFile>,
    /// The number of tables.
    pub tables: usize,
    /// The number of enum types.
    pub enums: usize,
    /// What the notation can't say, by name.
    pub leftovers: Vec<Leftover>,
}

/// Where [`write_reflected`] puts what it writes.
#[derive(Clone, Debug)]
pub struct ReflectOptions {
    /// The file of the models, relative to the project.
    pub models: PathBuf,
    /// The folder of the object files, relative to the project.
    pub objects: PathBuf,
    /// Whether files that are there are replaced.
    pub force: bool,
}

/// Gives models and object files for what the database holds; writes nothing.
///
/// # Errors
///
/// The database can't be reached or refuses a query.
pub async fn reflect(project: &Project) -> Result<Reflected, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let reflection = reflected(&connection, &project.config.version_table).await?;
    let (metadata, mut leftovers) = (reflection.metadata, reflection.leftovers);
    let dialect = project.dialect()?;
    let unsaid = metadata.definitions.keys().filter(|id| dialect.kind_facts(id.kind).is_none());
    leftovers.extend(unsaid.map(|id| Leftover { object: id.clone(), aspect: None }));
    leftovers.sort();
    Ok(Reflected {
        source: rust_source(&metadata, dialect),
        objects: object_files(&metadata, dialect),
        tables: metadata.tables.len(),
        enums: metadata.enums.len(),
        leftovers,
    })
}

/// Writes what [`reflect`] gave; gives the paths of the files. Nothing is written if one of them is
/// there already, unless `force` says so.
///
/// # Errors
///
/// A file is there, or can't be written.
pub fn write_reflected(
    project: &Project,
    reflected: &Reflected,
    options: &ReflectOptions,
) -> Result<Vec<PathBuf>, Error> {
    let folder = project.root.join(&options.objects);
    let mut files = vec![(project.root.join(&options.models), &reflected.source)];
    files.extend(reflected.objects.iter().map(|file| (folder.join(&file.name), &file.text)));
    if let Some((path, _)) = files.iter().find(|(path, _)| !options.force && path.exists()) {
        return Err(Error::Exists { path: project.shown(path) });
    }
    for (path, text) in &files {
        write(path, text).map_err(|source| Error::Io {
            action: "can't write",
            path: project.shown(path),
            source,
        })?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}
