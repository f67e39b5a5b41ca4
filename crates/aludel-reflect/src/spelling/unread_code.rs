//! Code of the database that the server does not read as it is.
//!
//! A function of the database may have been made under another search path, or before something that its code
//! names was dropped. The catalogue says neither, so that the server is given the code a second time.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Spelling};
use aludel_driver::{Connection, DriverError};
use aludel_operations::{Object, Operation};
use aludel_schema::{Belongings, Definition, ObjectId};

use super::schema::ScratchSchema;

/// The setting that has the numbers of the functions that are refused.
const REFUSED: &str = "aludel.refused";

/// Returns the functions among `wanted` whose code the server refuses under the search path of the connection,
/// which is that of a revision. All of them are returned if the role may not ask.
///
/// The functions are made in a schema of their own, in a transaction that is rolled back.
///
/// # Errors
///
/// Fails if the connection is lost.
pub async fn unread_code(
    connection: &Connection<'_>,
    dialect: Dialect,
    wanted: &[&Definition],
) -> Result<BTreeSet<ObjectId>, DriverError> {
    let all = || wanted.iter().map(|own| own.id.clone()).collect();
    if wanted.is_empty() || dialect.capabilities().spelling != Spelling::AskServer {
        return Ok(BTreeSet::new());
    }
    let Ok(schema) = ScratchSchema::choose(connection, dialect).await? else { return Ok(all()) };
    let mut statements = vec!["BEGIN".to_owned()];
    statements.extend(schema.make(dialect));
    statements.push("SET LOCAL check_function_bodies = on".to_owned());
    statements.push(format!("SELECT set_config('{REFUSED}', '', true)"));
    let trials = wanted.iter().enumerate();
    statements.extend(trials.filter_map(|(at, own)| trial(dialect, own, at, &schema)));
    let texts: Vec<&str> = statements.iter().map(String::as_str).collect();
    let asked = match connection.run_all(&texts).await {
        Ok(_) => connection.query(&format!("SELECT current_setting('{REFUSED}') AS refused")).await,
        Err((_, error)) => Err(error),
    };
    connection.run("ROLLBACK").await?;
    let rows = match asked {
        Ok(rows) => rows,
        Err(DriverError::Statement(_)) => return Ok(all()),
        Err(error) => return Err(error),
    };
    let refused = rows.first().map(|row| row.text("refused")).transpose()?.unwrap_or_default();
    let refused: BTreeSet<&str> = refused.split(' ').collect();
    let is_refused = |(at, _): &(usize, &&Definition)| refused.contains(at.to_string().as_str());
    Ok(wanted.iter().enumerate().filter(is_refused).map(|(_, own)| own.id.clone()).collect())
}

/// Returns the statement that makes a function in a schema, and notes its number if the server refuses it.
fn trial(
    dialect: Dialect,
    definition: &Definition,
    at: usize,
    schema: &ScratchSchema,
) -> Option<String> {
    let mut own = Definition { belongings: Belongings::default(), ..definition.clone() };
    own.id.name.schema = Some(schema.name.clone());
    let create = Operation::Create(Object::Definition(Box::new(own)));
    let sql = dialect.steps(&[create]).ok()?.into_iter().flat_map(|step| step.statements).next()?;
    let code = format!(
        "BEGIN EXECUTE {}; EXCEPTION WHEN OTHERS THEN \
         PERFORM set_config('{REFUSED}', current_setting('{REFUSED}') || ' {at}', true); END",
        dialect.literal(&sql)
    );
    Some(format!("DO {}", dialect.literal(&code)))
}
