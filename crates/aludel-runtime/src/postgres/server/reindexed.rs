//! The invalid indexes that a REINDEX CONCURRENTLY leaves when it is killed or fails.
//!
//! The server builds a new index beside each old one. It names the new one with `_ccnew`, and
//! renames the old one with `_ccold` before it drops it. Both are invalid while they have that name.

use aludel_dialect::{Dialect, Reindexed};
use aludel_driver::{Connection, DriverError};
use aludel_schema::QualifiedName;

use crate::outcome::Outcome;

/// The dialect of this module.
const PG: Dialect = Dialect::Postgres;

/// Returns the query for the names, with their schemas, of the invalid indexes there are before the
/// statement runs, as a JSON array. They are somebody else's.
pub(crate) fn known(reindexed: &Reindexed) -> String {
    format!("SELECT coalesce(pg_catalog.json_agg(name), '[]') FROM ({}) i", invalid(reindexed))
}

/// Returns the outcome: the statement can be executed again when the invalid indexes that were not
/// `known` before are gone.
pub(crate) async fn outcome(
    connection: &Connection<'_>,
    reindexed: &Reindexed,
    known: &[String],
) -> Result<Outcome, DriverError> {
    let mut leftovers = Vec::new();
    for row in connection.query(&invalid(reindexed)).await? {
        if !known.iter().any(|known| row.text("name") == Ok(known)) {
            leftovers.push(format!("DROP INDEX CONCURRENTLY {}", row.text("quoted")?));
        }
    }
    Ok(Outcome::NotDone { leftovers })
}

fn invalid(reindexed: &Reindexed) -> String {
    format!(
        "SELECT n.nspname || '.' || c.relname AS name, pg_catalog.format('%I.%I', n.nspname, c.relname) AS quoted \
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> 'pg_toast' AND {} \
         ORDER BY 1",
        scope(reindexed)
    )
}

/// Returns the condition for the indexes of the statement. A partitioned table or index stands for
/// its partitions.
fn scope(reindexed: &Reindexed) -> String {
    let of = |name: &QualifiedName| format!("to_regclass({})", PG.literal(&PG.quote_name(name)));
    match reindexed {
        Reindexed::Index(name) => format!(
            "i.indrelid IN (SELECT o.indrelid FROM pg_catalog.pg_index o WHERE o.indexrelid = {0} OR o.indexrelid IN \
             (SELECT relid FROM pg_catalog.pg_partition_tree({0})))",
            of(name)
        ),
        Reindexed::Table(name) => format!(
            "(i.indrelid = {0} OR i.indrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree({0})))",
            of(name)
        ),
        Reindexed::Schema(name) => format!("n.nspname = {}", PG.literal(name)),
        Reindexed::Database => "true".to_owned(),
    }
}
