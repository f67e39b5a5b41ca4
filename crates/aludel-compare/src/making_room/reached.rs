//! Columns that have their types from tables above, and what changes of these reach.

use aludel_operations::{Alter, ColumnChange, Operation};
use aludel_schema::{Column, Metadata, QualifiedName, SqlText};

use crate::depends::World;

/// Returns true if a column of a table has its type from a table above, whose changes reach it.
pub(crate) fn follows(world: &World<'_>, table: &QualifiedName, column: &str) -> bool {
    let has = |side: &Metadata, parent: &QualifiedName| {
        side.tables.get(parent).is_some_and(|parent| parent.column(column).is_some())
    };
    let own = world.pair.map(|side| side.tables.get(table).map(|own| &own.options.inherits));
    let (Some(before), Some(after)) = (own.database, own.target) else { return false };
    let mut kept = before.iter().filter(|parent| after.contains(parent));
    kept.any(|parent| has(world.pair.database, parent) && has(world.pair.target, parent))
}

/// Returns true if an operation alters a column that has its type from a table above.
pub(crate) fn is_reached(world: &World<'_>, operation: &Operation) -> bool {
    let Operation::Alter(Alter::Column(change)) = operation else { return false };
    follows(world, &change.table, &change.to.name)
}

/// Returns true if an heir has a default of its own that the server leaves when the column gets another type
/// with the one above, which has none.
pub(crate) fn keeps_default(database: &Metadata, heir: &QualifiedName, column: &Column) -> bool {
    let Some(table) = database.tables.get(heir) else { return false };
    let own = table.column(&column.name).filter(|own| own.default.is_some());
    let parents = table.options.inherits.iter().filter_map(|name| database.tables.get(name));
    let above: Vec<&Column> = parents.filter_map(|parent| parent.column(&column.name)).collect();
    own.is_some() && !above.is_empty() && above.iter().all(|above| above.default.is_none())
}

/// Returns the default that an heir has when the default of the column above was taken away and set again,
/// which reaches it; `None` if it was not. `remade` says so of a table.
pub(crate) fn reset_default(
    world: &World<'_>,
    remade: &dyn Fn(&QualifiedName) -> bool,
    heir: &QualifiedName,
    column: &str,
) -> Option<Option<Box<SqlText>>> {
    let own = world.pair.map(|side| side.tables.get(heir).map(|own| &own.options.inherits));
    let (before, after) = (own.database?, own.target?);
    let mut kept = before.iter().filter(|parent| after.contains(parent));
    kept.find_map(|parent| {
        let above = world.pair.target.tables.get(parent)?.column(column)?;
        let is_reset = remade(parent) || reset_default(world, remade, parent, column).is_some();
        is_reset.then(|| above.default.clone())
    })
}

/// Returns true for an operation that only takes the default of an inherited column away. It comes before
/// the column gets another type with the one above, unless the default is one that the server passes on.
pub(crate) fn comes_first(world: &World<'_>, operation: &Operation) -> bool {
    let Operation::Alter(Alter::Column(change)) = operation else { return false };
    let without = Column { default: None, ..(*change.from).clone() };
    let is_it = change.from.default.is_some() && *change.to == without;
    is_it && is_reached(world, operation) && !has_from_above(world, change)
}

/// Returns true if the default before a change is one that the column above has after the plan and passes on.
pub(crate) fn has_from_above(world: &World<'_>, change: &ColumnChange) -> bool {
    let tables = &world.pair.target.tables;
    let parents = tables.get(&change.table).into_iter().flat_map(|own| &own.options.inherits);
    let mut above = parents.filter_map(|name| tables.get(name)?.column(&change.to.name));
    above.any(|column| column.default == change.from.default)
}
