//! Adoption of another tool's history: its files become revisions, and its books become ours.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;
use aludel_driver::OpenMode;
use aludel_import::{
    Applied, ForeignRevision, History, ImportError, Note, ReadApplied, ReadOptions, Tool, Way,
};
use aludel_revision::{Direction, FileProblem, NewRevision, NewSection, Revision, RevisionMap};
use aludel_runtime::{Identity, Observer, Runner, VersionTable, rows_adopted};

use super::revision::folder;
use crate::error::Error;
use crate::project::Project;

/// The options of an import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The tool.
    pub tool: Tool,
    /// The folder of its migrations; `None` to record only what it has applied.
    pub path: Option<PathBuf>,
    /// The Python in which Alembic is installed.
    pub python: String,
    /// The values of Flyway's placeholders.
    pub placeholders: BTreeMap<String, String>,
    /// The table in which the tool keeps its books; `None` for its usual one.
    pub table: Option<String>,
    /// Record what the tool has applied, if a database is configured.
    pub stamp: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Write a gap for what can't be read as SQL.
    pub with_gaps: bool,
    /// The folder of the files, if the project has several.
    pub folder: Option<PathBuf>,
}

/// The effects of an import, done or planned.
#[derive(Debug)]
pub struct Imported {
    /// The revisions, in the order of the history.
    pub files: Vec<ImportedFile>,
    /// The sections that somebody has to write, with the places that could not be read.
    pub gaps: Vec<FileProblem>,
    /// The parts that were left out.
    pub notes: Vec<Note>,
    /// The records in the database.
    pub books: Books,
}

/// A revision of an import.
#[derive(Debug)]
pub struct ImportedFile {
    /// The id.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// The file that it comes from.
    pub origin: PathBuf,
    /// False if the same file is there already.
    pub is_new: bool,
}

/// The records of an import in the database.
#[derive(Debug)]
pub enum Books {
    /// No database was asked.
    NotAsked,
    /// The database has no table of the tool.
    NoTable {
        /// The name of the table.
        table: String,
    },
    /// The revisions that the tool has applied count as applied.
    Recorded {
        /// The name of the tool's table.
        table: String,
        /// The ids of the applied revisions.
        applied: Vec<String>,
        /// The rows of the version table.
        rows: Vec<String>,
    },
}

/// A file to write.
struct Planned {
    file: ImportedFile,
    text: String,
}

/// Turns another tool's history into revisions, and records what it has applied. Everything is
/// checked before the first file is written, and a file that is there is never overwritten.
///
/// # Errors
///
/// Fails if the history can't be read, if a migration in it can't become a revision, if a file or
/// an id is taken, or if the tool's books name a migration that has failed, that has no file, or
/// whose predecessor is not applied.
pub async fn import(
    project: &Project,
    options: &ImportOptions,
    identity: Identity,
    observer: &mut dyn Observer,
) -> Result<Imported, Error> {
    let known = project.revisions()?;
    let history = options.path.as_deref().map(|path| read(project, options, path)).transpose()?;
    let (mut table, mut planned, mut notes, mut gaps) =
        (options.table.clone(), Vec::new(), Vec::new(), Vec::new());
    if let Some(history) = history {
        gaps = unreadable(project, &history);
        if !gaps.is_empty() && !options.with_gaps {
            return Err(ImportError::Unreadable { tool: options.tool, problems: gaps }.into());
        }
        table = table.or_else(|| history.table.clone());
        planned = plan(project, &known, &history, options)?;
        notes = history.notes.into_iter().map(|note| shown(project, note)).collect();
    }
    let map = with_planned(project, &known, &planned)?;
    let table = table.unwrap_or_else(|| options.tool.table().to_owned());
    let mut books = books(project, options, &map, table).await?;
    if !options.dry_run {
        write(&planned)?;
        if let Books::Recorded { applied, rows, .. } = &mut books {
            let connection = project.connect_to_migrate(OpenMode::Write).await?;
            let ours = project.version_table(project.dialect()?);
            let runner = Runner::new(&connection, &map, ours, identity);
            *rows = runner.settings(project.run_settings()).adopt(applied, observer).await?;
        }
    }
    let files = planned.into_iter().map(|planned| planned.file).collect();
    Ok(Imported { files, gaps, notes, books })
}

