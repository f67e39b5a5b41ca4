//! The keys of partitions that foreign keys may refer to.

use aludel_dialect::{Token, significant, unique_columns};
use aludel_schema::{Clause, Constraint, Definition, Index, Kind, QualifiedName};

use crate::depends::World;
use crate::making_room::clauses;
use crate::making_room::going::is_replaced;
use crate::partitions::bound::{self, part};
use crate::partitions::part_indexes;

/// Returns true if the columns are a key of a partition in the target, which the tables above it have, or
/// which is its own.
pub(crate) fn has_key(world: &World<'_>, partition: &Definition, columns: &[String]) -> bool {
    let target = world.pair.target;
    let mut wanted = columns.to_vec();
    wanted.sort();
    let above = bound::above(target, partition, world.dialect);
    let tables = above.iter().filter_map(|name| target.tables.get(*name));
    let of_tables = tables.flat_map(|table| {
        let constraints = table.constraints.iter().filter_map(Constraint::key_columns);
        constraints.chain(table.indexes.iter().filter_map(Index::key_columns))
    });
    let partitions = above.iter().filter_map(|name| target.definitions.get(&part(name)));
    let own = partitions.chain([partition]).flat_map(|own| own_keys(world, own));
    let mut indexes = part_indexes::with_key(world.dialect, target, &partition.id.name, &wanted);
    of_tables.chain(own).any(|key| key == wanted) || indexes.next().is_some()
}

/// Returns the columns of the keys that a partition has of its own.
fn own_keys(world: &World<'_>, partition: &Definition) -> Vec<Vec<String>> {
    let keys = partition.clauses.iter().filter(|clause| clauses::is_key(clause));
    keys.map(|clause| columns_of(world, clause)).collect()
}

/// Returns the columns of a key, sorted by name.
fn columns_of(world: &World<'_>, key: &Clause) -> Vec<String> {
    let tokens = significant(key.text.spelling(), world.dialect);
    let list = tokens.iter().skip_while(|token| !token.is_symbol("("));
    let list = list.take_while(|token| !token.is_symbol(")"));
    let mut columns: Vec<String> = list.filter_map(Token::identifier).collect();
    columns.sort();
    columns
}

/// Returns the keys of their own that partitions lose, with the partitions and those below them.
pub(crate) fn lost_keys(world: &World<'_>) -> Vec<(QualifiedName, Vec<String>)> {
    let target = &world.pair.target.definitions;
    let partitions = world.pair.database.definitions.values();
    let partitions = partitions.filter(|own| own.id.kind == Kind::Partition);
    let lost = partitions.flat_map(|own| {
        let stays = |clause: &Clause| {
            target.get(&own.id).is_some_and(|target| target.clauses.contains(clause))
        };
        let keys = own.clauses.iter().filter(|clause| clauses::is_key(clause) && !stays(clause));
        let keys = keys.map(|clause| columns_of(world, clause));
        let names = and_partitions(world, &own.id.name);
        keys.flat_map(|key| {
            names.iter().map(|name| ((*name).clone(), key.clone())).collect::<Vec<_>>()
        })
        .collect::<Vec<_>>()
    });
    lost.chain(lost_indexes(world)).collect()
}

/// Returns the keys of the unique indexes that partitions lose.
fn lost_indexes<'w>(
    world: &'w World<'_>,
) -> impl Iterator<Item = (QualifiedName, Vec<String>)> + use<'w> {
    let definitions = world.pair.database.definitions.values();
    let indexes = definitions.filter(|own| own.id.kind == Kind::Index && is_replaced(world, own));
    let keys = indexes.filter_map(|index| {
        Some((index.id.table.as_ref()?, unique_columns(index, world.dialect)?))
    });
    keys.flat_map(|(table, key)| {
        let names = and_partitions(world, table).into_iter();
        names.map(move |name| (name.clone(), key.clone()))
    })
}

/// Returns a table with its partitions of either side, at any depth.
pub(crate) fn and_partitions<'w>(
    world: &'w World<'_>,
    table: &'w QualifiedName,
) -> Vec<&'w QualifiedName> {
    let is_part = |name: &QualifiedName| {
        let sides = world.pair.map(|side| side.definitions.contains_key(&part(name)));
        sides.database || sides.target
    };
    let mut names = world.and_below(vec![table]);
    names.retain(|name| *name == table || is_part(name));
    names
}
