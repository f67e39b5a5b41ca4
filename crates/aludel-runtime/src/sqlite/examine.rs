//! An examination of a SQLite database.

use std::fs::OpenOptions;
use std::path::Path;

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
    let writable =
        writable(connection.file().as_deref()).and_then(|()| match connection.is_read_only() {
            true => Err("it is opened read-only, as `mode=ro` in the URL says".to_owned()),
            false => Ok(()),
        });
    Ok(vec![
        Finding::fine("library", format!("SQLite {}", row.text("version")?)),
        Finding::fine("file", file),
        Finding::unless(writable.is_ok(), "writable", state(&writable), "nothing can be applied"),
        Finding::fine("journal mode", format!("{}, {}", row.text("mode")?, row.text("encoding")?)),
    ])
}

/// Looks whether the file can be written, and its folder, in which SQLite makes a journal.
fn writable(file: Option<&Path>) -> Result<(), String> {
    let Some(path) = file else { return Ok(()) };
    let folder = path.parent().unwrap_or(Path::new("."));
    let about = std::fs::metadata(folder).map_err(|error| error.to_string())?;
    if about.permissions().readonly() {
        return Err(format!("the folder {} is read-only", folder.display()));
    }
    // Opening for appending changes nothing.
    let opened = OpenOptions::new().append(true).open(path);
    let about = opened.and_then(|file| file.metadata()).map_err(|error| error.to_string())?;
    match about.permissions().readonly() {
        true => Err("the file is read-only".to_owned()),
        false => Ok(()),
    }
}

fn state(writable: &Result<(), String>) -> String {
    match writable {
        Ok(()) => "yes".to_owned(),
        Err(reason) => format!("no: {reason}"),
    }
}
