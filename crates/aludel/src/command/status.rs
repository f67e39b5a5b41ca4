use std::collections::BTreeSet;

use aludel_driver::OpenMode;
use aludel_revision::{Goal, Revision};
use aludel_runtime::{Identity, Runner};

use super::history::{ListedRevision, listed};
use crate::error::Error;
use crate::project::Project;

/// Where a database is, and what an upgrade of all branches would run.
#[derive(Clone, Debug)]
pub struct Status {
    /// The database, without its password.
    pub database: String,
    /// What it stands on.
    pub current: Vec<ListedRevision>,
    /// Rows of the version table that no file knows.
    pub unknown: Vec<String>,
    /// The heads of the files.
    pub heads: Vec<ListedRevision>,
    /// What `upgrade heads` would run, in order.
    pub pending: Vec<ListedRevision>,
    /// Applied revisions whose files have changed since.
    pub edited: Vec<String>,
    /// Revisions that an earlier run has begun and not finished.
    pub begun: Vec<String>,
}

/// Looks at files and database, and changes neither.
pub async fn status(project: &Project) -> Result<Status, Error> {
    let map = project.revisions()?;
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let rows = table.heads(&connection).await?;
    let (map, rows) = map.seen_from(&rows)?;
    let (known, unknown) = map.known(&rows);
    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    let targets: Vec<String> = map.effective_heads().iter().map(|r| r.id.clone()).collect();
    let implied: BTreeSet<&str> = map.applied(&rows).iter().map(|r| r.id.as_str()).collect();
    let steps = match map.overlap(&known) {
        // What it stands on is said; what would run can't be.
        _ if !unknown.is_empty() => Vec::new(),
        Some(_) => Vec::new(),
        None => map.steps(&known, &Goal::Up(targets))?,
    };
    let runner = Runner::new(&connection, &map, table, Identity::default());
    let edited = runner.edited().await?.into_iter().map(|edited| edited.revision).collect();
    let begun = runner.begun().await?;
    let pending = steps.iter().map(|step| step.revision);
    let place = |revision: &Revision| ListedRevision {
        is_applied: Some(implied.contains(revision.id.as_str())),
        ..listed(&map, revision, Some(&rows))
    };
    Ok(Status {
        database: project.database_url()?.to_string(),
        current: map.current(&rows).into_iter().map(&place).collect(),
        unknown: unknown.into_iter().map(str::to_owned).collect(),
        heads: map.heads().into_iter().map(&place).collect(),
        pending: pending
            .filter(|revision| !implied.contains(revision.id.as_str()))
            .map(place)
            .collect(),
        edited,
        begun,
    })
}
