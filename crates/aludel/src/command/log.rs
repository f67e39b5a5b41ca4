use aludel_driver::OpenMode;
use aludel_revision::ResolveError;
use aludel_runtime::{LogFilter, LogLine};

use crate::error::Error;
use crate::project::Project;

/// Returns lines of the journal, the newest one first.
///
/// # Errors
///
/// Fails if the database can't be reached, if the journal can't be read, or if neither the journal nor
/// the files know the revision of the filter.
pub async fn log(project: &Project, filter: &LogFilter) -> Result<Vec<LogLine>, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let lines = aludel_runtime::log(&connection, &table, filter).await?;
    if lines.is_empty()
        && let Some(start) = &filter.revision
    {
        check_known(project, start)?;
    }
    Ok(lines)
}

/// Fails unless the id of a revision begins so.
fn check_known(project: &Project, start: &str) -> Result<(), Error> {
    let map = project.revisions()?;
    let is_known = map.revisions().any(|revision| revision.id.starts_with(start));
    match is_known {
        true => Ok(()),
        false => Err(ResolveError::Unknown(start.to_owned()).into()),
    }
}

/// Returns the id of a revision, of which `start` is the beginning, and its text when it was last
/// applied.
///
/// # Errors
///
/// Fails if the database can't be reached, if the journal can't be read, or if it has no such text.
pub async fn text_in_journal(project: &Project, start: &str) -> Result<(String, String), Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    let filter = LogFilter { revision: Some(start.to_owned()), ..LogFilter::default() };
    let lines = aludel_runtime::log(&connection, &table, &filter).await?;
    let mut ids: Vec<String> = lines.into_iter().map(|line| line.revision).collect();
    ids.sort();
    ids.dedup();
    let id = match ids.as_slice() {
        [] => return Err(Error::NoText { revision: start.to_owned() }),
        [only] => only.clone(),
        several if several.iter().any(|id| id == start) => start.to_owned(),
        several => {
            let (prefix, candidates) = (start.to_owned(), several.to_vec());
            return Err(ResolveError::Ambiguous { prefix, candidates }.into());
        }
    };
    match aludel_runtime::journal_text(&connection, &table, &id).await? {
        Some(text) => Ok((id, text)),
        None => Err(Error::NoText { revision: id }),
    }
}
