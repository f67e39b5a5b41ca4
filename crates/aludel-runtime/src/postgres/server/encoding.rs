//! Texts that the encoding of a database can't hold.

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};

/// Returns true if a database with this encoding takes every text as it is.
pub(crate) fn holds_all(encoding: &str) -> bool {
    matches!(encoding, "UTF8" | "SQL_ASCII")
}

/// Returns the first line of a text that the encoding of the database can't hold, counted from 1, and
/// the words of the server.
pub(crate) async fn unheld(
    connection: &Connection<'_>,
    text: &str,
) -> Result<Option<(usize, String)>, DriverError> {
    if text.is_ascii() || refusal(connection, text).await?.is_none() {
        return Ok(None);
    }
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_ascii()) {
        if let Some(words) = refusal(connection, line).await? {
            return Ok(Some((at + 1, words)));
        }
    }
    Ok(None)
}

/// Returns the words in which the server refuses to read a text, because its encoding lacks a character.
async fn refusal(connection: &Connection<'_>, text: &str) -> Result<Option<String>, DriverError> {
    /// `untranslatable_character`.
    const UNTRANSLATABLE: &str = "22P05";
    let literal = Dialect::Postgres.literal(text);
    match connection.query(&format!("SELECT pg_catalog.octet_length({literal})")).await {
        Ok(_) => Ok(None),
        Err(DriverError::Statement(error)) if error.code == UNTRANSLATABLE => {
            Ok(Some(error.message))
        }
        Err(error) => Err(error),
    }
}
