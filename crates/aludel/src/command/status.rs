use std::collections::BTreeSet;
use std::sync::Arc;

use aludel_driver::OpenMode;
use aludel_revision::{Goal, Overlap, ResolveError, Revision};
use aludel_runtime::{Elsewhere, Identity, RunError, Runner, Unfinished};

use super::history::{ListedRevision, listed};
use crate::error::Error;
use crate::gone::{self, Gone, Readable};
use crate::project::Project;

/// The position of a database, and the revisions that an upgrade of all branches would run.
#[derive(Clone, Debug)]
pub struct Status {
    /// The URL of the database, without its password.
    pub database: String,
    /// The current revisions.
    pub current: Vec<ListedRevision>,
    /// Rows of the version table that match no file.
    pub unknown: Vec<String>,
    /// The heads of the revision files.
    pub heads: Vec<ListedRevision>,
    /// The revisions that `upgrade heads` would run, in order; none if it is refused.
    pub pending: Vec<ListedRevision>,
    /// The reason why an upgrade is refused before it runs anything, as far as files and rows show it.
    pub refused: Option<Arc<Error>>,
    /// A row of the version table that another one implies. An upgrade refuses such a table.
    pub overlap: Option<Overlap>,
    /// The ids of applied revisions whose files have changed since they were applied.
    pub edited: Vec<String>,
    /// The revisions that an earlier run has begun and not finished.
    pub begun: Vec<Unfinished>,
    /// The revisions whose files are gone, and that other files or the version table refer to.
    pub gone: Vec<Gone>,
    /// The version tables in other schemas, if the connection reaches none.
    pub elsewhere: Option<Elsewhere>,
}

/// Reads the files and the database, and changes neither. A large file that has not changed since it
/// was applied on the host of `identity` is not read.
///
/// # Errors
///
/// Fails if the revisions can't be read, or if the database can't be reached or refuses a query.
pub async fn status(project: &Project, identity: Identity) -> Result<Status, Error> {
    let Readable { map, mut gone, problems, .. } = gone::revisions(project).await?;
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let rows = table.rows(&connection).await?;
    let elsewhere = match &rows {
        Some(_) => None,
        None => table.elsewhere(&connection).await?,
    };
    let rows = rows.unwrap_or_default();
    let (map, rows) = map.seen_from(&rows)?;
    let (known, unknown) = map.known(&rows);
    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
    gone.extend(gone::unknown(&connection, &table, &unknown).await?);
    let targets: Vec<String> = map.effective_heads().iter().map(|r| r.id.clone()).collect();
    let implied: BTreeSet<&str> = map.applied(&rows).iter().map(|r| r.id.as_str()).collect();
    let overlap = map.overlap(&known);
    let steps = match &overlap {
        // With an unknown row the position is shown, but the plan can't be.
        _ if !unknown.is_empty() => Vec::new(),
        Some(_) => Vec::new(),
        None => map.transitions(&known, &Goal::Up(targets))?,
    };
    let runner = Runner::new(&connection, &map, table, identity).steps(&project.steps);
    let database = project.database_url()?.to_string();
    let refused = match &overlap {
        _ if !problems.is_empty() => Some(Error::Graph(problems)),
        _ if !unknown.is_empty() => {
            let (unknown, database) = (unknown.clone(), database.clone());
            Some(Error::UnknownInDatabase { unknown, database })
        }
        Some(overlap) => Some(ResolveError::from(overlap.clone()).into()),
        None => refusal(runner.check_upgrade(&map, &rows, &steps).await)?,
    };
    let edited = runner.edited().await?.into_iter().map(|edited| edited.revision).collect();
    let begun = runner.begun().await?;
    let pending = steps.iter().filter(|_| refused.is_none()).map(|step| step.revision);
    let place = |revision: &Revision| ListedRevision {
        is_applied: Some(implied.contains(revision.id.as_str())),
        ..listed(&map, revision, Some(&rows))
    };
    Ok(Status {
        database,
        current: map.current(&rows).into_iter().map(&place).collect(),
        unknown,
        heads: map.heads().into_iter().map(&place).collect(),
        pending: pending
            .filter(|revision| !implied.contains(revision.id.as_str()))
            .map(place)
            .collect(),
        refused: refused.map(Arc::new),
        overlap,
        edited,
        begun,
        gone,
        elsewhere,
    })
}

/// Returns the reason why an upgrade is refused. What the database does not answer is no answer about that.
fn refusal(checked: Result<(), RunError>) -> Result<Option<Error>, Error> {
    match checked {
        Err(RunError::Driver(error)) => Err(error.into()),
        checked => Ok(checked.err().map(Error::from)),
    }
}
