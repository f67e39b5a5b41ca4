//! Indexes of partitions that become parts of new indexes of their tables.
//!
//! CREATE INDEX takes an index over that a partition has already and that says the same. To drop it before would only
//! have it built again.

use std::collections::BTreeSet;

use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Index, Kind, QualifiedName};

use crate::depends::World;
use crate::names::name::{self, Name};
use crate::partitions::bound::{self, part};
use crate::partitions::joining::{ROLES, words};
use crate::tables::index;

/// Takes the drops of such indexes out of a plan.
pub(crate) fn keep(world: &World<'_>, operations: &mut Vec<Operation>) {
    let is_new =
        |operation: &Operation| matches!(operation, Operation::Create(Object::Index { .. }));
    if !operations.iter().any(is_new) {
        return;
    }
    let taken: BTreeSet<Name> =
        operations.iter().flat_map(|operation| name::takes(world, operation)).collect();
    // One index takes over one of each partition.
    let mut done: BTreeSet<(QualifiedName, QualifiedName)> = BTreeSet::new();
    let mut kept = BTreeSet::new();
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Drop(Object::Definition(own)) = operation else { continue };
        let is_free = !taken.contains(&Name::InSchema(own.id.name.clone()));
        let Some(table) = own.id.table.as_ref().filter(|_| is_free && goes(world, own)) else {
            continue;
        };
        let new = operations.iter().filter_map(|operation| match operation {
            Operation::Create(Object::Index { table: above, index }) => Some((above, &**index)),
            _ => None,
        });
        let mut takers = new.filter(|(above, index)| {
            is_below(world, table, above) && says(world, own, table, index)
        });
        if let Some((_, index)) = takers.next()
            && done.insert((table.sibling(index.name.as_str()), table.clone()))
        {
            kept.insert(at);
        }
    }
    let mut at = 0..;
    operations.retain(|_| at.next().is_none_or(|at| !kept.contains(&at)));
}

/// Returns true for an index that ends and has no part in its whole table, and has no like among those that stay.
fn goes(world: &World<'_>, own: &Definition) -> bool {
    let target = &world.pair.target.definitions;
    let is_plain = |own: &Definition| {
        own.comment.is_none() && !own.clauses.iter().any(|own| ROLES.contains(&own.word.as_str()))
    };
    let is_like_it = |other: &Definition| {
        let named = Definition { id: own.id.clone(), ..other.clone() };
        other.id.table == own.id.table && named.says_the_same(own)
    };
    own.id.kind == Kind::Index
        && is_plain(own)
        && !target.contains_key(&own.id)
        && !target.values().any(is_like_it)
}

/// Returns true for a partition that stays in its place below a table.
fn is_below(world: &World<'_>, partition: &QualifiedName, table: &QualifiedName) -> bool {
    let own = world.pair.map(|side| side.definitions.get(&part(partition)));
    let (Some(before), Some(after)) = (own.database, own.target) else { return false };
    let stays = bound::parent(before, world.dialect) == bound::parent(after, world.dialect)
        && bound::bound(before) == bound::bound(after);
    let [old, new] = [(world.pair.database, before), (world.pair.target, after)]
        .map(|(side, own)| bound::above(side, own, world.dialect));
    stays && old == new && new.contains(&table)
}

/// Returns true if an index of a partition says what one of its table does.
fn says(world: &World<'_>, own: &Definition, partition: &QualifiedName, above: &Index) -> bool {
    let named = Index { name: own.id.name.name.clone(), comment: None, ..above.clone() };
    let create = index::create(partition, &named).into_iter().next();
    let own = words(world.dialect, &Operation::Create(Object::Definition(Box::new(own.clone()))));
    own.is_some() && create.and_then(|create| words(world.dialect, &create)) == own
}
