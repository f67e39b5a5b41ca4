use aludel_driver::OpenMode;
use aludel_runtime::Finding;

use crate::error::Error;
use crate::project::Project;

/// The state of a project and its database, as the commands meet them.
#[derive(Debug)]
pub struct Examination {
    /// The number of revision files, or the reason why they can't be read.
    pub revisions: Result<usize, Error>,
    /// The number of tables that the models declare, or the reason why they can't be read.
    pub tables: Result<usize, Error>,
    /// The URL of the database without its password, or the reason why there is none.
    pub database: Result<String, Error>,
    /// The findings about the database, or the reason why it can't be examined.
    pub findings: Result<Vec<Finding>, Error>,
}

/// Examines a project and its database, and changes neither.
pub async fn doctor(project: &Project) -> Examination {
    Examination {
        revisions: project.revisions().map(|map| map.len()),
        tables: project.models().map(|models| models.table_count()),
        database: project.migration_url().map(|url| url.to_string()),
        findings: findings(project).await,
    }
}

async fn findings(project: &Project) -> Result<Vec<Finding>, Error> {
    let connection = project.connect_to_migrate(OpenMode::Read).await?;
    let table = project.version_table(project.dialect()?);
    Ok(aludel_runtime::examine(&connection, &table).await?)
}
