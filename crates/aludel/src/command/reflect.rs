use std::fs;
use std::path::{Path, PathBuf};

use aludel_compare::{Impossible, LeftAlone};
use aludel_dialect::Unsupported;
use aludel_driver::OpenMode;
use aludel_models::{ObjectFile, Source, object_files, rust_source};
use aludel_reflect::{Leftover, Uncompared};
use aludel_schema::{Metadata, Schemas, Scope};

use crate::difference::reflected;
use crate::error::Error;
use crate::project::Project;
use crate::sources::sources;

/// The models and object files for a database.
#[derive(Clone, Debug)]
pub struct Reflected {
    /// The Rust source of the models.
    pub source: String,
    /// The objects that are not structs, as object files that are not written yet.
    pub objects: Vec<ObjectFile>,
    /// The number of tables.
    pub tables: usize,
    /// The number of enum types.
    pub enums: usize,
    /// The objects that neither the models nor the object files can express.
    pub leftovers: Vec<Leftover>,
    /// The parts that the role may not read, so that the object files lack them.
    pub unread: Vec<Uncompared>,
}

/// The destinations of [`write_reflected`].
#[derive(Clone, Debug)]
pub struct ReflectOptions {
    /// The file of the models, relative to the project.
    pub models: PathBuf,
    /// The folder of the object files, relative to the project.
    pub objects: PathBuf,
    /// Permits replacing existing files.
    pub force: bool,
}

/// Returns models and object files for the contents of the database. Nothing is written.
///
/// # Errors
///
/// Fails if the database can't be reached or refuses a query.
pub async fn reflect(project: &Project) -> Result<Reflected, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let reflection = reflected(&connection, &project.config.version_table).await?;
    let (mut metadata, mut leftovers) = (reflection.metadata, reflection.leftovers);
    let dialect = project.dialect()?;
    let scope = scope(project);
    let left_alone =
        LeftAlone::new(dialect, &scope, &reflection.default_schema, &Metadata::default())
            .with_partitions(reflection.partitions);
    leftovers.retain(|leftover| !left_alone.covers(&leftover.object, &metadata));
    left_alone.remove_from(&mut metadata);
    let unsaid = metadata.definitions.keys().filter(|id| dialect.kind_facts(id.kind).is_none());
    leftovers.extend(unsaid.map(|id| Leftover { object: id.clone(), aspect: None }));
    leftovers.sort();
    Ok(Reflected {
        source: rust_source(&metadata, dialect),
        objects: object_files(&metadata, dialect, scope.manage).map_err(unsupported)?,
        tables: metadata.tables.len(),
        enums: metadata.enums.len(),
        leftovers,
        unread: aludel_reflect::unread(&metadata),
    })
}

/// Returns the scope of the project. Without a list of schemas all of them are read, because the
/// models that would name them are yet to be written.
fn scope(project: &Project) -> Scope {
    let mut scope = project.config.scope.clone();
    if scope.schemas == Schemas::Named {
        scope.schemas = Schemas::All;
    }
    scope
}

fn unsupported(error: Unsupported) -> Error {
    let reason = error.to_string();
    Error::Impossible(vec![Impossible { object: error.object, reason }])
}

/// The result of [`write_reflected`].
#[derive(Clone, Debug)]
pub struct Written {
    /// The files that were written, the models first.
    pub files: Vec<PathBuf>,
    /// The other model and object files of the project, which declare something besides. A former run may
    /// have written them, when the database had more.
    pub others: Vec<PathBuf>,
}

/// Writes the result of [`reflect`]. Nothing is written if one of the files exists, unless `force` is set.
/// No other file is touched.
///
/// # Errors
///
/// Fails if a file exists or can't be written, or if a file of the project can't be read.
pub fn write_reflected(
    project: &Project,
    reflected: &Reflected,
    options: &ReflectOptions,
) -> Result<Written, Error> {
    let folder = project.root.join(&options.objects);
    let mut files = vec![(project.root.join(&options.models), &reflected.source)];
    files.extend(reflected.objects.iter().map(|file| (folder.join(&file.name), &file.text)));
    let files = write_all(project, &files, options.force)?;
    let others = others(project, &files)?;
    Ok(Written { files, others })
}

/// Returns the model and object files of a project that are not among those written and say something. Files that the
/// project would not read leave it as it was.
fn others(project: &Project, files: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let [models, objects] = [&project.config.models, &project.config.object_patterns()]
        .map(|patterns| sources(&project.root, patterns));
    let (models, objects) = (models?, objects?);
    let is_read = |path: &PathBuf| {
        let shown = project.shown(path);
        models.iter().chain(&objects).any(|own| own.path == shown)
    };
    if !files.iter().any(is_read) {
        return Ok(Vec::new());
    }
    let is_other = |own: &&Source| {
        let path = project.root.join(&own.path);
        !own.text.trim().is_empty() && !files.contains(&path)
    };
    let others = objects.iter().chain(&models).filter(is_other);
    Ok(others.map(|own| own.path.clone()).collect())
}

/// Writes models, and returns the path of the file.
///
/// # Errors
///
/// Fails if the file exists, unless `force` is set, or if it can't be written.
pub fn write_models(
    project: &Project,
    source: &String,
    options: &ReflectOptions,
) -> Result<PathBuf, Error> {
    let path = project.root.join(&options.models);
    write_all(project, &[(path.clone(), source)], options.force)?;
    Ok(path)
}

fn write_all(
    project: &Project,
    files: &[(PathBuf, &String)],
    force: bool,
) -> Result<Vec<PathBuf>, Error> {
    if let Some((path, _)) = files.iter().find(|(path, _)| !force && path.exists()) {
        return Err(Error::Exists { path: project.shown(path), can_force: true });
    }
    for (path, text) in files {
        write(path, text).map_err(|source| Error::Io {
            action: "can't write",
            path: project.shown(path),
            source,
        })?;
    }
    Ok(files.iter().map(|(path, _)| path.clone()).collect())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}
