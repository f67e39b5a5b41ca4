//! Tables that hold rows, and how many.

use std::collections::BTreeMap;

use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use super::SQLITE;
use crate::rows::{COUNTED, RowCount};

pub(crate) async fn filled(connection: &Connection<'_>) -> Result<Vec<QualifiedName>, DriverError> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name";
    let mut filled = Vec::new();
    for row in connection.query(names).await? {
        let name = row.text("name")?;
        let query = format!("SELECT EXISTS (SELECT 1 FROM {}) AS filled", SQLITE.quote(name));
        let answer = connection.query(&query).await?;
        let Some(first) = answer.first() else { continue };
        if first.flag("filled")? {
            filled.push(QualifiedName::unqualified(name));
        }
    }
    Ok(filled)
}

/// Counts rows. There is no estimate.
pub(crate) async fn count(
    connection: &Connection<'_>,
    tables: &[QualifiedName],
) -> Result<BTreeMap<QualifiedName, RowCount>, DriverError> {
    let mut found = BTreeMap::new();
    for table in tables {
        let name = SQLITE.quote_name(table);
        let limit = COUNTED + 1;
        let query = format!("SELECT count(*) AS n FROM (SELECT 1 FROM {name} LIMIT {limit})");
        let answer = connection.query(&query).await?;
        let Some(first) = answer.first() else { continue };
        let counted = u64::try_from(first.number("n")?).unwrap_or_default();
        found.insert(table.clone(), RowCount::of(counted, None));
    }
    Ok(found)
}
