use aludel_driver::OpenMode;
use aludel_revision::Symbol;
use aludel_runtime::{Identity, Observer, Runner};

use super::run::check_stamps;
use crate::error::Error;
use crate::project::Project;

/// Writes the version table without running anything, and returns its rows. With `purge`, existing
/// rows are forgotten.
///
/// # Errors
///
/// Fails if the revisions can't be read, if a target does not resolve, or if the database can't be
/// reached or refuses a statement.
pub async fn stamp(
    project: &Project,
    targets: &[Symbol],
    purge: bool,
    identity: Identity,
    observer: &mut dyn Observer,
) -> Result<Vec<String>, Error> {
    let map = project.revisions()?;
    check_stamps(&map, targets)?;
    let connection = project.connect_to_migrate(OpenMode::Write).await?;
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, identity).settings(project.run_settings());
    Ok(runner.stamp(targets, purge, observer).await?)
}

/// Accepts the files of applied revisions as they are now: all that have changed, or those that
/// `targets` name. Returns the ids of the accepted revisions.
///
/// # Errors
///
/// Fails if the revisions can't be read, if a target does not resolve, or if the database can't be
/// reached or refuses a statement.
pub async fn rebless(
    project: &Project,
    targets: &[Symbol],
    identity: Identity,
    observer: &mut dyn Observer,
) -> Result<Vec<String>, Error> {
    let map = project.revisions()?;
    check_stamps(&map, targets)?;
    let connection = project.connect_to_migrate(OpenMode::Write).await?;
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, identity).settings(project.run_settings());
    Ok(runner.rebless(targets, observer).await?)
}

/// Creates the version table and the journal, unless they exist.
///
/// # Errors
///
/// Fails if the revisions can't be read, or if the database can't be reached or refuses a
/// statement.
pub async fn ensure_version(project: &Project) -> Result<(), Error> {
    let map = project.revisions()?;
    let connection = project.connect_to_migrate(OpenMode::Write).await?;
    let table = project.version_table(project.dialect()?);
    let runner = Runner::new(&connection, &map, table, Identity::default());
    Ok(runner.settings(project.run_settings()).ensure_version().await?)
}
