//! Objects that get third names, so that others can take theirs.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::names::name::{self, Name};
use crate::names::{ended_parts, name_cycles};
use crate::renaming::hints::third_name;

/// Returns the operations with one more before them, by which what has a name until one of them renames or
/// drops it gets a third name.
pub(crate) fn set_aside(
    world: &World<'_>,
    operations: &[Operation],
    holder: usize,
    name: &QualifiedName,
) -> Option<Vec<Operation>> {
    let taken = name_cycles::taken(world, operations);
    let third = third_name(&name.name, |third| taken.contains(&name.sibling(third)));
    let mut apart = operations.to_vec();
    let holder = apart.get_mut(holder)?;
    let own = holder.object();
    let part = ended_parts::of(world, holder).into_iter().find(|part| part.name == *name);
    match holder {
        _ if part.is_some() => {}
        Operation::Rename { from, .. } => from.name = from.name.sibling(third.as_str()),
        Operation::Drop(object) => call(object, &third)?,
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => return None,
    }
    // The name of a table may be another one by then, and a key is renamed with its index.
    let from = match own.kind {
        Kind::Constraint => ObjectId { kind: Kind::Index, ..own },
        _ => own,
    };
    let from = part.unwrap_or(from);
    // It has the name only after a move that takes it along.
    let brings = |operation: &Operation| {
        matches!(operation, Operation::Alter(Alter::Move(moves))
            if moves.along.iter().any(|id| moves.moved(id).name == *name))
    };
    let behind = apart.iter().rposition(brings).map_or(0, |at| at + 1);
    apart.insert(behind, Operation::Rename { from, to: third });
    Some(apart)
}

/// Returns the operations that free each name. A sequence or an index that has got another name is not freed by what
/// ends it.
pub(crate) fn freed(world: &World<'_>, operations: &[Operation]) -> BTreeMap<Name, Vec<usize>> {
    let is_part = |from: &ObjectId| matches!(from.kind, Kind::Sequence | Kind::Index);
    let renames = operations.iter().filter_map(|operation| match operation {
        Operation::Rename { from, .. } if is_part(from) => Some(Name::InSchema(from.name.clone())),
        Operation::Rename { .. }
        | Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let renamed: BTreeSet<Name> = renames.collect();
    let mut freed: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let parts = ended_parts::of(world, operation);
        let parts: Vec<Name> = parts.into_iter().map(|part| Name::InSchema(part.name)).collect();
        let names = name::frees(world, operation).into_iter();
        let names = names.filter(|name| !(renamed.contains(name) && parts.contains(name)));
        names.for_each(|name| freed.entry(name).or_default().push(at));
    }
    freed
}

/// Returns the objects that end under third names, with those names.
pub(crate) fn ending<'o>(
    world: &'o World<'_>,
    operations: impl Iterator<Item = &'o Operation> + Clone + 'o,
) -> impl Iterator<Item = (ObjectId, ObjectId)> + 'o {
    let dropped = operations.clone().filter_map(|operation| match operation {
        Operation::Drop(object) => Some(object.id()),
        Operation::Create(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let renames = operations.filter_map(|operation| match operation {
        Operation::Rename { from, to } => Some((from.name.sibling(to.as_str()), &from.name)),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let renames: BTreeMap<QualifiedName, &QualifiedName> = renames.collect();
    dropped.filter_map(move |id| {
        let former = *renames.get(&id.name)?;
        // One that is renamed for good has the new name on both sides.
        let is_aside = !name::is_there(world, &id.name);
        is_aside.then(|| (ObjectId { name: former.clone(), ..id.clone() }, id))
    })
}

/// Gives an object another name if nothing else has the name of the object in it.
fn call(object: &mut Object, name: &str) -> Option<()> {
    match object {
        Object::Enum(own) => own.name = own.name.sibling(name),
        Object::Sequence(own) => own.name = own.name.sibling(name),
        Object::Constraint { constraint, .. } => constraint.name = Some(name.to_owned()),
        Object::Index { index, .. } => name.clone_into(&mut index.name),
        Object::Definition(own) => own.id.name = own.id.name.sibling(name),
        Object::Schema(_) | Object::Extension(_) | Object::Table(_) | Object::Column { .. } => {
            return None;
        }
    }
    Some(())
}
