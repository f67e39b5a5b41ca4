//! Objects that get third names, so that others can take theirs.

use std::collections::BTreeMap;

use aludel_operations::{Object, Operation};
use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::hints::third_name;
use crate::{name, name_cycles};

/// Returns the operations with one more before them, by which the object that one of them renames or
/// drops gets a third name.
pub(crate) fn set_aside(
    world: &World<'_>,
    operations: &[Operation],
    holder: usize,
) -> Option<Vec<Operation>> {
    let taken = name_cycles::taken(world, operations);
    let mut apart = operations.to_vec();
    let holder = apart.get_mut(holder)?;
    let own = holder.object();
    let third = third_name(&own.name.name, |third| taken.contains(&own.name.sibling(third)));
    match holder {
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
    apart.insert(0, Operation::Rename { from, to: third });
    Some(apart)
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
