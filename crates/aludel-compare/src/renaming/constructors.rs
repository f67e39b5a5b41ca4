//! Constructors: the functions by which texts make values of a range type or its multirange type. The server makes
//! them with the type, under its name, and leaves them as they are when the type gets another name or schema.

use aludel_dialect::{Dialect, NamedAs, constructors, move_names};
use aludel_operations::Object;
use aludel_schema::{Definition, Kind, Metadata, ObjectId, QualifiedName};

use crate::renaming::object_rename::ObjectRename;
use crate::texts::{each_text, each_text_of};
use crate::types::replacement::old_name;

/// Lets the constructors follow a type that has got another name: in metadata, and in the texts that call them.
/// Returns their renames, which come after that of the type.
pub(crate) fn follow(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) -> Vec<ObjectRename> {
    let ranges = metadata.definitions.values_mut().filter(|own| own.id.kind == Kind::RangeType);
    let (mut renames, mut of) = (Vec::new(), None);
    for range in ranges {
        for own in &mut range.belongings.constructors {
            // An argument may be of the type.
            let types = own.signature.iter_mut();
            types.for_each(|own| *own = move_names(own, from, to, NamedAs::Anything, dialect));
            if own.name == *from {
                renames.push(ObjectRename { from: own.clone(), to: to.clone() });
                own.name = to.clone();
                of = Some(range.id.clone());
            }
        }
    }
    if let Some(range) = of {
        in_calls(metadata, &range, from, to, dialect);
    }
    renames
}

/// Returns the constructors of a range type; none for anything else.
pub(crate) fn of(object: &Object) -> &[ObjectId] {
    match object {
        Object::Definition(own) => &own.belongings.constructors,
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => &[],
    }
}

/// Gives the range types of the target that are made again the constructors that they will have.
pub(crate) fn settle(dialect: Dialect, renamed: &Metadata, target: &mut Metadata) {
    let ranges = target.definitions.values_mut().filter(|own| own.id.kind == Kind::RangeType);
    for range in ranges {
        let before = renamed.definitions.get(&range.id);
        if before.is_none_or(|before| before.body != range.body) {
            range.belongings.constructors = constructors(range, dialect);
        }
    }
}

/// Returns a range type with the arguments of its constructors as they are called while other types are
/// replaced below it.
pub(crate) fn under_old_names(
    dialect: Dialect,
    range: &Definition,
    replaced: &[ObjectId],
) -> Definition {
    let mut range = range.clone();
    let below: Vec<&ObjectId> =
        replaced.iter().filter(|id| range.depends_on.contains(id)).collect();
    for signature in
        range.belongings.constructors.iter_mut().filter_map(|own| own.signature.as_mut())
    {
        for id in &below {
            let old = old_name(&id.name);
            *signature = move_names(signature, &id.name, &old, NamedAs::Anything, dialect);
        }
    }
    range
}

/// Renames the constructors in the texts that call them. A call of a name that other functions have too may be
/// one of theirs.
fn in_calls(
    metadata: &mut Metadata,
    range: &ObjectId,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    if metadata.definitions.keys().any(|id| id.kind.is_called() && id.name == *from) {
        return;
    }
    let rename = |text: &mut String| {
        *text = move_names(text, from, to, NamedAs::Routine, dialect);
    };
    each_text(metadata, rename);
    let over = metadata.definitions.values_mut().filter(|own| own.depends_on.contains(range));
    over.for_each(|own| each_text_of(own, rename));
}
