//! Checks of columns that have one value in all rows.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Spelling};
use aludel_driver::{Connection, DriverError};
use aludel_schema::{Column, QualifiedName};

use super::schema::ScratchSchema;
use super::trial::open_memory;

/// A condition and the columns that it reads, each of which has its default.
#[derive(Clone, Copy, Debug)]
pub struct OfDefaults<'a> {
    /// The condition.
    pub check: &'a str,
    /// The columns.
    pub columns: &'a [Column],
}

/// Returns the numbers of the conditions that are not false for the defaults of their columns. One that the
/// server refuses, or whose value may change, is not among them, and none is if the role may not ask.
///
/// # Errors
///
/// Fails if the connection is lost.
pub async fn passed(
    connection: &Connection<'_>,
    dialect: Dialect,
    asked: &[OfDefaults<'_>],
) -> Result<BTreeSet<usize>, DriverError> {
    match dialect.capabilities().spelling {
        _ if asked.is_empty() => Ok(BTreeSet::new()),
        Spelling::AskServer => of_server(connection, dialect, asked).await,
        Spelling::CompareTokens => in_memory(dialect, asked).await,
    }
}

/// Asks by tables in a schema of their own, in a transaction that is rolled back. A generated column has no
/// expression whose value may change.
async fn of_server(
    connection: &Connection<'_>,
    dialect: Dialect,
    asked: &[OfDefaults<'_>],
) -> Result<BTreeSet<usize>, DriverError> {
    let none = BTreeSet::new();
    let Ok(schema) = ScratchSchema::choose(connection, dialect).await? else { return Ok(none) };
    let trials = asked.iter().enumerate().map(|(at, own)| {
        let name = QualifiedName::new(Some(schema.name.clone()), format!("passed_{at}"));
        let name = dialect.quote_name(&name);
        let passed =
            format!("passed boolean GENERATED ALWAYS AS (({}\n) IS NOT FALSE) STORED", own.check);
        let lines = lines(dialect, own.columns).chain([passed]).collect::<Vec<_>>().join(", ");
        let create = dialect.literal(&format!("CREATE TABLE {name} ({lines})"));
        let insert = dialect.literal(&format!("INSERT INTO {name} DEFAULT VALUES"));
        let asks = dialect.literal(&format!("SELECT passed FROM {name}"));
        format!(
            "DECLARE is_passed boolean; BEGIN EXECUTE {create}; EXECUTE {insert}; \
             EXECUTE {asks} INTO is_passed; IF is_passed THEN {} END IF; \
             EXCEPTION WHEN OTHERS THEN NULL; END",
            schema.note(at)
        )
    });
    let trials: Vec<String> = trials.collect();
    Ok(schema.noted(connection, dialect, &trials).await?.unwrap_or_default())
}

async fn in_memory(
    dialect: Dialect,
    asked: &[OfDefaults<'_>],
) -> Result<BTreeSet<usize>, DriverError> {
    let memory = open_memory().await?;
    let mut passed = BTreeSet::new();
    for (at, own) in asked.iter().enumerate() {
        let check = format!("CHECK ({}\n)", own.check);
        let lines = lines(dialect, own.columns).chain([check]).collect::<Vec<_>>().join(", ");
        let created = memory.run(&format!("CREATE TABLE passed_{at} ({lines})")).await;
        if created.is_ok()
            && memory.run(&format!("INSERT INTO passed_{at} DEFAULT VALUES")).await.is_ok()
        {
            passed.insert(at);
        }
    }
    Ok(passed)
}

/// Returns the definitions of columns, with their defaults alone.
fn lines(dialect: Dialect, columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().map(move |column| {
        let default = column.default.as_ref();
        let default = default.map(|text| format!(" DEFAULT {}", text.spelling()));
        let (name, sql_type) = (dialect.quote(&column.name), column.sql_type.written.as_str());
        format!("{name} {sql_type}{}", default.unwrap_or_default())
    })
}
