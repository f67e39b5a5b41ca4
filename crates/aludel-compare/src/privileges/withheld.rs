//! Privileges that default privileges give to an object as soon as it is made, and that it is not to have.
//!
//! An object that is made again has the privileges of before and no others: the server does not know that a role
//! had lost one. So has a new object for which an object file says the privileges. Default privileges depend on the role
//! that runs a plan, and those of all roles count, because to revoke what nobody has does nothing.

use std::collections::BTreeSet;

use aludel_dialect::{given_by_default, privileges};
use aludel_operations::{Alter, Operation};
use aludel_schema::{Belongings, Definition, Kind, ObjectId};

use crate::depends::World;

/// Returns the operations that take from the objects in `made` what default privileges have given them, and give
/// all roles what those have withheld.
pub(crate) fn operations(world: &World<'_>, made: &BTreeSet<ObjectId>) -> Vec<Operation> {
    let sides = [world.pair.database, world.pair.target];
    let defaults = sides.iter().flat_map(|side| side.definitions.values());
    let defaults = defaults.filter(|own| own.id.kind == Kind::DefaultPrivileges);
    let defaults: Vec<&Definition> = defaults.collect();
    if defaults.is_empty() {
        return Vec::new();
    }
    made.iter().filter_map(|id| taken_back(world, id, &defaults)).collect()
}

fn taken_back(world: &World<'_>, id: &ObjectId, defaults: &[&Definition]) -> Option<Operation> {
    let (database, target) = (world.pair.database, world.pair.target);
    let to = target.belongings_of(id).cloned().unwrap_or_default();
    if !database.contains(id) && to.grants.is_empty() {
        return None;
    }
    let known = privileges(id.kind, database.has_maintain);
    let schema = id.name.schema.as_deref().or(database.default_schema.as_deref());
    let schema = schema.or(target.default_schema.as_deref());
    let mut from = Belongings { owner: to.owner.clone(), ..to.clone() };
    for default in defaults {
        let given = given_by_default(default, id.kind, schema, world.dialect);
        let extra = given.grants.into_iter().filter(|grant| {
            let is_known = known.contains(&grant.privilege.as_str());
            let is_owner = grant.role.is_some() && grant.role == to.owner;
            is_known && !is_owner && !to.grants.iter().any(|own| own.is_same_right(grant))
        });
        let extra: Vec<_> = extra.collect();
        from.grants.extend(extra);
        from.revoked_from_public |= given.revoked_from_public;
    }
    from.grants.sort();
    from.grants.dedup();
    let mut sorted = to.clone();
    sorted.grants.sort();
    let access =
        || Alter::Access { on: id.clone(), from: Box::new(from.clone()), to: Box::new(to) };
    (from != sorted).then(|| Operation::Alter(access()))
}
