//! Comments on schemas, extensions and sequences, and on columns of partitions.

use std::collections::BTreeSet;

use aludel_operations::{Object, Operation};
use aludel_schema::{Kind, Metadata, ObjectId};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::pair::Pair;

/// The comment that the server gives the schema `public` of a new database.
const OF_PUBLIC: &str = "standard public schema";

/// Compares the comments on what the target has.
pub(crate) fn compare(pair: Pair<&Metadata>) -> Vec<Operation> {
    let ids: BTreeSet<&ObjectId> =
        pair.database.comments.keys().chain(pair.target.comments.keys()).collect();
    let differs = |id: &&ObjectId| {
        pair.database.comments.get(id) != pair.target.comments.get(id)
            && pair.target.has_commented(id)
            && !pair.target.leaves_alone(id)
    };
    let comment = |id: &ObjectId| {
        let usual = (id.kind == Kind::Schema && id.name.name == "public").then_some(OF_PUBLIC);
        let comment = pair.target.comments.get(id).map(String::as_str).or(usual);
        Operation::Comment { on: id.clone(), comment: comment.map(str::to_owned) }
    };
    ids.into_iter().filter(differs).map(comment).collect()
}

/// Returns the comments on columns that partitions get anew with their table. `operations` are those on all
/// other objects.
pub(crate) fn on_columns_below(world: &World<'_>, operations: &[Operation]) -> Vec<Operation> {
    let commented: BTreeSet<ObjectId> = operations
        .iter()
        .filter(|operation| matches!(operation, Operation::Comment { .. }))
        .map(Operation::object)
        .collect();
    let made = operations.iter().filter_map(|operation| match operation {
        Operation::Create(object @ Object::Column { .. }) => Some(object.id()),
        _ => None,
    });
    let below = made.flat_map(|id| world.with_heirs(vec![id]).into_iter().skip(1));
    let comment = |on: ObjectId| {
        let partition = ObjectId::new(Kind::Partition, on.table.clone()?);
        world.pair.database.definitions.get(&partition)?;
        let own = world.pair.target.definitions.get(&partition)?;
        let comment = own.column_comments.get(&on.name.name)?.clone();
        let is_new = !commented.contains(&on);
        is_new.then_some(Operation::Comment { on, comment: Some(comment) })
    };
    below.filter_map(comment).collect()
}

/// Reports comments on what the target does not have.
pub(crate) fn impossible(target: &Metadata) -> Vec<Impossible> {
    let lost = target.comments.keys().filter(|id| !target.has_commented(id));
    let reason = "an object file comments on it, and nothing declares it";
    lost.map(|id| Impossible { object: id.clone(), reason: reason.to_owned() }).collect()
}
