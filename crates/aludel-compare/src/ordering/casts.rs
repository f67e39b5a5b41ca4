//! Casts: the server does not tell who uses one. It tells who uses the function and the types of it.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Kind, ObjectId};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::pair::Pair;

/// Returns the functions that casts have in the database and no longer in the target. Texts that convert by such a
/// cast call the function, and stay the same text with another one.
pub(crate) fn left(world: &World<'_>) -> Vec<ObjectId> {
    let Pair { database, target } = world.pair.map(|side| &side.definitions);
    let casts = database.values().filter(|own| own.id.kind == Kind::Cast);
    let left = casts.flat_map(|cast| {
        let after = target.get(&cast.id).map_or(&[][..], |own| &own.depends_on[..]);
        let called = cast.depends_on.iter().filter(|id| id.kind.is_called());
        called.filter(move |id| !after.contains(id)).cloned()
    });
    left.collect()
}

/// Adds soft edges from the makers of casts to the operations that may use them, and from the conversions of
/// values to the ends of casts, by which the server may convert.
pub(crate) fn edges(
    world: &World<'_>,
    operations: &[Operation],
    graph: &mut Graph,
    needed: impl Fn(&Operation) -> Vec<ObjectId>,
) {
    for (at, operation) in operations.iter().enumerate() {
        let (Operation::Create(Object::Definition(cast))
        | Operation::Drop(Object::Definition(cast))) = operation
        else {
            continue;
        };
        if cast.id.kind != Kind::Cast {
            continue;
        }
        let parts: Vec<&ObjectId> =
            cast.depends_on.iter().filter(|id| id.kind != Kind::Schema).collect();
        let is_new = matches!(operation, Operation::Create(_));
        let is_gone = !is_new && !world.pair.target.definitions.contains_key(&cast.id);
        for (other, user) in operations.iter().enumerate() {
            let is_part = parts.contains(&&user.object()) || user.object().kind == Kind::Cast;
            if is_new && !is_part && needed(user).iter().any(|id| parts.contains(&id)) {
                graph.soft_edge(at, other);
            } else if is_gone && converts(user) {
                graph.soft_edge(other, at);
            }
        }
    }
}

/// Returns true if values get another type by a cast of the server.
fn converts(operation: &Operation) -> bool {
    match operation {
        Operation::Alter(Alter::Column(change)) => {
            change.from.sql_type != change.to.sql_type && change.cast.is_some()
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            replacement.attributes.iter().any(|own| own.cast.is_some())
        }
        Operation::Alter(_)
        | Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => false,
    }
}
