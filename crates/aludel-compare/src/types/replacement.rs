//! Replacement of a type by a new one of the same name, which takes over its columns.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation, TypeColumn, TypeReplacement};
use aludel_schema::{
    Column, Definition, EnumType, Kind, Metadata, ObjectId, QualifiedName, SqlText,
};

use crate::change::{Change, change};
use crate::depends::World;
use crate::making_room::reached;
use crate::pair::Pair;
use crate::types::domain::constrained_inside;
use crate::types::holder::{holder, is_below, typed_tables};
use crate::types::reshaped::{attributes, reshaped};

/// Returns the types that are replaced by new ones of the same name.
pub(crate) fn replaced(world: &World<'_>) -> Vec<ObjectId> {
    let pair = world.pair;
    let enums = pair.target.enums.values().filter(|e| is_replaced(pair, &e.name));
    let enums = enums.map(EnumType::id);
    let others = pair.target.definitions.values().filter(|target| {
        let facts = world.dialect.kind_facts(target.id.kind).filter(|facts| facts.hands_over);
        let database = pair.database.definitions.get(&target.id);
        facts.zip(database).is_some_and(|(facts, database)| {
            change(world, facts, Pair::new(database, target)) == Change::Replace
        })
    });
    let others = others.map(|definition| definition.id.clone());
    let succeeded = succeeded(world).map(|(id, _)| id.clone());
    let mut replaced: Vec<ObjectId> = enums.chain(others).chain(succeeded).collect();
    let inside = constrained_inside(world, &replaced).map(|own| own.id.clone());
    let inside: BTreeSet<ObjectId> = inside.filter(|id| !replaced.contains(id)).collect();
    replaced.extend(inside);
    replaced.extend(reshaped(world, &replaced));
    while let Some(id) = next_over(world, &replaced) {
        replaced.push(id);
    }
    replaced
}

/// Returns a domain, a range or a composite type over a type that is replaced. It has to be replaced too, and
/// hands its columns over.
fn next_over(world: &World<'_>, replaced: &[ObjectId]) -> Option<ObjectId> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let mut types = pair.database.values().filter(|own| {
        !replaced.contains(&own.id)
            && !world.leaves_alone(&own.id)
            && own.depends_on.iter().any(|on| replaced.contains(on) && is_below(world, own, on))
    });
    let can_follow = |own: &&Definition| {
        let Some(target) = pair.target.get(&own.id) else { return false };
        if holder(world, own).is_none() {
            return false;
        }
        match own.id.kind {
            Kind::Domain => true,
            Kind::RangeType => {
                let mut below = own.depends_on.iter().filter(|on| replaced.contains(on));
                below.all(|on| keeps_texts(world, on))
            }
            // The text of a value is that of another one with the same attributes.
            Kind::CompositeType => {
                let mut below = own.depends_on.iter().filter(|on| replaced.contains(on));
                is_altered(world, Pair::new(own, target))
                    && typed_tables(world, own).is_empty()
                    && below.all(|on| keeps_texts(world, on))
            }
            _ => false,
        }
    };
    types.find(can_follow).map(|own| own.id.clone())
}

/// Returns true if ALTER makes all changes of a type, if there are any.
fn is_altered(world: &World<'_>, pair: Pair<&Definition>) -> bool {
    let facts = world.dialect.kind_facts(pair.target.id.kind);
    facts.is_some_and(|facts| change(world, facts, pair) != Change::Replace)
}

/// Returns true if the texts of the values of a type that is replaced stay the same.
fn keeps_texts(world: &World<'_>, id: &ObjectId) -> bool {
    let sides = [world.pair.database, world.pair.target];
    let [before, after] = sides.map(|side| {
        let domain = side.definitions.get(id).filter(|own| own.id.kind == Kind::Domain);
        domain.map(|own| world.base_below(own, side))
    });
    before == after
}

/// Returns the types that hand their columns over to a successor of another kind: the values of an
/// enum and those of a domain become each other by way of their text.
fn succeeded<'w>(world: &'w World<'_>) -> impl Iterator<Item = (&'w ObjectId, &'w ObjectId)> {
    let takes_part = |id: &ObjectId| {
        let facts = world.dialect.kind_facts(id.kind);
        id.kind == Kind::Enum || facts.is_some_and(|facts| facts.hands_over)
    };
    world.successors.iter().filter(move |(from, to)| takes_part(from) && takes_part(to))
}

/// Returns true if a type goes or comes by the replacement of one kind by another.
pub(crate) fn is_succession(world: &World<'_>, id: &ObjectId) -> bool {
    succeeded(world).any(|(from, to)| from == id || to == id)
}

/// Returns the replacements of types by those of another kind.
pub(crate) fn successions(world: &World<'_>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (from, to) in succeeded(world) {
        let objects = (type_on(world.pair.database, from), type_on(world.pair.target, to));
        let (Some(database), Some(target)) = objects else { continue };
        operations.extend(replace(world, Pair::new(database, target)));
    }
    operations
}

