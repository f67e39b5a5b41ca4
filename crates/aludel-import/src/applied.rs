//! The migrations that a tool has applied, as its own table says.

use std::collections::BTreeMap;

use aludel_driver::{Connection, DriverError, Row};

use crate::error::ImportError;
use crate::tool::Tool;
use crate::version::numbers;

/// The migrations that a tool has applied to a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The versions, in the form of [`Tool::key`]. Those of Alembic are heads, and imply the
    /// revisions below them.
    pub versions: Vec<String>,
    /// Everything up to this version counts as applied, because Flyway's books begin there.
    pub baseline: Option<String>,
}

/// How to read what a tool has applied.
#[derive(Clone, Copy, Debug)]
pub struct ReadApplied<'a> {
    /// The tool.
    pub tool: Tool,
    /// The name of its table, for messages.
    pub table: &'a str,
    /// The quoted name of its table.
    pub sql_name: &'a str,
}

impl Applied {
    /// Returns true if a version counts as applied.
    pub fn has(&self, tool: Tool, version: &str) -> bool {
        let key = tool.key(version);
        let below = |baseline: &String| match (numbers(version), numbers(baseline)) {
            (Some(version), Some(baseline)) => version <= baseline,
            (_, _) => false,
        };
        self.versions.contains(&key) || self.baseline.as_ref().is_some_and(below)
    }
}

impl ReadApplied<'_> {
    /// Reads the tool's table.
    ///
    /// # Errors
    ///
    /// Fails if there is no such table, if it can't be read, or if a migration in it has failed or
    /// is half-done.
    pub async fn read(self, connection: &Connection<'_>) -> Result<Applied, ImportError> {
        let (columns, order) = match self.tool {
            Tool::Alembic => ("version_num AS version", "version_num"),
            Tool::Sqlx => ("version, success", "version"),
            Tool::Diesel | Tool::Refinery | Tool::SeaOrm => ("version", "version"),
            Tool::Goose => ("version_id AS version, is_applied", "id"),
            Tool::Flyway => ("version, type, success", "installed_rank"),
        };
        let query = format!("SELECT {columns} FROM {} ORDER BY {order}", self.sql_name);
        let rows = match connection.query(&query).await {
            Ok(rows) => rows,
            Err(error) if is_missing_table(&error) => {
                let table = self.table.to_owned();
                return Err(ImportError::NoTable { tool: self.tool, table });
            }
            Err(error) => return Err(error.into()),
        };
        match self.tool {
            Tool::Alembic | Tool::Diesel | Tool::Refinery | Tool::SeaOrm => self.all(&rows),
            Tool::Sqlx => {
                self.check(&rows)?;
                self.all(&rows)
            }
            Tool::Goose => self.latest(&rows),
            Tool::Flyway => {
                self.check(&rows)?;
                self.flyway(&rows)
            }
        }
    }

    /// Every row is an applied version.
    fn all(self, rows: &[Row]) -> Result<Applied, ImportError> {
        let versions = rows.iter().map(|row| self.key(row));
        Ok(Applied { versions: versions.collect::<Result<_, _>>()?, baseline: None })
    }

    fn key(self, row: &Row) -> Result<String, DriverError> {
        Ok(self.tool.key(row.text("version")?))
    }

    /// Fails if a row says that its migration did not succeed.
    fn check(self, rows: &[Row]) -> Result<(), ImportError> {
        let mut versions = Vec::new();
        for row in rows {
            if !row.flag("success").map_err(DriverError::from)? {
                let version = row.optional("version").map_err(DriverError::from)?;
                versions.push(version.unwrap_or("a repeatable one").to_owned());
            }
        }
        match versions.is_empty() {
            true => Ok(()),
            false => {
                let table = self.table.to_owned();
                Err(ImportError::Failed { tool: self.tool, table, versions })
            }
        }
    }

    /// The last row of a version says whether it is applied. Version 0 is the table itself.
    fn latest(self, rows: &[Row]) -> Result<Applied, ImportError> {
        let mut last: BTreeMap<String, bool> = BTreeMap::new();
        for row in rows {
            last.insert(self.key(row)?, row.flag("is_applied").map_err(DriverError::from)?);
        }
        let applied =
            last.into_iter().filter(|(version, is_applied)| *is_applied && version != "0");
        Ok(Applied { versions: applied.map(|(version, _)| version).collect(), baseline: None })
    }

    /// The rows are events: a migration, its undo, a deletion, or a baseline.
    fn flyway(self, rows: &[Row]) -> Result<Applied, ImportError> {
        let mut applied = Applied::default();
        for row in rows {
            let kind = row.text("type").map_err(DriverError::from)?;
            let Some(version) = row.optional("version").map_err(DriverError::from)? else {
                // The row of a schema that Flyway has created, or of a repeatable migration.
                continue;
            };
            let key = self.tool.key(version);
            applied.versions.retain(|known| *known != key);
            match kind {
                "DELETE" => {}
                kind if kind.starts_with("UNDO") => {}
                "BASELINE" => applied.baseline = Some(key),
                _ => applied.versions.push(key),
            }
        }
        Ok(applied)
    }
}

fn is_missing_table(error: &DriverError) -> bool {
    error.statement().is_some_and(|error| {
        matches!(error.code.as_str(), "42P01" | "3F000")
            || error.message.starts_with("no such table")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_counts_for_what_is_below() {
        let applied = Applied { versions: vec!["10".into()], baseline: Some("2.1".into()) };
        for (version, expected) in
            [("1", true), ("2.0", true), ("2.1", true), ("2.2", false), ("3", false), ("010", true)]
        {
            assert_eq!(applied.has(Tool::Flyway, version), expected, "{version}");
        }
    }
}
