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
    let trials = wanted.iter().enumerate();
    let trials: Vec<String> =
        trials.filter_map(|(at, own)| trial(dialect, own, at, &schema)).collect();
    let Some(refused) = schema.noted(connection, dialect, &trials).await? else { return Ok(all()) };
    let refused = refused.iter().filter_map(|at| wanted.get(*at));
    Ok(refused.map(|own| own.id.clone()).collect())
}

/// Returns the code that makes a function in a schema, and notes its number if the server refuses it.
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
    let (sql, note) = (dialect.literal(&sql), schema.note(at));
    Some(format!("BEGIN EXECUTE {sql}; EXCEPTION WHEN OTHERS THEN {note} END"))
}
