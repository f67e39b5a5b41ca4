//! Comments on schemas, extensions and sequences, and on columns and checks of partitions.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Kind, Metadata, ObjectId};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::partitions::bound;

/// The comment that the server gives the schema `public` of a new database.
const OF_PUBLIC: &str = "standard public schema";

/// Compares the comments on what the target has.
pub(crate) fn compare(world: &World<'_>) -> Vec<Operation> {
    let pair = world.pair;
    let ids: BTreeSet<&ObjectId> =
        pair.database.comments.keys().chain(pair.target.comments.keys()).collect();
    let differs = |id: &&ObjectId| {
        pair.database.comments.get(id) != pair.target.comments.get(id)
            && has_commented(world, id)
            && !pair.target.leaves_alone(id)
    };
    let comment = |id: &ObjectId| {
        let usual = (id.kind == Kind::Schema && id.name.name == "public").then_some(OF_PUBLIC);
        let comment = pair.target.comments.get(id).map(String::as_str).or(usual);
        Operation::Comment { on: id.clone(), comment: comment.map(str::to_owned) }
    };
    ids.into_iter().filter(differs).map(comment).collect()
}

/// Returns true if the target has what a comment is about. A partition has the checks of those above it.
fn has_commented(world: &World<'_>, id: &ObjectId) -> bool {
    let side = world.pair.target;
    let Some(table) = id.table.as_ref().filter(|_| id.kind == Kind::Constraint) else {
        return side.has_commented(id);
    };
    let Some(partition) = side.definitions.get(&bound::part(table)) else { return false };
    bound::above(side, partition, world.dialect).into_iter().any(|above| {
        let of_table = side.tables.get(above).into_iter().flat_map(|own| &own.constraints);
        let own = side.definitions.get(&bound::part(above));
        let mut of_part = own.into_iter().flat_map(|own| &own.clauses);
        of_part.any(|clause| is_check(clause, id)) || { of_table }
            .any(|own| own.name.as_ref() == Some(&id.name.name))
    })
}

/// Returns true for the clause of a partition by which it has a constraint of its own of this name.
fn is_check(clause: &Clause, id: &ObjectId) -> bool {
    clause.word == "constraint" && clause.name.as_ref() == Some(&id.name.name)
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

/// Returns the comments on checks of partitions that come again, with the check above or with the partition.
pub(crate) fn on_checks_below(world: &World<'_>, operations: &[Operation]) -> Vec<Operation> {
    let sides = world.pair.map(|side| &side.comments);
    let comments = sides.target.iter().filter(|(id, _)| id.kind == Kind::Constraint);
    let same = comments.filter(|(id, text)| sides.database.get(id) == Some(text));
    let comes_again = |id: &ObjectId| {
        let Some(partition) = &id.table else { return false };
        operations.iter().any(|operation| match operation {
            Operation::Create(Object::Constraint { table, constraint }) => {
                constraint.name.as_ref() == Some(&id.name.name)
                    && world.and_below(vec![table]).contains(&partition)
            }
            Operation::Create(Object::Definition(own)) => own.id == bound::part(partition),
            Operation::Alter(Alter::Definition { from, to, .. }) => {
                let comes = |own: &Clause| is_check(own, id) && !from.clauses.contains(own);
                to.id.kind == Kind::Partition
                    && to.clauses.iter().any(comes)
                    && world.and_below(vec![&to.id.name]).contains(&partition)
            }
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Alter(_)
            | Operation::Rename { .. }
            | Operation::Restore(_)
            | Operation::Comment { .. } => false,
        })
    };
    let again = same.filter(|(id, _)| comes_again(id));
    again
        .map(|(id, text)| Operation::Comment { on: id.clone(), comment: Some(text.clone()) })
        .collect()
}

/// Reports comments on what the target does not have.
pub(crate) fn impossible(target: &Metadata) -> Vec<Impossible> {
    let lost = target.comments.keys().filter(|id| !target.has_commented(id));
    let reason = "an object file comments on it, and nothing declares it";
    lost.map(|id| Impossible { object: id.clone(), reason: reason.to_owned() }).collect()
}
