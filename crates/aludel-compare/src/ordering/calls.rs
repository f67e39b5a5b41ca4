//! Calls by name: a call of `f(1)` means one of all the functions of that name, so that each of them has
//! to be as it shall be before a text that calls one is written.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Object, Operation};
use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::pair::Pair;

/// The name and the sort that all objects share which one call may mean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    is_operator: bool,
    name: QualifiedName,
}

fn call(id: &ObjectId) -> Option<Call> {
    let call = || Call { is_operator: id.kind == Kind::Operator, name: id.name.clone() };
    id.kind.is_called().then(call)
}

/// Returns true if the operation drops one of the objects that a call may mean.
pub(crate) fn drops_one(operation: &Operation) -> bool {
    matches!(operation, Operation::Drop(Object::Definition(own)) if call(&own.id).is_some())
}

/// Returns true if a function goes, and with it one that it calls. What calls it has to be gone before
/// others of these names come.
pub(crate) fn goes_in_turn(world: &World<'_>, id: &ObjectId) -> bool {
    let Pair { database, target } = world.pair.map(|side| &side.definitions);
    let goes = |id: &ObjectId| database.contains_key(id) && !target.contains_key(id);
    let below = || database.get(id).map_or(&[][..], |own| &own.depends_on[..]).iter();
    goes(id) && below().any(|id| call(id).is_some() && goes(id))
}

/// Adds edges from the ends and the beginnings of functions, aggregates and operators to the operations
/// that need another one of the same name: with both of them the call could be ambiguous, or mean
/// the one that goes.
pub(crate) fn edges(
    world: &World<'_>,
    operations: &[Operation],
    graph: &mut Graph,
    needed: impl Fn(&Operation) -> Vec<ObjectId>,
    given_up: impl Fn(&Operation) -> Vec<ObjectId>,
) {
    let mut changes: BTreeMap<Call, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let is_new = matches!(operation, Operation::Create(Object::Definition(_)));
        if is_new || drops_one(operation) {
            let call = call(&operation.object());
            call.into_iter().for_each(|call| changes.entry(call).or_default().push(at));
        }
    }
    // A call of new objects alone names the one that it needs.
    let there = world.pair.database.definitions.keys().filter_map(call);
    let there: BTreeSet<Call> = there.collect();
    changes.retain(|call, _| there.contains(call));
    if changes.is_empty() {
        return;
    }
    for (at, operation) in operations.iter().enumerate() {
        let own = operation.object();
        let calls = needed(operation).into_iter().filter(|id| *id != own);
        let calls: Vec<Call> = calls.filter_map(|id| call(&id)).collect();
        if calls.is_empty() {
            continue;
        }
        // What a change of an object releases goes after it.
        let released = given_up(operation);
        for change in calls.iter().filter_map(|call| changes.get(call)).flatten() {
            if !released.contains(&operations[*change].object()) {
                graph.edge(*change, at);
            }
        }
    }
}
