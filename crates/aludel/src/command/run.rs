use aludel_driver::OpenMode;
use aludel_revision::{ResolveError, Revision, RevisionMap, Symbol};
use aludel_runtime::{Identity, Observer, Remembered, RunSettings, Runner};

use crate::error::Error;
use crate::project::Project;

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The ids of the revisions, in the order in which they ran.
    pub revisions: Vec<String>,
    /// True if the project has any revision.
    pub any: bool,
}

/// The options of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The identifier of the target.
    pub target: Symbol,
    /// The identity that the journal records.
    pub identity: Identity,
    /// The settings of the run; see [`Project::run_settings`].
    pub settings: RunSettings,
    /// Revisions without a file, as the journal remembers them; see [`remembered`].
    pub from_journal: Vec<Revision>,
}

/// Applies everything that the target needs.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the target does not resolve, if the database can't be
/// reached, or if a revision fails.
pub async fn upgrade(
    project: &Project,
    options: RunOptions,
    observer: &mut dyn Observer,
) -> Result<Ran, Error> {
    let map = project.revisions_and(options.from_journal)?;
    // An unknown target is reported before anything is created.
    let mode = if map.is_empty() { OpenMode::Read } else { OpenMode::Write };
    check_target(&map, &options.target)?;
    let connection = project.connect_to_migrate(mode).await?;
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, options.identity)
        .settings(options.settings)
        .steps(&project.steps);
    Ok(Ran { revisions: runner.upgrade(&options.target, observer).await?, any: !map.is_empty() })
}

/// Undoes everything above the target.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the target does not resolve, if the database can't be
/// reached, or if a revision fails or is irreversible.
pub async fn downgrade(
    project: &Project,
    options: RunOptions,
    observer: &mut dyn Observer,
) -> Result<Ran, Error> {
    let map = project.revisions_and(options.from_journal)?;
    check_target(&map, &options.target)?;
    let connection = project.connect_to_migrate(existing(project)?).await?;
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, options.identity)
        .settings(options.settings)
        .steps(&project.steps);
    Ok(Ran { revisions: runner.downgrade(&options.target, observer).await?, any: !map.is_empty() })
}

/// Returns the applied revisions without a file, as the journal remembers them. Revisions that the
/// journal does not have are left out.
///
/// # Errors
///
/// Fails if the revisions can't be read, or if the database can't be reached or refuses a query.
pub async fn remembered(project: &Project) -> Result<Vec<Remembered>, Error> {
    let map = project.revisions()?;
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let rows = table.heads(&connection).await?;
    Ok(aludel_runtime::remembered(&connection, &map, &table, &rows).await?)
}

/// Returns the mode for a downgrade. A missing database has nothing to undo and is not created.
fn existing(project: &Project) -> Result<OpenMode, Error> {
    let url = project.migration_url()?;
    Ok(match url.sqlite_file() {
        Some(path) if !path.exists() => OpenMode::Read,
        _ => OpenMode::Write,
    })
}

/// Parses an identifier that is not a range.
///
/// # Errors
///
/// Fails if the text has a colon, or does not follow the grammar of identifiers.
pub fn target(text: &str) -> Result<Symbol, Error> {
    if text.contains(':') {
        return Err(Error::RangeNotAllowed);
    }
    Ok(Symbol::parse(text).map_err(ResolveError::from)?)
}

/// Checks a target as far as that is possible without the database. A replaced revision is
/// permitted, because a database inside of the replaced range can still name it.
pub(super) fn check_target(map: &RevisionMap, target: &Symbol) -> Result<(), Error> {
    if target.is_absolute() {
        unless_replaced(map.resolve(target, &[]))?;
    }
    Ok(())
}

/// Checks the targets of a stamp in the same way.
pub(super) fn check_stamps(map: &RevisionMap, targets: &[Symbol]) -> Result<(), Error> {
    for target in targets.iter().filter(|target| target.is_absolute()) {
        unless_replaced(map.stamp_targets(target, &[]))?;
    }
    Ok(())
}

fn unless_replaced<T>(resolved: Result<T, ResolveError>) -> Result<(), ResolveError> {
    match resolved {
        Ok(_) | Err(ResolveError::Replaced { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