fn type_on(side: &Metadata, id: &ObjectId) -> Option<Object> {
    match id.kind {
        Kind::Enum => side.enums.get(&id.name).cloned().map(Object::Enum),
        _ => side.definitions.get(id).cloned().map(|own| Object::Definition(Box::new(own))),
    }
}

/// Replaces a type by a new one of the same name, which takes over its columns. The old type is
/// dropped when no column uses it any more.
pub(crate) fn replace(world: &World<'_>, pair: Pair<Object>) -> [Operation; 2] {
    let Pair { database: from, target: to } = pair;
    let columns = columns_of(world, &from.id());
    let old = match from.clone() {
        Object::Enum(own) => Object::Enum(EnumType { name: old_name(&own.name), ..own }),
        Object::Definition(mut own) => {
            own.id.name = old_name(&own.id.name);
            Object::Definition(own)
        }
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => from.clone(),
    };
    let from_base = base(world, &from, world.pair.database);
    let to_base = base(world, &to, world.pair.target);
    let attributes = Vec::new();
    let replacement = TypeReplacement { from, to, from_base, to_base, columns, attributes };
    [Operation::Alter(Alter::ReplaceType(Box::new(replacement))), Operation::Drop(old)]
}

/// Makes a composite type again, whose columns pass on attribute by attribute.
pub(crate) fn reshape(world: &World<'_>, pair: Pair<&Definition>) -> [Operation; 2] {
    let object = |own: &Definition| Object::Definition(Box::new(own.clone()));
    let [mut first, second] = replace(world, pair.map(object));
    if let Operation::Alter(Alter::ReplaceType(replacement)) = &mut first {
        replacement.attributes = attributes(world, pair);
    }
    [first, second]
}

fn base(world: &World<'_>, object: &Object, side: &Metadata) -> Option<SqlText> {
    match object {
        Object::Definition(own) if own.id.kind == Kind::Domain => {
            Some(world.base_below(own, side).clone())
        }
        Object::Definition(_)
        | Object::Enum(_)
        | Object::Schema(_)
        | Object::Extension(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => None,
    }
}

/// Returns true if the labels change in a way that needs a new type.
pub(crate) fn is_replaced(pair: Pair<&Metadata>, name: &QualifiedName) -> bool {
    match (pair.database.enums.get(name), pair.target.enums.get(name)) {
        (Some(database), Some(target)) => !keeps_labels(database, target),
        _ => false,
    }
}

/// Returns true if the target has all existing labels in their present order, so that new ones only
/// have to be added.
pub(crate) fn keeps_labels(database: &EnumType, target: &EnumType) -> bool {
    let mut labels = target.labels.iter();
    database.labels.iter().all(|old| labels.any(|label| label == old))
}

/// Returns true if a column has the same replaced type on both sides, and so is moved to the new
/// type.
pub(crate) fn moves(world: &World<'_>, replaced: &[ObjectId], column: Pair<&Column>) -> bool {
    let of = column.map(|column| world.type_of(column));
    of.database.is_some_and(|id| replaced.contains(id)) && of.database == of.target
}

/// Returns the columns that keep the type, with their defaults in the target. Those that have it from a table
/// above follow that.
pub(crate) fn columns_of(world: &World<'_>, id: &ObjectId) -> Vec<TypeColumn> {
    let mut out = Vec::new();
    for table in world.pair.database.tables.values() {
        let Some(target) = world.pair.target.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(after) = target.column(&column.name) else { continue };
            // A generated column is made again instead, and a column that gets another type is not
            // moved.
            let stays = world.type_of(after) == Some(id)
                && column.generated.is_none()
                && !reached::follows(world, &table.name, &column.name);
            if stays && world.type_of(column) == Some(id) {
                let default = after.default.as_deref().cloned();
                let using = after.using.clone();
                let (table, column) = (table.name.clone(), column.clone());
                out.push(TypeColumn { table, column, default, using });
            }
        }
    }
    out
}

/// Returns what the defaults of the columns call that a new type takes over.
pub(crate) fn called(world: &World<'_>, replacement: &TypeReplacement) -> Vec<ObjectId> {
    let defaults = replacement.columns.iter().filter_map(|own| own.default.as_ref());
    defaults.flat_map(|text| world.named(text)).collect()
}

/// Returns what the defaults of these columns call before, and no longer afterwards.
pub(crate) fn called_before(world: &World<'_>, replacement: &TypeReplacement) -> Vec<ObjectId> {
    let after = called(world, replacement);
    let defaults = replacement.columns.iter().filter_map(|own| own.column.default.as_ref());
    let mut before: Vec<ObjectId> = defaults.flat_map(|text| world.named(text)).collect();
    before.retain(|id| !after.contains(id));
    before
}

/// Returns the name of a type while its successor takes over the columns.
pub(crate) fn old_name(name: &QualifiedName) -> QualifiedName {
    name.sibling(format!("{}_old", name.name))
}
