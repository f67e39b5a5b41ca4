//! Version tables that a connection does not reach.

use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use crate::version_table::VersionTable;

/// Tables with the name of the version table, none of which a connection reaches by this name alone. Each
/// of several tenants may have one, and so may the project itself, if another role has made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The name of the version table, without a schema.
    pub table: String,
    /// The schemas that have a table of this name, sorted.
    pub schemas: Vec<String>,
    /// The search path of the connection.
    pub search_path: String,
}

impl VersionTable {
    /// Looks for tables of this name in the schemas outside of the search path, after the table was not
    /// found. Returns `None` if there are none, or if the name includes a schema.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses the query or the connection is lost.
    pub async fn elsewhere(
        &self,
        connection: &Connection<'_>,
    ) -> Result<Option<Elsewhere>, DriverError> {
        if !self.dialect.capabilities().schemas || self.has_schema() {
            return Ok(None);
        }
        let table = QualifiedName::parse(&self.name).name;
        let query = format!(
            "SELECT n.nspname AS schema, pg_catalog.current_setting('search_path') AS search_path \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relname = {} AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' ORDER BY 1",
            self.dialect.literal(&table)
        );
        let rows = connection.query(&query).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let search_path = first.text("search_path")?.to_owned();
        let schemas = rows.iter().map(|row| Ok(row.text("schema")?.to_owned()));
        let schemas = schemas.collect::<Result<_, DriverError>>()?;
        Ok(Some(Elsewhere { table, schemas, search_path }))
    }
}
