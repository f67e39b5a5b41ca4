//! Values of types that are made again: what they may lose or fail on, apart from their own conversion.

use aludel_dialect::{Hazard, bounds_refused};
use aludel_operations::{Object, TypeReplacement};
use aludel_schema::{Definition, Kind, ObjectId};

use crate::depends::World;
use crate::hazards::domain_rules::{rules_of_attributes, rules_of_replaced};

/// Returns what the values of a type that is made again may fail on, if columns hold some.
pub(crate) fn hazards(replacement: &TypeReplacement, world: &World<'_>) -> Vec<Hazard> {
    let mut found = rules_of_replaced(replacement, world);
    if let Object::Definition(from) = &replacement.from
        && !replacement.columns.is_empty()
    {
        let below = below(from, world);
        found.extend(below.iter().filter_map(|id| lost_labels(id, world)));
        found.extend(below.iter().flat_map(|id| bounds(id, replacement, world)));
        let is_range = |id: &ObjectId| id.kind == Kind::RangeType;
        if is_range(&from.id) || below.iter().any(|id| is_range(id)) {
            let reordered = below.iter().filter(|id| is_reordered(id, world));
            found.extend(reordered.flat_map(|id| turned(id, replacement)));
        }
    }
    found.extend(rules_of_attributes(replacement, world));
    found
}

/// Returns what a type of the database rests on, itself or by way of others.
fn below<'m>(from: &'m Definition, world: &World<'m>) -> Vec<&'m ObjectId> {
    let mut below: Vec<&ObjectId> = from.depends_on.iter().collect();
    let mut at = 0;
    while let Some(id) = below.get(at) {
        let own = world.pair.database.definitions.get(id);
        let more = own.into_iter().flat_map(|own| &own.depends_on);
        let more: Vec<&ObjectId> = more.filter(|id| !below.contains(id)).collect();
        below.extend(more);
        at += 1;
    }
    below
}

/// Returns the labels that an enum type below a type loses.
fn lost_labels(id: &ObjectId, world: &World<'_>) -> Option<Hazard> {
    let own = world.pair.database.enums.get(&id.name).filter(|own| own.id() == *id)?;
    let after = world.pair.target.enums.get(&id.name)?;
    let gone = own.labels.iter().filter(|label| !after.labels.contains(label));
    let labels: Vec<String> = gone.cloned().collect();
    (!labels.is_empty()).then(|| Hazard::FailsOnLabels { object: id.clone(), labels })
}

/// Returns the bounds that are refused inside of the values of a type, when a range type below it gets
/// another subtype.
fn bounds(id: &ObjectId, replacement: &TypeReplacement, world: &World<'_>) -> Vec<Hazard> {
    let own = world.pair.map(|side| &side.definitions);
    let both = own.database.get(id).zip(own.target.get(id)).filter(|_| id.kind == Kind::RangeType);
    let Some(what) = both.and_then(|(from, to)| bounds_refused(from, to)) else {
        return Vec::new();
    };
    let columns = replacement.columns.iter();
    let ids = columns.map(|of| ObjectId::column(&of.table, of.column.name.as_str()));
    ids.map(|column| Hazard::FailsOnValues { column, what: what.clone() }).collect()
}

/// Returns true for an enum type whose labels change places.
fn is_reordered(id: &ObjectId, world: &World<'_>) -> bool {
    let enums = world.pair.map(|side| side.enums.get(&id.name).filter(|own| own.id() == *id));
    let Some((before, after)) = enums.database.zip(enums.target) else { return false };
    let stays = before.labels.iter().filter(|label| after.labels.contains(label));
    !stays.eq(after.labels.iter().filter(|label| before.labels.contains(label)))
}

/// Returns the ranges over an enum type that begin behind their ends in another order of the labels.
fn turned(id: &ObjectId, replacement: &TypeReplacement) -> Vec<Hazard> {
    let what = format!("has a range that begins behind its end in the new order of {id}");
    let columns = replacement.columns.iter();
    let ids = columns.map(|of| ObjectId::column(&of.table, of.column.name.as_str()));
    ids.map(|column| Hazard::FailsOnValues { column, what: what.clone() }).collect()
}
