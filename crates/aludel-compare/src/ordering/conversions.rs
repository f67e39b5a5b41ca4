//! Conversions that models give. They read the columns of a row as those were before the change.

use aludel_dialect::name_columns;
use aludel_operations::{Alter, ColumnChange, Object, Operation};

use crate::depends::World;
use crate::ordering::graph::Graph;

/// Adds edges from a conversion to the changes that take a column away which it reads, or give it another type. Two
/// conversions that read each other's columns are one statement.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Some(change) = conversion(operation) else { continue };
        let read = read(world, change);
        for (other, later) in operations.iter().enumerate().filter(|(other, _)| *other != at) {
            let ends = match later {
                Operation::Drop(Object::Column { table, column, .. }) => {
                    *table == change.table && read.contains(&column.name.as_str())
                }
                Operation::Alter(Alter::Column(later)) => {
                    let is_read = later.table == change.table
                        && read.contains(&later.to.name.as_str())
                        && later.from.sql_type != later.to.sql_type;
                    let reads_back = || self::read(world, later).contains(&change.to.name.as_str());
                    is_read && !(later.to.using.is_some() && reads_back())
                }
                _ => false,
            };
            if ends {
                graph.edge(at, other);
            }
        }
    }
}

/// Returns the change of a column whose values a text of the models gives.
fn conversion(operation: &Operation) -> Option<&ColumnChange> {
    match operation {
        Operation::Alter(Alter::Column(change)) => change.to.using.as_ref().map(|_| change),
        _ => None,
    }
}

/// Returns the other columns that a conversion reads.
fn read<'m>(world: &World<'m>, change: &ColumnChange) -> Vec<&'m str> {
    let text = change.to.using.as_deref().unwrap_or_default();
    let table = world.pair.database.tables.get(&change.table);
    let names = table.into_iter().flat_map(|table| &table.columns).map(|own| own.name.as_str());
    name_columns(text, names.filter(|name| *name != change.to.name), world.dialect)
}
