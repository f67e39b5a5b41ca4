//! Tables that hold rows, and how many.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use crate::rows::{COUNTED, RowCount};

/// The query for the tables that are not empty and that the role may read. A table is not empty if its
/// partitions or the tables that inherit from it have rows, because its drop takes them along. The
/// server runs a query for each table and gives its answer as XML, so that one message is enough.
const QUERY: &str = "SELECT n.nspname AS schema, c.relname AS name \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT') \
    AND pg_catalog.query_to_xml(format('SELECT EXISTS (SELECT FROM %I.%I) AS e', n.nspname, c.relname), \
    false, false, '')::text LIKE '%<e>true</e>%' ORDER BY 1, 2";

/// Returns the tables that are not empty. A table that another session has locked for longer than a
/// moment is an error, because nobody knows what is in it.
pub(crate) async fn filled(connection: &Connection<'_>) -> Result<Vec<QualifiedName>, DriverError> {
    connection.run("BEGIN READ ONLY; SET LOCAL lock_timeout = '2s'").await?;
    let rows = connection.query(QUERY).await;
    connection.run("ROLLBACK").await?;
    let rows = rows?;
    let each = rows
        .iter()
        .map(|row| Ok(QualifiedName::new(Some(row.text("schema")?.to_owned()), row.text("name")?)));
    each.collect()
}

/// Counts rows, for a moment at most: a table that another session has locked is not worth a wait.
pub(crate) async fn count(
    connection: &Connection<'_>,
    tables: &[QualifiedName],
) -> Result<BTreeMap<QualifiedName, RowCount>, DriverError> {
    let literals: Vec<String> = tables
        .iter()
        .map(|name| Dialect::Postgres.literal(&Dialect::Postgres.quote_name(name)))
        .collect();
    let query = format!(
        "SELECT t.at::text AS at, c.reltuples::bigint::text AS estimate, \
         substring(pg_catalog.query_to_xml(format('SELECT count(*) AS n FROM (SELECT FROM %s%s LIMIT {}) r', \
         CASE WHEN c.relkind = 'r' THEN 'ONLY ' END, c.oid::regclass), \
         false, false, '')::text FROM '<n>([0-9]+)</n>') AS counted \
         FROM unnest(ARRAY[{}]) WITH ORDINALITY t(name, at) JOIN pg_catalog.pg_class c ON c.oid = to_regclass(t.name) \
         WHERE c.relkind IN ('r', 'p', 'm') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY t.at",
        COUNTED + 1,
        literals.join(", ")
    );
    connection.run(BRIEFLY).await?;
    let rows = connection.query(&query).await;
    connection.run("ROLLBACK").await?;
    let mut found = BTreeMap::new();
    for row in rows? {
        let table = usize::try_from(row.number("at")?).ok().and_then(|at| tables.get(at - 1));
        let counted = u64::try_from(row.number("counted")?).unwrap_or_default();
        let estimate = u64::try_from(row.number("estimate")?).ok();
        found.extend(table.map(|table| (table.clone(), RowCount::of(counted, estimate))));
    }
    Ok(found)
}

const BRIEFLY: &str =
    "BEGIN READ ONLY; SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = '2s'";
