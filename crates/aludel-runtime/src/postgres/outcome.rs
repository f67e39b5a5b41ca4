//! The outcome of a statement outside a transaction, as the catalogue shows it.

use aludel_dialect::{Dialect, Effect};
use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use crate::outcome::Outcome;

use super::server::reindexed;

/// The dialect of this module.
const PG: Dialect = Dialect::Postgres;

/// Looks at the catalogue for the effect of a statement. `known` are the indexes that its table had
/// before.
pub(crate) async fn outcome(
    connection: &Connection<'_>,
    effect: &Effect,
    known: &[String],
) -> Result<Outcome, DriverError> {
    let redo = || Outcome::NotDone { leftovers: Vec::new() };
    Ok(match effect {
        Effect::Unseen => Outcome::Unknown,
        Effect::Repeatable => redo(),
        Effect::Reindexed(reindexed) => reindexed::outcome(connection, reindexed, known).await?,
        Effect::IndexBuilt { index, table } => built(connection, index, table).await?,
        Effect::NamelessIndexBuilt { table } => nameless(connection, table, known).await?,
        Effect::IndexesDropped(names) => {
            for name in names {
                let there = format!("to_regclass({}) IS NOT NULL", literal(name));
                if is_true(connection, &there).await? {
                    return Ok(redo());
                }
            }
            Outcome::Done
        }
        Effect::PartitionDetached { parent, child } => detached(connection, parent, child).await?,
        Effect::Database(name, there) => {
            named(connection, "pg_database WHERE datname", name, *there).await?
        }
        Effect::Tablespace(name, there) => {
            named(connection, "pg_tablespace WHERE spcname", name, *there).await?
        }
        Effect::Subscription(name, there) => {
            let place = "pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database \
                         WHERE datname = current_database()) AND subname";
            named(connection, place, name, *there).await?
        }
    })
}

/// Returns the outcome for an index, which is in the schema of its table. A build that failed
/// leaves an index that is not valid.
async fn built(
    connection: &Connection<'_>,
    index: &str,
    table: &QualifiedName,
) -> Result<Outcome, DriverError> {
    let query = format!(
        "SELECT i.indisvalid AS valid, c.oid::pg_catalog.regclass::text AS name \
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         WHERE i.indrelid = to_regclass({}) AND c.relname = {}",
        literal(table),
        PG.literal(index)
    );
    let rows = connection.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(Outcome::NotDone { leftovers: Vec::new() }) };
    if row.flag("valid")? {
        return Ok(Outcome::Done);
    }
    let leftovers = vec![format!("DROP INDEX CONCURRENTLY {}", row.text("name")?)];
    Ok(Outcome::NotDone { leftovers })
}

/// Returns the outcome for an index whose name the server has chosen: one that the table did not
/// have before.
async fn nameless(
    connection: &Connection<'_>,
    table: &QualifiedName,
    known: &[String],
) -> Result<Outcome, DriverError> {
    let query = format!(
        "SELECT i.indisvalid AS valid, c.oid::pg_catalog.regclass::text AS name, c.relname \
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         WHERE i.indrelid = to_regclass({}) ORDER BY c.oid",
        literal(table)
    );
    let mut leftovers = Vec::new();
    for row in connection.query(&query).await? {
        let name = row.text("relname")?;
        if known.iter().any(|known| known == name) {
            continue;
        }
        if row.flag("valid")? {
            return Ok(Outcome::Done);
        }
        leftovers = vec![format!("DROP INDEX CONCURRENTLY {}", row.text("name")?)];
    }
    Ok(Outcome::NotDone { leftovers })
}

/// Returns the outcome for a partition. A DETACH CONCURRENTLY that was ended between its two
/// transactions leaves a partition whose detachment is pending.
async fn detached(
    connection: &Connection<'_>,
    parent: &QualifiedName,
    child: &QualifiedName,
) -> Result<Outcome, DriverError> {
    let query = format!(
        "SELECT inhdetachpending AS pending FROM pg_catalog.pg_inherits \
         WHERE inhparent = to_regclass({}) AND inhrelid = to_regclass({})",
        literal(parent),
        literal(child)
    );
    let rows = connection.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(Outcome::Done) };
    if !row.flag("pending")? {
        return Ok(Outcome::NotDone { leftovers: Vec::new() });
    }
    let (parent, child) = (PG.quote_name(parent), PG.quote_name(child));
    connection.run(&format!("ALTER TABLE {parent} DETACH PARTITION {child} FINALIZE")).await?;
    Ok(Outcome::Done)
}

async fn named(
    connection: &Connection<'_>,
    place: &str,
    name: &str,
    there: bool,
) -> Result<Outcome, DriverError> {
    let exists = format!("EXISTS (SELECT FROM pg_catalog.{place} = {})", PG.literal(name));
    let is_done = is_true(connection, &exists).await? == there;
    Ok(if is_done { Outcome::Done } else { Outcome::NotDone { leftovers: Vec::new() } })
}

async fn is_true(connection: &Connection<'_>, condition: &str) -> Result<bool, DriverError> {
    let rows = connection.query(&format!("SELECT {condition} AS holds")).await?;
    match rows.first() {
        Some(row) => Ok(row.flag("holds")?),
        None => Ok(false),
    }
}

/// Returns the literal of a quoted name, for `to_regclass`.
fn literal(name: &QualifiedName) -> String {
    PG.literal(&PG.quote_name(name))
}