/// Returns the dialect of a project's SQL: that of its database, or the only one that is
/// configured.
pub(super) fn dialect(project: &Project) -> Result<Dialect, Error> {
    match (project.dialect(), project.dialects()) {
        (Err(Error::NoUrl), Ok(dialects)) if dialects.len() == 1 => Ok(dialects[0]),
        (dialect, _) => dialect,
    }
}

fn read(project: &Project, options: &ImportOptions, path: &Path) -> Result<History, Error> {
    let options_of_tool = ReadOptions {
        dialect: dialect(project)?,
        python: options.python.clone(),
        placeholders: options.placeholders.clone(),
    };
    let path = std::path::absolute(path).map_err(|source| Error::Io {
        action: "can't read",
        path: path.to_owned(),
        source,
    })?;
    match aludel_import::read(options.tool, &path, &options_of_tool) {
        Err(ImportError::Files { tool, problems }) => {
            let problems = problems.into_iter().map(|p| project.shortened(p)).collect();
            Err(ImportError::Files { tool, problems }.into())
        }
        other => Ok(other?),
    }
}

/// Returns the places that can't be read as SQL.
fn unreadable(project: &Project, history: &History) -> Vec<FileProblem> {
    let ways = history.revisions.iter().flat_map(|r| [&r.upgrade, &r.downgrade]);
    let mut found: Vec<FileProblem> = ways
        .filter_map(|way| match way {
            Way::Unreadable { path, line, reason } => {
                let (path, message) = (project.shown(path), reason.clone());
                Some(FileProblem { path, line: *line, message })
            }
            Way::Sql(_) | Way::None(_) => None,
        })
        .collect();
    found.dedup();
    found
}

/// Plans the files of a history, and checks that nothing is in their way.
fn plan(
    project: &Project,
    known: &RevisionMap,
    history: &History,
    options: &ImportOptions,
) -> Result<Vec<Planned>, Error> {
    let dialect = dialect(project)?;
    let is_one_of_several = project.dialects().is_ok_and(|dialects| dialects.len() > 1);
    let name = is_one_of_several.then_some(dialect.name());
    let folder = folder(project, known, &[], options.folder.as_deref())?;
    let mut planned = Vec::new();
    for revision in &history.revisions {
        let path = folder.join(format!("{}.sql", revision.file));
        let text = new_revision(revision, name).render();
        let there = match fs::read_to_string(&path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(Error::Io { action: "can't read", path, source }),
        };
        let is_new = match (&there, known.get(&revision.id)) {
            (Some(there), Some(_)) if *there == text => false,
            (None, Some(taken)) => {
                let (id, path) = (revision.id.clone(), project.shown(&taken.path));
                return Err(Error::IdTaken { id, path });
            }
            (Some(_), _) => {
                return Err(Error::Exists { path: project.shown(&path), can_force: false });
            }
            (None, None) => true,
        };
        let (id, origin) = (revision.id.clone(), revision.origin.clone());
        planned.push(Planned { file: ImportedFile { id, path, origin, is_new }, text });
    }
    Ok(planned)
}

fn shown(project: &Project, note: Note) -> Note {
    Note { path: project.shown(&note.path), ..note }
}

fn new_revision(revision: &ForeignRevision, dialect: Option<&'static str>) -> NewRevision {
    let section = |direction, way: &Way| NewSection {
        direction,
        dialect,
        body: match way {
            Way::Sql(sql) => sql.clone(),
            Way::None(why) => format!("-- aludel: irreversible: {why}"),
            Way::Unreadable { reason, .. } => format!("-- aludel: missing: {reason}"),
        },
    };
    NewRevision {
        id: revision.id.clone(),
        message: revision.message.clone(),
        down_revisions: revision.parents.clone(),
        branch_labels: revision.branch_labels.clone(),
        depends_on: revision.depends_on.clone(),
        created: revision.created.clone().unwrap_or_default(),
        sections: vec![
            section(Direction::Upgrade, &revision.upgrade),
            section(Direction::Downgrade, &revision.downgrade),
        ],
        ..NewRevision::default()
    }
}

