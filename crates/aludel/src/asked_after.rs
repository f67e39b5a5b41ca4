//! Questions about a plan, to which only the server has answers: whether it reads the code of functions that come
//! from the database as it is, and whether the defaults of new columns pass their checks.

use std::collections::BTreeSet;

use aludel_compare::Plan;
use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_reflect::OfDefaults;
use aludel_schema::{Definition, Metadata, ObjectId};

/// Asks about the plans of both ways, and says in them what follows.
pub(crate) async fn ask_about(
    connection: &Connection<'_>,
    dialect: Dialect,
    [upgrade, downgrade]: [&mut Plan; 2],
    database: &Metadata,
    target: &Metadata,
) -> Result<(), DriverError> {
    take_passed(connection, dialect, upgrade).await?;
    take_passed(connection, dialect, downgrade).await?;
    leave_code_unread(connection, dialect, [upgrade, downgrade], database, target).await
}

/// Creates functions that the database has without a look at their code, if the server refuses it: a function
/// that the way back brings again, or one that is made again and that the server was not asked about because
/// both sides agree.
async fn leave_code_unread(
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

/// Takes away what a plan says of rows that pass by the defaults of new columns.
async fn take_passed(
    connection: &Connection<'_>,
    dialect: Dialect,
    plan: &mut Plan,
) -> Result<(), DriverError> {
    let asked = plan.first_values.iter();
    let asked = asked.map(|own| OfDefaults { check: &own.check, columns: &own.columns });
    let asked: Vec<OfDefaults<'_>> = asked.collect();
    let passed = aludel_reflect::passed(connection, dialect, &asked).await?;
    let passed = passed.iter().filter_map(|at| plan.first_values.get(*at));
    let passed: BTreeSet<ObjectId> = passed.map(|own| own.constraint.clone()).collect();
    plan.take_passed(&passed);
    Ok(())
}
