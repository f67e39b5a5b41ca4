//! Indexes over functions that get other code while the rows of the table are written again.
//!
//! The server builds such an index again with the rows, by the code that the function has at that time. That may name
//! a column that has another name by then, or none at all.

use aludel_schema::{Definition, ObjectId};

use crate::depends::World;
use crate::pairing::Tables;
use crate::tables::column;
use crate::types::replacement::moves;

/// An index that is made again after its function.
pub(crate) struct Rebuilt {
    pub(crate) index: ObjectId,
    pub(crate) function: ObjectId,
}

/// Returns the indexes that can't be built while the rows of their tables are written again.
pub(crate) fn found(world: &World<'_>, tables: &Tables<'_>) -> Vec<Rebuilt> {
    let functions: Vec<&Definition> = changed(world).collect();
    if functions.is_empty() {
        return Vec::new();
    }
    let written = tables.both.iter().filter(|both| {
        both.columns.both.iter().any(|own| {
            column::is_retyped(*own)
                || column::is_computed_anew(*own)
                || moves(world, &tables.replaced, *own)
        })
    });
    let mut found = Vec::new();
    for both in written {
        for pair in &both.indexes.kept {
            let on = world.index(both.tables.target, pair.target);
            let function = functions.iter().find(|own| on.contains(&own.id));
            found.extend(function.map(|function| Rebuilt {
                index: pair.target.id(&both.tables.target.name),
                function: function.id.clone(),
            }));
        }
    }
    found
}

/// Iterates over the functions that get other code in place.
fn changed<'m>(world: &World<'m>) -> impl Iterator<Item = &'m Definition> {
    let sides = world.pair;
    sides.target.definitions.values().filter(move |own| {
        let before = sides.database.definitions.get(&own.id);
        own.id.kind.is_called() && before.is_some_and(|before| before.body != own.body)
    })
}