/// Returns the graph with the planned files in it, each of them read back as it will be.
fn with_planned(
    project: &Project,
    known: &RevisionMap,
    planned: &[Planned],
) -> Result<RevisionMap, Error> {
    let mut revisions: Vec<Revision> = known.revisions().cloned().collect();
    let mut problems = Vec::new();
    for planned in planned.iter().filter(|planned| planned.file.is_new) {
        let shown = project.shown(&planned.file.path);
        let read = Revision::parse(&shown, planned.text.clone().into_bytes());
        match read.and_then(|revision| revision.sections().map(|_| ()).map(|()| revision)) {
            Ok(revision) => revisions.push(revision),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Files(problems));
    }
    RevisionMap::new(revisions).map_err(Error::Graph)
}

/// Reads what the tool has applied.
async fn books(
    project: &Project,
    options: &ImportOptions,
    map: &RevisionMap,
    table: String,
) -> Result<Books, Error> {
    let has_url = project.migration_url.is_some() || project.url.is_some();
    if !options.stamp || (!has_url && options.path.is_some()) {
        return Ok(Books::NotAsked);
    }
    let connection = project.in_role(project.connect_to_migrate(OpenMode::Read).await?);
    let dialect = project.dialect()?;
    let theirs = VersionTable { name: table.clone(), dialect };
    let read = ReadApplied { tool: options.tool, table: &table, sql_name: &theirs.sql_name() };
    let applied = match read.read(&connection).await {
        Ok(applied) => applied,
        Err(ImportError::NoTable { table, .. }) if options.path.is_some() => {
            return Ok(Books::NoTable { table });
        }
        Err(error) => return Err(error.into()),
    };
    let applied = revisions(options.tool, &applied, map, &table)?;
    let before = project.version_table(dialect).heads(&connection).await?;
    let rows = rows_adopted(map, &before, &applied);
    Ok(Books::Recorded { table, applied, rows })
}

/// Returns the revisions that a tool has applied.
fn revisions(
    tool: Tool,
    applied: &Applied,
    map: &RevisionMap,
    table: &str,
) -> Result<Vec<String>, ImportError> {
    let table = || table.to_owned();
    let ids = |of: &dyn Fn(&str) -> bool| -> Vec<String> {
        map.revisions().map(|r| r.id.clone()).filter(|id| of(id)).collect()
    };
    let is_known =
        |version: &&String| map.revisions().any(|revision| tool.key(&revision.id) == **version);
    let versions: Vec<String> =
        applied.versions.iter().filter(|version| !is_known(version)).cloned().collect();
    if !versions.is_empty() {
        return Err(ImportError::NoFile { tool, table: table(), versions });
    }
    let stated = ids(&|id| applied.has(tool, id));
    let all: Vec<String> = map.applied(&stated).iter().map(|r| r.id.clone()).collect();
    // The rows of Alembic are heads, and imply what is below them.
    let missing: Vec<String> = all.iter().filter(|id| !stated.contains(id)).cloned().collect();
    if tool != Tool::Alembic && !missing.is_empty() {
        let above = stated.last().cloned().unwrap_or_default();
        return Err(ImportError::Hole { tool, table: table(), missing, above });
    }
    Ok(all)
}

/// Writes the files that are new. If one can't be written, none of them stays.
fn write(planned: &[Planned]) -> Result<(), Error> {
    let mut written: Vec<&Path> = Vec::new();
    for planned in planned.iter().filter(|planned| planned.file.is_new) {
        let path = &planned.file.path;
        let folder = path.parent().unwrap_or(Path::new("."));
        let wrote = fs::create_dir_all(folder).and_then(|()| fs::File::create_new(path)).and_then(
            |mut file| {
                written.push(path);
                file.write_all(planned.text.as_bytes())
            },
        );
        if let Err(source) = wrote {
            for path in written {
                fs::remove_file(path).map_err(|source| Error::Io {
                    action: "can't remove",
                    path: path.to_owned(),
                    source,
                })?;
            }
            return Err(Error::Io { action: "can't write", path: path.clone(), source });
        }
    }
    Ok(())
}
