//! Reading a history, whatever its tool.

use std::collections::BTreeMap;
use std::path::Path;

use aludel_dialect::Dialect;

use crate::error::ImportError;
use crate::history::History;
use crate::tool::Tool;
use crate::{alembic, diesel, flyway, goose, refinery, sea_orm, sqlx};

/// How a history is read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The dialect of the SQL.
    pub dialect: Dialect,
    /// The Python in which Alembic is installed.
    pub python: String,
    /// The values of Flyway's placeholders.
    pub placeholders: BTreeMap<String, String>,
}

/// Reads the history of a tool. `path` is its folder of migrations; for Alembic, the folder of
/// `alembic.ini` or the file itself.
///
/// # Errors
///
/// Fails if a file can't be read, if a migration can't become a revision, or if there is none.
/// Problems of files are collected.
pub fn read(tool: Tool, path: &Path, options: &ReadOptions) -> Result<History, ImportError> {
    let dialect = options.dialect;
    let history = match tool {
        Tool::Alembic => alembic::read(path, dialect, &options.python)?,
        Tool::Sqlx => sqlx::read(path, dialect)?,
        Tool::Diesel => diesel::read(path, dialect)?,
        Tool::Refinery => refinery::read(path, dialect)?,
        Tool::SeaOrm => sea_orm::read(path, dialect)?,
        Tool::Goose => goose::read(path, dialect)?,
        Tool::Flyway => flyway::read(path, dialect, &options.placeholders)?,
    };
    if history.revisions.is_empty() {
        let (path, expected) = (path.to_owned(), expected(tool));
        return Err(ImportError::Empty { tool, path, expected });
    }
    Ok(history)
}

/// Returns the form of a tool's migrations.
fn expected(tool: Tool) -> &'static str {
    match tool {
        Tool::Alembic => "alembic.ini or pyproject.toml, and versions/*.py",
        Tool::Sqlx => "VERSION_NAME.sql, or VERSION_NAME.up.sql and .down.sql",
        Tool::Diesel => "VERSION_NAME/up.sql and down.sql",
        Tool::Refinery => "V1__NAME.sql",
        Tool::SeaOrm => "src/mYYYYMMDD_HHMMSS_NAME.rs",
        Tool::Goose => "VERSION_NAME.sql with `-- +goose Up`",
        Tool::Flyway => "V1__NAME.sql",
    }
}
