//! Pairing of the tables of both sides, and of their contents.

use aludel_schema::{ObjectId, Table};

use crate::depends::World;
use crate::pair::Pair;
use crate::tables::key_of_index::{self, KeyOfIndex};
use crate::tables::{column, constraint, index};
use crate::types::replacement::replaced;

/// All tables of a comparison, with their contents paired.
pub(crate) struct Tables<'m> {
    pub(crate) both: Vec<Both<'m>>,
    pub(crate) new: Vec<&'m Table>,
    pub(crate) gone: Vec<&'m Table>,
    /// The types that are replaced by new ones of the same name, which take over the columns.
    pub(crate) replaced: Vec<ObjectId>,
}

/// A table that exists on both sides.
pub(crate) struct Both<'m> {
    pub(crate) tables: Pair<&'m Table>,
    pub(crate) columns: column::Matched<'m>,
    pub(crate) constraints: constraint::Matched<'m>,
    pub(crate) indexes: index::Matched<'m>,
    /// The unique indexes that become those of keys.
    pub(crate) keys: Vec<KeyOfIndex<'m>>,
}

impl<'m> Tables<'m> {
    /// Pairs all tables and their contents.
    pub(crate) fn compare(world: &World<'m>) -> Self {
        let pair = world.pair.map(|metadata| &metadata.tables);
        let (replaced, hints) = (replaced(world), &world.pair.target.hints);
        let mut tables = Self { both: Vec::new(), new: Vec::new(), gone: Vec::new(), replaced };
        for target in pair.target.values() {
            match pair.database.get(&target.name) {
                None => tables.new.push(target),
                Some(database) => {
                    let both = Pair::new(database, target);
                    let mut constraints = constraint::matched(world.dialect, hints, both);
                    let mut indexes = index::matched(world.dialect, hints, both);
                    let keys = key_of_index::matched(world, both, &mut constraints, &mut indexes);
                    let columns = column::matched(both);
                    tables.both.push(Both { tables: both, columns, constraints, indexes, keys });
                }
            }
        }
        let gone = pair.database.values().filter(|table| !pair.target.contains_key(&table.name));
        tables.gone.extend(gone);
        tables
    }
}
