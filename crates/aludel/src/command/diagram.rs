use std::collections::BTreeSet;

use aludel_driver::OpenMode;
use aludel_schema::{Metadata, QualifiedName};

use crate::databases::OF_MODELS_ALONE;
use crate::diagram::{DiagramFormat, chosen, diagram as drawn};
use crate::difference::reflected;
use crate::error::Error;
use crate::project::Project;

/// The options of a diagram.
#[derive(Clone, Debug)]
pub struct DiagramOptions {
    /// The tables to show with their neighbours; all tables, if it is empty.
    pub tables: Vec<String>,
    /// Shows the database in place of the models.
    pub from_database: bool,
    /// The language of the diagram.
    pub format: DiagramFormat,
}

/// Returns a diagram of the tables of a project.
///
/// # Errors
///
/// Fails if the models can't be read, if the database can't be reached, or if there is no table of
/// a name.
pub async fn diagram(project: &Project, options: &DiagramOptions) -> Result<String, Error> {
    let metadata = if options.from_database {
        let connection = project.connect(OpenMode::Read).await?;
        reflected(&connection, &project.config.version_table).await?.metadata
    } else {
        of_models(project)?
    };
    let mut named = BTreeSet::new();
    for name in &options.tables {
        let name = QualifiedName::parse(name);
        if !metadata.tables.contains_key(&name) {
            let tables = metadata.tables.keys().map(ToString::to_string).collect();
            return Err(Error::NoTable { name: name.to_string(), tables });
        }
        named.insert(name);
    }
    Ok(drawn(&chosen(&metadata, &named), options.format))
}

/// Returns the names of the tables that the models declare.
///
/// # Errors
///
/// Fails if the models can't be read, or if there is no dialect to read them for.
pub fn tables(project: &Project) -> Result<Vec<String>, Error> {
    Ok(of_models(project)?.tables.keys().map(ToString::to_string).collect())
}

fn of_models(project: &Project) -> Result<Metadata, Error> {
    // The first dialect is that of the URL, unless the configuration lists them. No database is asked, so
    // that a URL which is missing or not known is no reason to fail.
    let dialects = match project.dialects() {
        Err(Error::NoUrl | Error::UnknownUrl(_) | Error::Url(_)) => Vec::new(),
        dialects => dialects?,
    };
    let dialect = dialects.first().copied().unwrap_or(OF_MODELS_ALONE);
    let models = project.models()?.metadata(dialect, &project.config.types);
    Ok(models.map_err(Error::Models)?.metadata)
}
