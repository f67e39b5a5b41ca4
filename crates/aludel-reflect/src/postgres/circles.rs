//! Views that read each other in a circle. No order of statements makes them, because one of them has to be made
//! before and replaced.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Definition, Kind, Metadata, ObjectId};

use crate::reflection::Leftover;

/// Returns a leftover for each view that reads others which read it.
pub(super) fn leftovers(metadata: &Metadata) -> Vec<Leftover> {
    let reads = reads(metadata);
    let in_circles = reads.keys().filter(|id| is_view(id) && reaches(&reads, id));
    let leftover = |id: &&ObjectId| Leftover {
        object: (*id).clone(),
        aspect: Some("query that reads itself of view".to_owned()),
    };
    in_circles.map(leftover).collect()
}

fn is_view(id: &ObjectId) -> bool {
    matches!(id.kind, Kind::View | Kind::MaterializedView)
}

/// Returns the views and routines that others read, without those that certainly are in no circle.
fn reads(metadata: &Metadata) -> BTreeMap<&ObjectId, BTreeSet<&ObjectId>> {
    let all = metadata.definitions.values();
    let all = all.filter(|own| is_view(&own.id) || own.id.kind.is_called());
    let by_name: BTreeMap<_, &ObjectId> =
        all.clone().filter(|own| is_view(&own.id)).map(|own| (&own.id.name, &own.id)).collect();
    let read = |own: &Definition| {
        let of_column = |on: &ObjectId| by_name.get(on.table.as_ref()?).copied();
        let whole = |on: &ObjectId| metadata.definitions.get(on).map(|own| &own.id);
        let on = own.depends_on.iter().filter_map(|on| whole(on).or_else(|| of_column(on)));
        on.filter(|on| **on != own.id).collect::<BTreeSet<&ObjectId>>()
    };
    let mut reads: BTreeMap<_, _> = all.map(|own| (&own.id, read(own))).collect();
    loop {
        let ends: BTreeSet<&ObjectId> =
            reads.iter().filter(|(_, on)| on.is_empty()).map(|(id, _)| *id).collect();
        reads.retain(|id, _| !ends.contains(id));
        let known: BTreeSet<&ObjectId> = reads.keys().copied().collect();
        let before: usize = reads.values().map(BTreeSet::len).sum();
        reads.values_mut().for_each(|on| on.retain(|id| known.contains(id)));
        if ends.is_empty() && before == reads.values().map(BTreeSet::len).sum() {
            return reads;
        }
    }
}

/// Returns true if a view leads back to itself.
fn reaches(reads: &BTreeMap<&ObjectId, BTreeSet<&ObjectId>>, view: &ObjectId) -> bool {
    let (mut open, mut seen) = (vec![view], BTreeSet::new());
    while let Some(id) = open.pop() {
        for next in reads.get(id).into_iter().flatten() {
            if *next == view {
                return true;
            }
            if seen.insert(*next) {
                open.push(next);
            }
        }
    }
    false
}
