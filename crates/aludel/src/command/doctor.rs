use aludel_driver::OpenMode;
use aludel_runtime::Finding;
use aludel_schema::Schemas;

use crate::error::Error;
use crate::project::Project;
use crate::sources::sources;

/// The state of a project and its database, as the commands meet them.
#[derive(Debug)]
pub struct Examination {
    /// The number of revision files, or the reason why they can't be read.
    pub revisions: Result<usize, Error>,
    /// The number of tables that the models declare, or the reason why they can't be read.
    pub tables: Result<usize, Error>,
    /// The objects that a comparison would look at, in words, or the reason why the object files can't be read.
    pub compared: Result<String, Error>,
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
        compared: compared(project),
        database: project.migration_url().map(|url| url.to_string()),
        findings: findings(project).await,
    }
}

/// Returns what a comparison would look at.
fn compared(project: &Project) -> Result<String, Error> {
    let config = &project.config;
    let files = sources(&project.root, &config.object_patterns())?.len();
    let objects = match (files, &config.objects) {
        (0, None) => {
            "tables; other objects are left alone while no object file declares any".to_owned()
        }
        (1, _) => "tables and other objects (1 object file)".to_owned(),
        (files, _) => format!("tables and other objects ({files} object files)"),
    };
    let schemas = match &config.scope.schemas {
        Schemas::Named => "the schemas that they name",
        Schemas::All => "all schemas",
        Schemas::Listed(listed) => &listed.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    let ignored = match config.scope.ignore.len() {
        0 => String::new(),
        ignored => format!("; without what `ignore` names ({ignored})"),
    };
    Ok(format!("{objects}; in {schemas}{ignored}"))
}

async fn findings(project: &Project) -> Result<Vec<Finding>, Error> {
    let connection = project.in_role(project.connect_to_migrate(OpenMode::Read).await?);
    let table = project.version_table(project.dialect()?);
    Ok(aludel_runtime::examine(&connection, &table).await?)
}
