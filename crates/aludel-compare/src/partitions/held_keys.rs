//! Partition keys that hold on to the functions that they call, and to the operator classes and collations that they
//! name.

use aludel_schema::{Definition, Kind, ObjectId};

use crate::change::{Change, change};
use crate::depends::World;
use crate::impossible::Impossible;
use crate::making_room::room::Room;
use crate::pair::Pair;

/// Returns what goes or is made again while a partition key rests on it, which a table can't change.
pub(crate) fn find(world: &World<'_>, room: &Room) -> Vec<Impossible> {
    let sides = world.pair.map(|side| &side.definitions);
    let is_made_again = |id: &ObjectId| {
        let facts = world.dialect.kind_facts(id.kind);
        let both = sides.database.get(id).zip(sides.target.get(id));
        room.remade.contains_key(id)
            || facts.zip(both).is_some_and(|(facts, (database, target))| {
                change(world, facts, Pair::new(database, target)) == Change::Replace
            })
    };
    let held = |partitioned: &ObjectId, id: ObjectId| {
        let what = match sides.target.contains_key(&id) {
            false => "would go",
            true if is_made_again(&id) => "would have to be made again",
            true => return None,
        };
        let how = if id.kind.is_called() { "calls" } else { "names" };
        let reason = format!(
            "it {what}, and the partition key of {partitioned} {how} it, which a table can't change: make a new \
             table and copy the rows in a revision written by hand"
        );
        Some(Impossible { object: id, reason })
    };
    let is_held = |id: &ObjectId| {
        let is_one =
            id.kind.is_called() || matches!(id.kind, Kind::OperatorClass | Kind::Collation);
        is_one && sides.database.contains_key(id)
    };
    let there = keys(world).into_iter().flat_map(|(partitioned, on)| {
        let on = on.into_iter().filter(is_held);
        on.filter_map(|id| held(&partitioned, id)).collect::<Vec<_>>()
    });
    there.collect()
}

/// Returns the partitioned tables and partitions that stay, with what their keys name.
fn keys(world: &World<'_>) -> Vec<(ObjectId, Vec<ObjectId>)> {
    let Pair { database, target } = world.pair;
    let tables = database.tables.values();
    let tables = tables.filter(|own| target.tables.contains_key(&own.name));
    let of_tables = tables.map(|own| (ObjectId::table(&own.name), world.called_by_key(own)));
    let partitions = database.definitions.values();
    let partitions = partitions.filter(|own| target.definitions.contains_key(&own.id));
    let of_partitions = partitions.filter_map(|own: &Definition| {
        let key = own.clauses.iter().find(|clause| clause.word == "partition by")?;
        Some((own.id.clone(), world.named(&key.text)))
    });
    of_tables.chain(of_partitions).collect()
}
