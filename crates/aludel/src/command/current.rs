use std::collections::BTreeSet;

use aludel_driver::OpenMode;
use aludel_runtime::{Elsewhere, Identity, Runner, Unfinished};

use super::history::{ListedRevision, listed};
use crate::error::Error;
use crate::gone::{self, Gone, Readable};
use crate::project::Project;

/// The position of a database in the graph.
#[derive(Clone, Debug)]
pub struct Current {
    /// The URL of the database, without its password.
    pub database: String,
    /// The current revisions: the rows of the version table, and the revisions that these imply on
    /// other branches.
    pub revisions: Vec<ListedRevision>,
    /// Rows of the version table that match no file.
    pub unknown: Vec<String>,
    /// True if every head is applied.
    pub at_heads: bool,
    /// The revisions that an earlier run has begun and not finished.
    pub begun: Vec<Unfinished>,
    /// The revisions whose files are gone, and that other files or the version table refer to.
    pub gone: Vec<Gone>,
    /// The version tables in other schemas, if the connection reaches none.
    pub elsewhere: Option<Elsewhere>,
}

/// Reads the version table and returns the position of the database.
///
/// # Errors
///
/// Fails if the revisions can't be read, or if the database can't be reached or refuses a query.
pub async fn current(project: &Project) -> Result<Current, Error> {
    let Readable { map, mut gone, .. } = gone::revisions(project).await?;
    let url = project.database_url()?;
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let rows = table.rows(&connection).await?;
    let elsewhere = match &rows {
        Some(_) => None,
        None => table.elsewhere(&connection).await?,
    };
    let rows = rows.unwrap_or_default();
    let runner = Runner::new(&connection, &map, table.clone(), Identity::default());
    let begun = runner.begun().await?;
    let (map, rows) = map.seen_from(&rows)?;
    let heads = map.heads();
    let applied: BTreeSet<&str> = map.applied(&rows).iter().map(|r| r.id.as_str()).collect();
    // Rows that match no file are not at a head.
    let unknown: Vec<String> = map.known(&rows).1.into_iter().map(str::to_owned).collect();
    gone.extend(gone::unknown(&connection, &table, &unknown).await?);
    let at_heads =
        unknown.is_empty() && heads.iter().all(|head| applied.contains(head.id.as_str()));
    let revisions = map.current(&rows).into_iter().map(|r| listed(&map, r, Some(&rows))).collect();
    Ok(Current { database: url.to_string(), revisions, unknown, at_heads, begun, gone, elsewhere })
}
