use aludel_driver::OpenMode;
use aludel_models::rust_source;
use aludel_reflect::Leftover;

use crate::difference::reflected;
use crate::{Error, Project};

/// Models of a database.
#[derive(Clone, Debug)]
pub struct Reflected {
    /// Rust source.
    pub source: String,
    /// What it says: tables, enum types, columns.
    pub tables: usize,
    /// Enum types.
    pub enums: usize,
    /// What the notation can't say, by name.
    pub leftovers: Vec<Leftover>,
}

/// Writes models for what the database holds.
pub async fn reflect(project: &Project) -> Result<Reflected, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    let reflection = reflected(&connection, &project.config.version_table).await?;
    let metadata = reflection.metadata;
    Ok(Reflected {
        source: rust_source(&metadata, project.dialect()?),
        tables: metadata.tables.len(),
        enums: metadata.enums.len(),
        leftovers: reflection.leftovers,
    })
}
