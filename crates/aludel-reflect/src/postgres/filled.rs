//! Tables that hold rows.

use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

/// The query for the tables that are not empty and that the role may read. The server runs a query
/// for each table and gives its answer as XML, so that one message is enough.
const QUERY: &str = "SELECT n.nspname AS schema, c.relname AS name \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT') \
    AND pg_catalog.query_to_xml(format('SELECT EXISTS (SELECT FROM ONLY %I.%I) AS e', n.nspname, c.relname), \
    false, false, '')::text LIKE '%<e>true</e>%' ORDER BY 1, 2";

pub(crate) async fn filled(connection: &Connection<'_>) -> Result<Vec<QualifiedName>, DriverError> {
    let rows = connection.query(QUERY).await?;
    let each = rows
        .iter()
        .map(|row| Ok(QualifiedName::new(Some(row.text("schema")?.to_owned()), row.text("name")?)));
    each.collect()
}
