//! Functions that a plan takes from the database, and whose code the server does not read as it is.

use std::collections::BTreeSet;

use aludel_compare::Plan;
use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_schema::{Definition, Metadata, ObjectId};

/// Creates functions that the database has without a look at their code, if the server refuses it: a function
/// that the way back brings again, or one that is made again and that the server was not asked about because
/// both sides agree.
pub(crate) async fn leave_code_unread(
    connection: &Connection<'_>,
    dialect: Dialect,
    [upgrade, downgrade]: [&mut Plan; 2],
    database: &Metadata,
    target: &Metadata,
) -> Result<(), DriverError> {
    let there = |id: &ObjectId| {
        let has_code = dialect.kind_facts(id.kind).is_some_and(|facts| facts.has_code);
        database.definitions.get(id).filter(|own| has_code && !own.rests_on_path)
    };
    let agrees = |own: &&Definition| {
        target.definitions.get(&own.id).is_some_and(|wanted| wanted.says_the_same(own))
    };
    let (up, down) = (upgrade.written(), downgrade.written());
    let mut wanted: Vec<&Definition> = down.iter().filter_map(there).collect();
    let again = up.iter().filter(|id| !down.contains(*id)).filter_map(there);
    wanted.extend(again.filter(agrees));
    let refused = aludel_reflect::unread_code(connection, dialect, &wanted).await?;
    let is_same = |id: &&ObjectId| there(id).as_ref().is_some_and(agrees);
    let same: BTreeSet<ObjectId> = refused.iter().filter(is_same).cloned().collect();
    upgrade.leave_unread(dialect, &same);
    downgrade.leave_unread(dialect, &refused);
    Ok(())
}
