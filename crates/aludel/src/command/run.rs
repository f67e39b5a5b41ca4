use aludel_driver::{Canceller, OpenMode};
use aludel_runtime::{Identity, Observer, Runner};

use crate::{Error, Project};

/// What a run has done.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The ids of the revisions, in the order in which they ran.
    pub revisions: Vec<String>,
}

/// Applies all that `target` needs. `started` gets what cancels the run.
pub async fn upgrade(
    project: &Project,
    target: &str,
    identity: Identity,
    observer: &mut dyn Observer,
    started: impl FnOnce(Canceller),
) -> Result<Ran, Error> {
    let map = project.revisions()?;
    // A target that does not exist is found out before anything is created.
    let mode = if map.is_empty() { OpenMode::Read } else { OpenMode::Write };
    check_target(&map, target)?;
    let connection = project.connect(mode).await?;
    started(connection.canceller());
    let runner =
        Runner::new(&connection, &map, project.version_table(project.dialect()?), identity);
    Ok(Ran { revisions: runner.upgrade(target, observer).await? })
}

/// Undoes all that stands on `target`. `started` gets what cancels the run.
pub async fn downgrade(
    project: &Project,
    target: &str,
    identity: Identity,
    observer: &mut dyn Observer,
    started: impl FnOnce(Canceller),
) -> Result<Ran, Error> {
    let map = project.revisions()?;
    check_target(&map, target)?;
    let connection = project.connect(existing(project)?).await?;
    started(connection.canceller());
    let runner =
        Runner::new(&connection, &map, project.version_table(project.dialect()?), identity);
    Ok(Ran { revisions: runner.downgrade(target, observer).await? })
}

/// A database that is not there has nothing to undo, and is not made for that.
fn existing(project: &Project) -> Result<OpenMode, Error> {
    let url = project.database_url()?;
    Ok(match url.sqlite_file() {
        Some(path) if !path.exists() => OpenMode::Read,
        _ => OpenMode::Write,
    })
}

/// Resolves what can be resolved without the database.
pub(super) fn check_target(map: &aludel_revision::RevisionMap, target: &str) -> Result<(), Error> {
    if target.contains(':') {
        return Err(Error::RangeNotAllowed);
    }
    let symbol =
        aludel_revision::Symbol::parse(target).map_err(aludel_revision::ResolveError::from)?;
    if symbol.anchor.is_some() && symbol.anchor != Some(aludel_revision::Anchor::Current) {
        map.resolve(target, &[])?;
    }
    Ok(())
}
