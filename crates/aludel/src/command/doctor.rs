use std::sync::Arc;

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};
use aludel_runtime::{Finding, Identity};
use aludel_schema::Schemas;

use super::gaps::{Gap, gaps_of};
use super::status::status;
use crate::databases::{StandIn, named};
use crate::error::Error;
use crate::project::Project;
use crate::server::is_missing;
use crate::sources::sources;

/// The state of a project and its databases, as the commands meet them.
#[derive(Debug)]
pub struct Examination {
    /// The revision files, or the reason why they can't be read.
    pub revisions: Result<ExaminedRevisions, Error>,
    /// The models and object files, or the reason why they can't be read for every dialect of the project.
    pub models: Result<ExaminedModels, Error>,
    /// The URL for commands that read, without its password, or the reason why there is none. One that is
    /// only for them has given a connection.
    pub database: Result<String, Error>,
    /// The URL for commands that change the database, without its password, or the reason why it can't be
    /// read; `None` if there is one URL for all.
    pub migrated: Option<Result<String, Error>>,
    /// The findings about the database as commands meet it that change it, or the reason why it can't be
    /// examined; `None` without a URL.
    pub findings: Option<Result<Vec<Finding>, Error>>,
    /// The obstacles of an upgrade; `None` if the database can't be examined, or the revisions can't be
    /// read or have gaps.
    pub upgrade: Option<Result<ExaminedUpgrade, Error>>,
    /// The other dialects of the project.
    pub others: Vec<ExaminedDialect>,
}

/// The obstacles of an upgrade.
#[derive(Debug)]
pub struct ExaminedUpgrade {
    /// The reason why it would be refused before it runs anything.
    pub refused: Option<Arc<Error>>,
    /// The ids of applied revisions whose files have changed since they were applied.
    pub edited: Vec<String>,
}

/// The revision files of a project.
#[derive(Debug)]
pub struct ExaminedRevisions {
    /// The number of files.
    pub count: usize,
    /// The sections that somebody has to write.
    pub gaps: Vec<Gap>,
}

/// The models of a project.
#[derive(Debug)]
pub struct ExaminedModels {
    /// The number of tables that the models declare.
    pub tables: usize,
    /// The objects that a comparison looks at, in words.
    pub compared: String,
}

/// A dialect of a project that is not the dialect of its database.
#[derive(Debug)]
pub struct ExaminedDialect {
    /// The name in the configuration.
    pub name: String,
    /// The database that models are compared with, in words, or the reason why there is none.
    pub found: Result<String, Error>,
}

/// Examines a project and its databases, and changes none of them. `identity` is that of
/// [`status`](super::status).
pub async fn doctor(project: &Project, identity: Identity) -> Examination {
    let database = project.database_url();
    let migrated = match project.migration_url {
        Some(_) if project.unknown_url.is_none() => Some(project.migration_url()),
        _ => None,
    };
    // An error of the URL is told once.
    let findings = match migrated.as_ref().unwrap_or(&database) {
        Ok(_) => Some(findings(project).await),
        Err(_) => None,
    };
    let mut others = Vec::new();
    for name in &project.config.database.dialects {
        others.extend(other(project, name).await);
    }
    let database = match database {
        // The other URL is examined, and this one has to work too.
        Ok(url) if migrated.is_some() => match project.connect(OpenMode::Read).await {
            Ok(_) => Ok(url),
            Err(error) => Err(error),
        },
        database => database,
    };
    let revisions = revisions(project);
    let is_whole = revisions.as_ref().is_ok_and(|revisions| revisions.gaps.is_empty());
    let upgrade = match (&findings, &database) {
        (Some(Ok(_)), Ok(_)) if is_whole => Some(upgrade(project, identity).await),
        _ => None,
    };
    let shown = |url: DatabaseUrl| url.to_string();
    Examination {
        revisions,
        models: models(project),
        database: database.map(shown),
        migrated: migrated.map(|url| url.map(shown)),
        findings,
        upgrade,
        others,
    }
}

async fn upgrade(project: &Project, identity: Identity) -> Result<ExaminedUpgrade, Error> {
    let status = status(project, identity).await?;
    Ok(ExaminedUpgrade { refused: status.refused, edited: status.edited })
}

fn revisions(project: &Project) -> Result<ExaminedRevisions, Error> {
    let map = project.revisions()?;
    Ok(ExaminedRevisions { count: map.len(), gaps: gaps_of(project, &map)? })
}

/// Reads the models as a comparison does. A dialect that is not known is told elsewhere.
fn models(project: &Project) -> Result<ExaminedModels, Error> {
    let models = project.models()?;
    let tables = models.table_count();
    for dialect in project.dialects().unwrap_or_default() {
        models.clone().metadata(dialect, &project.config.types).map_err(Error::Models)?;
    }
    Ok(ExaminedModels { tables, compared: compared(project)? })
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

/// Examines a dialect of the configuration; `None` for one that may be that of the project's own database.
async fn other(project: &Project, name: &str) -> Option<ExaminedDialect> {
    let found = match named(name) {
        Ok(dialect) if project.dialect().is_ok_and(|own| own != dialect) => {
            stand_in(project, dialect).await
        }
        Ok(_) => return None,
        Err(error) => Err(error),
    };
    Some(ExaminedDialect { name: name.to_owned(), found })
}

/// Returns what a dialect is compared with that has no database of the project's own.
async fn stand_in(project: &Project, dialect: Dialect) -> Result<String, Error> {
    let url = match StandIn::of(&project.config.database, dialect) {
        StandIn::Url(url) => DatabaseUrl::parse(url, &project.root)?,
        StandIn::Replay => return Ok("the revisions, replayed in memory".to_owned()),
        StandIn::None => return Err(Error::NoDatabaseFor { dialect: dialect.name() }),
    };
    let failed = |source: DriverError| Error::StandIn { dialect: dialect.name(), source };
    match Connection::open(&url, OpenMode::Read).await {
        Ok(_) => Ok(url.to_string()),
        Err(error) if is_missing(&error) => Ok(format!(
            "the revisions, replayed in a new database of the server, because {url} is not there"
        )),
        Err(error) => Err(failed(error)),
    }
}
