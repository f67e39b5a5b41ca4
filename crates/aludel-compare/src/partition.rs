//! Partition keys, which no ALTER changes, and partitions.

use aludel_dialect::{Dialect, name_columns, normal_form};
use aludel_schema::{Definition, Kind, ObjectId, Table};

use crate::bound::{self, parts};
use crate::column;
use crate::depends::World;
use crate::impossible::Impossible;
use crate::pairing::Both;
use crate::replacement::moves;

/// Returns the differences of a partitioned table that a server refuses: another key, and changes
/// of the columns of the key other than their names, defaults and NULLs.
pub(crate) fn impossible(
    world: &World<'_>,
    both: &Both<'_>,
    replaced: &[ObjectId],
) -> Vec<Impossible> {
    let tables = both.tables;
    let keys = tables.map(|table| table.options.partition_by.as_deref());
    if tables.differs(|table| key(table, world.dialect)) {
        let reason = format!(
            "partitioned by `{}` in the models, by `{}` in the database; a table can't change that: \
             make a new one and copy the rows in a revision written by hand",
            keys.target.unwrap_or("nothing"),
            keys.database.unwrap_or("nothing"),
        );
        return vec![Impossible { object: ObjectId::table(&tables.target.name), reason }];
    }
    let Some(key) = keys.database else { return Vec::new() };
    let names = tables.database.columns.iter().map(|column| column.name.as_str());
    let of_key = name_columns(parts(key).1, names, world.dialect);
    let found = of_key.into_iter().filter_map(|name| {
        let pair = both.columns.both.iter().find(|pair| pair.target.name == name);
        let change = match pair {
            None => "it would be dropped",
            Some(pair) if column::is_renewed(*pair) => "it would be made again",
            Some(pair) if column::is_retyped(*pair) => "it would get another type",
            Some(pair) if moves(world, replaced, *pair) => "its type would be replaced by a new one",
            Some(_) => return None,
        };
        Some(Impossible {
            object: ObjectId::column(&tables.target.name, name),
            reason: format!(
                "{change}, and table {} is partitioned by it, which a table can't change: make a new \
                 table and copy the rows in a revision written by hand",
                tables.target.name
            ),
        })
    });
    found.collect()
}

fn key(table: &Table, dialect: Dialect) -> Option<String> {
    table.options.partition_by.as_deref().map(|key| normal_form(key, dialect))
}

/// Returns the columns of the table that a partition is one of, and that the partition names where
/// another form of it does not. The server knows them as columns of the partition.
pub(crate) fn columns_above(
    world: &World<'_>,
    partition: &Definition,
    other: &Definition,
) -> Vec<ObjectId> {
    let sides = [world.pair.target, world.pair.database];
    let mut parent = bound::parent(partition, world.dialect);
    // A partition of a partition has the columns of the table above both.
    while let Some(name) = parent {
        let id = ObjectId::new(Kind::Partition, name.clone());
        let Some(above) = sides.iter().find_map(|side| side.definitions.get(&id)) else { break };
        parent = bound::parent(above, world.dialect);
    }
    let tables = sides.into_iter().filter_map(|side| side.tables.get(parent?));
    let clauses = || partition.clauses.iter().filter(|clause| !other.clauses.contains(clause));
    let mut found = Vec::new();
    for table in tables {
        for clause in clauses() {
            let named = clause.name.iter().filter(|name| table.column(name).is_some()).cloned();
            let named = named.chain(world.reads(&clause.text, table));
            found.extend(named.map(|column| ObjectId::column(&table.name, column)));
        }
    }
    found
}
