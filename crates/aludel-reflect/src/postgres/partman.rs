//! Partitions that pg_partman makes and drops by itself.

use std::collections::BTreeSet;

use aludel_driver::{Connection, DriverError};
use aludel_schema::{Extension, ObjectId, QualifiedName};

use super::catalog::{Catalog, PG};

/// Returns the partitions of the tables that pg_partman manages; none for a role that may not read
/// its configuration. Only a database with the extension is asked.
pub(super) async fn partitions(
    connection: &Connection<'_>,
    extension: &Extension,
    catalog: &Catalog,
) -> Result<BTreeSet<ObjectId>, DriverError> {
    let config = PG.quote_name(&QualifiedName::new(extension.schema.clone(), "part_config"));
    let literal = PG.literal(&config);
    let may = format!(
        "SELECT coalesce(has_schema_privilege(c.relnamespace, 'usage') AND has_table_privilege(c.oid, 'select'), \
         false) AS may FROM pg_class c WHERE c.oid = to_regclass({literal})"
    );
    let rows = connection.query(&may).await?;
    let Some(row) = rows.first() else { return Ok(BTreeSet::new()) };
    if !row.flag("may")? {
        return Ok(BTreeSet::new());
    }
    let query = include_str!("partman.sql").replace("{config}", &config);
    let mut found = BTreeSet::new();
    for row in connection.query(&query).await? {
        let schema = catalog.schema(row.optional("nspname")?);
        found.insert(ObjectId::table(&QualifiedName::new(schema, row.text("relname")?)));
    }
    Ok(found)
}
