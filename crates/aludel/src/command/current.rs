use aludel_driver::OpenMode;

use crate::{Error, Project};

/// Where a database is.
#[derive(Clone, Debug)]
pub struct Current {
    /// The database, without its password.
    pub database: String,
    /// The rows of the version table, and whether each is a head; `None`: no file has that id.
    pub rows: Vec<(String, Option<bool>)>,
    /// Whether every head is applied.
    pub at_heads: bool,
}

/// Reads the version table.
pub async fn current(project: &Project) -> Result<Current, Error> {
    let map = project.revisions()?;
    let url = project.database_url()?;
    let connection = project.connect(OpenMode::Read).await?;
    let rows = project.version_table(project.dialect()?).heads(&connection).await?;
    let heads: Vec<&str> = map.heads().iter().map(|revision| revision.id.as_str()).collect();
    let applied = map.ancestors(&rows);
    // Rows that no file knows are not at a head, whatever the files say.
    let at_heads = map.known(&rows).1.is_empty() && heads.iter().all(|head| applied.contains(head));
    let rows = rows
        .into_iter()
        .map(|id| {
            let is_head = map.get(&id).map(|_| heads.contains(&id.as_str()));
            (id, is_head)
        })
        .collect();
    Ok(Current { database: url.to_string(), rows, at_heads })
}
