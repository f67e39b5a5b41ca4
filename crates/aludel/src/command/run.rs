use aludel_driver::{Canceller, OpenMode};
use aludel_revision::{ResolveError, Revision, RevisionMap, Symbol};
use aludel_runtime::{Identity, Observer, Remembered, Runner};

use crate::error::Error;
use crate::project::Project;

/// What a run has done.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The ids of the revisions, in the order in which they ran.
    pub revisions: Vec<String>,
    /// Whether there is any revision at all.
    pub any: bool,
}

/// What shall be run, and by whom.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The revision to lead to.
    pub target: Symbol,
    /// Who, for the journal.
    pub identity: Identity,
    /// Refuses if an applied revision's file has changed since.
    pub strict: bool,
    /// Revisions that have no file, as the journal remembers them: see [`remembered`].
    pub from_journal: Vec<Revision>,
}

/// Applies all that the target needs. `started` gets what cancels the run.
pub async fn upgrade(
    project: &Project,
    options: RunOptions,
    observer: &mut dyn Observer,
    started: impl FnOnce(Canceller),
) -> Result<Ran, Error> {
    let map = project.revisions_and(options.from_journal)?;
    // A target that does not exist is found out before anything is created.
    let mode = if map.is_empty() { OpenMode::Read } else { OpenMode::Write };
    check_target(&map, &options.target)?;
    let connection = project.connect(mode).await?;
    started(connection.canceller());
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, options.identity).strict(options.strict);
    Ok(Ran { revisions: runner.upgrade(&options.target, observer).await?, any: !map.is_empty() })
}

/// Undoes all that stands on the target. `started` gets what cancels the run.
pub async fn downgrade(
    project: &Project,
    options: RunOptions,
    observer: &mut dyn Observer,
    started: impl FnOnce(Canceller),
) -> Result<Ran, Error> {
    let map = project.revisions_and(options.from_journal)?;
    check_target(&map, &options.target)?;
    let connection = project.connect(existing(project)?).await?;
    started(connection.canceller());
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, options.identity).strict(options.strict);
    Ok(Ran { revisions: runner.downgrade(&options.target, observer).await?, any: !map.is_empty() })
}

/// The applied revisions that have no file, as the journal remembers them; what it does not remember
/// is not among them.
pub async fn remembered(project: &Project) -> Result<Vec<Remembered>, Error> {
    let map = project.revisions()?;
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let rows = table.heads(&connection).await?;
    Ok(aludel_runtime::remembered(&connection, &map, &table, &rows).await?)
}

/// A database that is not there has nothing to undo, and is not made for that.
fn existing(project: &Project) -> Result<OpenMode, Error> {
    let url = project.database_url()?;
    Ok(match url.sqlite_file() {
        Some(path) if !path.exists() => OpenMode::Read,
        _ => OpenMode::Write,
    })
}

/// Parses an identifier that is no range.
///
/// # Errors
///
/// The text has a colon, or does not follow the grammar of identifiers.
pub fn target(text: &str) -> Result<Symbol, Error> {
    if text.contains(':') {
        return Err(Error::RangeNotAllowed);
    }
    Ok(Symbol::parse(text).map_err(ResolveError::from)?)
}

/// Resolves what can be resolved without the database. What another revision replaces may still be
/// named by a database that stands inside of it.
pub(super) fn check_target(map: &RevisionMap, target: &Symbol) -> Result<(), Error> {
    if target.is_absolute() {
        unless_replaced(map.resolve(target, &[]))?;
    }
    Ok(())
}

/// The same for stamps, of which there may be several.
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
