//! An examination of a SQLite database.

use aludel_driver::{Connection, DriverError};

use crate::finding::Finding;

pub(crate) async fn examine(connection: &Connection<'_>) -> Result<Vec<Finding>, DriverError> {
    let query = "SELECT sqlite_version() AS version, (SELECT journal_mode FROM pragma_journal_mode) AS mode, \
                 (SELECT encoding FROM pragma_encoding) AS encoding";
    let rows = connection.query(query).await?;
    let Some(row) = rows.first() else { return Ok(Vec::new()) };
    let file = connection.file().map_or_else(
        || "not there: it is read as an empty database".to_owned(),
        |path| path.display().to_string(),
    );
    Ok(vec![
        Finding::fine("library", format!("SQLite {}", row.text("version")?)),
        Finding::fine("file", file),
        Finding::fine("journal mode", format!("{}, {}", row.text("mode")?, row.text("encoding")?)),
    ])
}
