//! Definitions that go, and may come again, for their own sake.

use aludel_schema::{Definition, ObjectId};

use crate::change::{Change, change};
use crate::depends::World;
use crate::pair::Pair;
use crate::partitions::bound;

/// Returns true if a definition is dropped, or dropped and made again, for its own sake.
pub(crate) fn is_replaced(world: &World<'_>, database: &Definition) -> bool {
    let Some(facts) = world.dialect.kind_facts(database.id.kind) else { return false };
    match world.pair.target.definitions.get(&database.id) {
        None => true,
        Some(target) => {
            let leaves = bound::changes_tables(world.pair, &database.id);
            would_replace(world, database, target) && !facts.hands_over && !leaves
        }
    }
}

/// Returns the functions, operators and the like that go and come again, for their own sake or with what they rest
/// on. `replaced` are types that are made again.
pub(crate) fn going(world: &World<'_>, replaced: &[ObjectId]) -> Vec<ObjectId> {
    let definitions = || world.pair.database.definitions.values();
    let own = definitions().filter(|own| is_replaced(world, own)).map(|own| own.id.clone());
    let mut found: Vec<ObjectId> = replaced.iter().cloned().chain(own).collect();
    let follows = |own: &Definition, found: &[ObjectId]| {
        let facts = world.dialect.kind_facts(own.id.kind);
        facts.is_some_and(|facts| !facts.is_type && !facts.has_rows)
            && own.depends_on.iter().any(|on| found.contains(on))
            && !found.contains(&own.id)
    };
    while let Some(next) = definitions().find(|own| follows(own, &found)) {
        found.push(next.id.clone());
    }
    found
}

fn would_replace(world: &World<'_>, from: &Definition, to: &Definition) -> bool {
    let facts = world.dialect.kind_facts(to.id.kind);
    facts.is_some_and(|facts| change(world, facts, Pair::new(from, to)) == Change::Replace)
}
