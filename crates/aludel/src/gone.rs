//! Revisions that other files or the version table refer to, and whose files are gone.

use std::path::Path;

use aludel_driver::{Connection, OpenMode};
use aludel_revision::{GraphError, Revision, RevisionMap};
use aludel_runtime::VersionTable;

use crate::error::Error;
use crate::project::Project;

/// A revision whose file is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The id.
    pub id: String,
    /// True if the journal has its text.
    pub is_remembered: bool,
}

/// The revisions as far as they can be read.
pub(crate) struct Readable {
    pub(crate) map: RevisionMap,
    pub(crate) gone: Vec<Gone>,
    /// The reason why the database was not asked about what is gone.
    pub(crate) unasked: Option<Error>,
    /// The problems of the graph that the files alone form. A command that changes something fails for
    /// them.
    pub(crate) problems: Vec<GraphError>,
}

/// Reads all revisions for a command that only looks. In the place of a file that is gone stands the
/// text that the journal remembers, or an empty revision without parents.
pub(crate) async fn revisions(project: &Project) -> Result<Readable, Error> {
    let problems = match project.revisions() {
        Ok(map) => {
            let (gone, problems) = (Vec::new(), Vec::new());
            return Ok(Readable { map, gone, unasked: None, problems });
        }
        Err(Error::Graph(problems)) => problems,
        Err(error) => return Err(error),
    };
    let mut missing = only_missing(problems.clone())?;
    // The files can be looked at without the journal all the same.
    let (connection, unasked) = match project.connect(OpenMode::Read).await {
        Ok(connection) => (Some(connection), None),
        Err(error) => (None, Some(error)),
    };
    let (mut gone, mut found) = (Vec::new(), Vec::new());
    loop {
        for id in missing {
            let text = match &connection {
                Some(connection) => text(project, connection, &id).await?,
                None => None,
            };
            found.push(stand_in(&id, text.as_deref())?);
            gone.push(Gone { id, is_remembered: text.is_some() });
        }
        missing = match project.revisions_and(found.clone()) {
            Ok(map) => return Ok(Readable { map, gone, unasked, problems }),
            Err(Error::Graph(problems)) => only_missing(problems)?,
            Err(error) => return Err(error),
        };
    }
}

/// Returns the rows of a version table that no file knows.
pub(crate) async fn unknown(
    connection: &Connection<'_>,
    table: &VersionTable,
    ids: &[String],
) -> Result<Vec<Gone>, Error> {
    let mut gone = Vec::new();
    for id in ids {
        let text = aludel_runtime::journal_text(connection, table, id).await?;
        gone.push(Gone { id: id.clone(), is_remembered: text.is_some() });
    }
    Ok(gone)
}

/// Returns the missing ids, if nothing else is wrong with the graph.
fn only_missing(problems: Vec<GraphError>) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    for problem in &problems {
        match problem {
            GraphError::Missing { missing, .. } => ids.push(missing.clone()),
            GraphError::Duplicate { .. }
            | GraphError::Cycle { .. }
            | GraphError::ReplacesItself { .. }
            | GraphError::ReplacedTwice { .. }
            | GraphError::DuplicateLabel { .. } => return Err(Error::Graph(problems)),
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

async fn text(
    project: &Project,
    connection: &Connection<'_>,
    id: &str,
) -> Result<Option<String>, Error> {
    let table = project.version_table(project.dialect()?);
    Ok(aludel_runtime::journal_text(connection, &table, id).await?)
}

fn stand_in(id: &str, text: Option<&str>) -> Result<Revision, Error> {
    let path = Path::new("journal").join(format!("{id}.sql"));
    let empty = format!(
        "-- the file is gone\n--\n-- revision: {id}\n-- down_revision: none\n\n\
         -- aludel: upgrade\n-- aludel: missing: the file is gone\n\
         -- aludel: downgrade\n-- aludel: missing: the file is gone\n"
    );
    let text = text.unwrap_or(&empty).as_bytes().to_vec();
    Revision::parse(&path, text).map_err(|problem| Error::Files(vec![problem]))
}
