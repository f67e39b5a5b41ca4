use std::collections::BTreeSet;

use aludel_driver::OpenMode;

use super::history::{ListedRevision, listed};
use crate::error::Error;
use crate::project::Project;

/// Where a database is.
#[derive(Clone, Debug)]
pub struct Current {
    /// The database, without its password.
    pub database: String,
    /// The revisions that it stands on: the rows of the version table, and what those imply on other
    /// branches.
    pub revisions: Vec<ListedRevision>,
    /// Rows of the version table that no file knows.
    pub unknown: Vec<String>,
    /// Whether every head is applied.
    pub at_heads: bool,
}

/// Reads the version table.
pub async fn current(project: &Project) -> Result<Current, Error> {
    let map = project.revisions()?;
    let url = project.database_url()?;
    let connection = project.connect(OpenMode::Read).await?;
    let rows = project.version_table(project.dialect()?).heads(&connection).await?;
    let (map, rows) = map.seen_from(&rows)?;
    let heads = map.heads();
    let applied: BTreeSet<&str> = map.applied(&rows).iter().map(|r| r.id.as_str()).collect();
    // Rows that no file knows are not at a head, whatever the files say.
    let unknown: Vec<String> = map.known(&rows).1.into_iter().map(str::to_owned).collect();
    let at_heads =
        unknown.is_empty() && heads.iter().all(|head| applied.contains(head.id.as_str()));
    let revisions = map.current(&rows).into_iter().map(|r| listed(&map, r, Some(&rows))).collect();
    Ok(Current { database: url.to_string(), revisions, unknown, at_heads })
}
