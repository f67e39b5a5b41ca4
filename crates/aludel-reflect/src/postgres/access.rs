//! Owners and privileges of the objects that are no definitions.

use aludel_driver::{Row, RowError};
use aludel_schema::{Belongings, Metadata, ObjectId, QualifiedName};

use super::catalog::{Catalog, Scope, with_branches};
use super::definition;
use super::rows::kind;

/// Returns the query for all objects of a scope. A scan of all columns finds the tables that have privileges on
/// columns alone.
pub(super) fn query(scope: &Scope, version: i64, of_columns: bool) -> String {
    let query = with_branches(include_str!("access.sql"), |_| of_columns);
    scope.fill(&query.replace("{belongings}", definition::BELONGINGS.trim_end()), version)
}

/// Reads the belongings of all objects.
pub(super) fn read_all(
    metadata: &mut Metadata,
    rows: &[Row],
    catalog: &Catalog,
) -> Result<(), RowError> {
    for row in rows {
        let kind = kind(row.text("kind")?, "kind")?;
        let schema = catalog.schema(row.optional("namespace")?);
        let id = ObjectId::new(kind, QualifiedName::new(schema, row.text("name")?));
        let id = catalog.findable(id);
        let belongings = definition::belongings(row)?;
        if belongings != Belongings::default() {
            metadata.belongings.insert(id, belongings);
        }
    }
    Ok(())
}
