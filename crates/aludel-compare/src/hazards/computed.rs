//! Values that a plan lets the server compute, and may fail on: those of generated columns, and unique indexes of
//! materialized views and partitions.

use aludel_dialect::{AlterTable, Dialect, Hazard, mentions, normal_form};
use aludel_schema::{Column, Definition, Kind, Metadata, ObjectId, QualifiedName, Table};

use crate::depends::World;
use crate::hazards::domain_rules::{domains_of_value, rules};
use crate::pair::Pair;
use crate::partitions::bound::part;
use crate::tables::column::is_renewed;

/// Returns true if the rows get other values in a generated column than they had, or values that may be equal
/// though those were not.
pub(crate) fn has_other_values(before: &Column, after: &Column, dialect: Dialect) -> bool {
    let types = [before.sql_type.spelling(), after.sql_type.spelling()];
    let is_retyped = types[0] != types[1] && !dialect.keeps_apart(types[0], types[1]);
    after.generated.is_some() && (is_retyped || !is_computed_alike(before, after, dialect))
}

fn is_computed_alike(before: &Column, after: &Column, dialect: Dialect) -> bool {
    let form = |own: &Column| {
        let expression = own.generated.as_ref().map(|own| own.expression.spelling());
        expression.map(|text| normal_form(text, dialect))
    };
    form(before) == form(after)
}

/// Returns what the values of a generated column that is made may fail on.
pub(crate) fn generated(
    world: &World<'_>,
    before: &Table,
    table: &Table,
    column: &Column,
) -> Vec<Hazard> {
    let dialect = world.dialect;
    let is_stored = column.generated.as_ref().is_some_and(|own| own.stored);
    let same = before.column(&column.name);
    let same = same.filter(|before| is_computed_alike(before, column, dialect));
    let is_certain = match same {
        Some(before) => dialect.takes_all(before.sql_type.spelling(), column.sql_type.spelling()),
        None => dialect.always_computes(column, table),
    };
    if !is_stored {
        return Vec::new();
    }
    let id = ObjectId::column(&table.name, column.name.as_str());
    let rows = format!("{} can't be computed for a row of {}", column.name, table.name);
    let refused = (!is_certain).then_some(Hazard::FailsOnRule { object: id.clone(), rows });
    let domains = domains_of_value(column, world).into_iter();
    let domains = domains.filter(|_| same.is_none_or(|own| own.sql_type != column.sql_type));
    let broken = domains.flat_map(|domain| rules(domain, &[], &id, false));
    refused.into_iter().chain(broken).collect()
}

/// Returns the hazard of a unique index that is made over the rows of a materialized view or a partition.
pub(crate) fn same_key(world: &World<'_>, index: &Definition) -> Option<Hazard> {
    let is_unique = index.clauses.iter().any(|clause| clause.word == "unique");
    let name = index.id.table.as_ref().filter(|_| index.id.kind == Kind::Index && is_unique)?;
    let holders = world.pair.map(|side| holder(side, name));
    let (before, after) = (holders.database, holders.target?);
    let had_it = world.pair.database.definitions.get(&index.id);
    let had_it = had_it.is_some_and(|old| old.says_the_same(index));
    let has_same_rows = before.is_some_and(|before| before.body == after.body);
    let is_empty = after.belongings.is_populated == Some(false);
    let may_have_rows = before.is_some() || reads_rows(world, after);
    if is_empty || !may_have_rows || (had_it && has_same_rows) {
        return None;
    }
    let rows = format!("two rows of {name} have the same key in {}", index.id.name);
    Some(Hazard::FailsOnRule { object: index.id.clone(), rows })
}

/// Returns the materialized view or the partition of a name.
fn holder<'m>(side: &'m Metadata, name: &QualifiedName) -> Option<&'m Definition> {
    let ids = [ObjectId::new(Kind::MaterializedView, name.clone()), part(name)];
    ids.iter().find_map(|id| side.definitions.get(id))
}

/// Returns true if a new materialized view reads something that is there before.
fn reads_rows(world: &World<'_>, view: &Definition) -> bool {
    let database = world.pair.database;
    let is_there = |id: &ObjectId| {
        let table = id.table.as_ref().unwrap_or(&id.name);
        database.tables.contains_key(table) || database.definitions.contains_key(id)
    };
    view.id.kind == Kind::MaterializedView && view.depends_on.iter().any(is_there)
}

/// Returns true for a column that is computed when it is read.
fn is_virtual(column: &Column) -> bool {
    column.generated.as_ref().is_some_and(|own| !own.stored)
}

/// Returns true if a column goes and comes again that is computed when it is read, before or afterwards.
pub(crate) fn is_made_again(
    world: &World<'_>,
    table: &QualifiedName,
    column: Pair<&Column>,
) -> bool {
    is_renewed(world, table, column) && (is_virtual(column.database) || is_virtual(column.target))
}

/// Returns true if a definition reads a column that goes and comes without a rebuild of its table, because it is
/// computed when it is read. SQLite drops no column that a view reads, although it holds a view over nothing.
pub(crate) fn is_read(world: &World<'_>, definition: &Definition, column: &ObjectId) -> bool {
    if world.dialect.capabilities().alter_table == AlterTable::InPlace {
        return false;
    }
    let side = |side: &Metadata| {
        let table = column.table.as_ref().and_then(|name| side.tables.get(name));
        table.and_then(|table| table.column(&column.name.name)).is_some_and(is_virtual)
    };
    column.kind == Kind::Column
        && (side(world.pair.database) || side(world.pair.target))
        && mentions(definition.body.spelling(), &column.name.name, world.dialect)
}
