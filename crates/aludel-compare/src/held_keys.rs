//! Partition keys that hold on to the functions which they call.

use aludel_schema::{ObjectId, Table};

use crate::change::{Change, change};
use crate::depends::World;
use crate::impossible::Impossible;
use crate::pair::Pair;
use crate::room::Room;

/// Returns the functions that go or are made again while a partition key calls them, which a table can't change.
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
    let held = |table: &Table, id: ObjectId| {
        let what = match sides.target.contains_key(&id) {
            false => "would go",
            true if is_made_again(&id) => "would have to be made again",
            true => return None,
        };
        let reason = format!(
            "it {what}, and the partition key of {} calls it, which a table can't change: make a new table and \
             copy the rows in a revision written by hand",
            ObjectId::table(&table.name)
        );
        Some(Impossible { object: id, reason })
    };
    let tables = world.pair.database.tables.values();
    let tables = tables.filter(|own| world.pair.target.tables.contains_key(&own.name));
    let called =
        tables.flat_map(|own| world.called_by_key(own).into_iter().map(move |id| (own, id)));
    let there = called.filter(|(_, id)| id.kind.is_called() && sides.database.contains_key(id));
    there.filter_map(|(own, id)| held(own, id)).collect()
}
