use aludel_driver::OpenMode;
use aludel_runtime::{LogFilter, LogLine};

use crate::error::Error;
use crate::project::Project;

/// Returns lines of the journal, the newest one first.
///
/// # Errors
///
/// Fails if the database can't be reached, or if the journal can't be read.
pub async fn log(project: &Project, filter: &LogFilter) -> Result<Vec<LogLine>, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    Ok(aludel_runtime::log(&connection, &table, filter).await?)
}
