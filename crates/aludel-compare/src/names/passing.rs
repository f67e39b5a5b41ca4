//! Columns of tables that go while other objects get their names.
//!
//! An object over such a column is made again: its text may stay the same, but means the other object afterwards,
//! to which no ALTER turns it.

use aludel_schema::{Kind, ObjectId, Table};

use crate::depends::World;
use crate::names::name;
use crate::pairing::Tables;

/// Returns the columns of the tables whose names pass to new tables or to objects of other kinds, which may be new or
/// have other names before.
pub(crate) fn columns<'m>(
    world: &World<'m>,
    tables: &Tables<'m>,
) -> impl Iterator<Item = ObjectId> + use<'m> {
    let mut passing = name::passed_to(&tables.gone, &tables.new);
    let gives = |table: &&Table| {
        world.successors.get(&ObjectId::table(&table.name)).is_some() || is_taken(world, table)
    };
    passing.extend(tables.gone.iter().copied().filter(gives));
    passing.into_iter().flat_map(|table| {
        let columns = table.columns.iter();
        columns.map(|column| ObjectId::column(&table.name, column.name.as_str()))
    })
}

/// Returns true if a view or the like has the name of a table in the target.
fn is_taken(world: &World<'_>, table: &Table) -> bool {
    let mut kinds = world.dialect.kinds().iter().map(|facts| facts.kind);
    kinds.any(|kind| {
        let id = ObjectId::new(kind, table.name.clone());
        kind.is_other_relation()
            && kind != Kind::Partition
            && world.pair.target.definitions.contains_key(&id)
    })
}
