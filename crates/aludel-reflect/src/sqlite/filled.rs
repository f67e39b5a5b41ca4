//! Tables that hold rows.

use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use super::SQLITE;

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
