//! Trials of statements, each of which notes its number.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};

use super::schema::ScratchSchema;
use crate::array;

/// The setting that has the numbers.
const NOTED: &str = "aludel.noted";

impl ScratchSchema {
    /// Returns the statement in code that notes a number.
    pub(super) fn note(&self, number: usize) -> String {
        format!("PERFORM set_config('{NOTED}', current_setting('{NOTED}') || ' {number}', true);")
    }

    /// Runs blocks of code with the schema, in a transaction that is rolled back, and returns the numbers that they
    /// note; `None` if the server refuses it all.
    pub(super) async fn noted(
        &self,
        connection: &Connection<'_>,
        dialect: Dialect,
        blocks: &[String],
    ) -> Result<Option<BTreeSet<usize>>, DriverError> {
        let mut statements = vec!["BEGIN".to_owned()];
        statements.extend(self.make(dialect));
        statements.push("SET LOCAL check_function_bodies = on".to_owned());
        statements.push(format!("SELECT set_config('{NOTED}', '', true)"));
        statements.extend(blocks.iter().map(|code| format!("DO {}", dialect.literal(code))));
        let texts: Vec<&str> = statements.iter().map(String::as_str).collect();
        let asked = match connection.run_all(&texts).await {
            Ok(_) => connection.query(&format!("SELECT current_setting('{NOTED}') AS noted")).await,
            Err((_, error)) => Err(error),
        };
        connection.run("ROLLBACK").await?;
        let rows = match asked {
            Ok(rows) => rows,
            Err(DriverError::Statement(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let noted = rows.first().map(|row| row.text("noted")).transpose()?.unwrap_or_default();
        let numbers = noted.split_whitespace().map(str::parse);
        let numbers = numbers.collect::<Result<_, _>>();
        Ok(Some(numbers.map_err(|_| array::error("noted", "expected numbers"))?))
    }
}
