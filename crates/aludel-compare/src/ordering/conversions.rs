//! Conversions that models give by `using`. They read the columns of a row as those were before the change.

use aludel_dialect::name_columns;
use aludel_operations::{Alter, ColumnChange, Object, Operation};

use crate::depends::World;
use crate::ordering::graph::Graph;

/// Adds edges from a conversion to the operations that drop a column which it reads, give it another type, or give
/// its NULLs a value. Two conversions that read each other's columns wait for neither: they are one statement, since
/// what gives NULLs a value comes behind both.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Some(own) = change(operation).filter(|own| own.to.using.is_some()) else { continue };
        for (other, later) in operations.iter().enumerate() {
            let ends = match (later, change(later)) {
                (Operation::Drop(Object::Column { table, column, .. }), _) => {
                    *table == own.table && reads(world, own, &column.name)
                }
                (_, Some(later)) => {
                    later.table == own.table
                        && reads(world, own, &later.to.name)
                        && match is_retyped(later) {
                            true => !reads(world, later, &own.to.name),
                            false => later.from.nullable && !later.to.nullable,
                        }
                }
                (_, None) => false,
            };
            if ends {
                graph.edge(at, other);
            }
        }
    }
}

/// Returns the change of a column that an operation is.
fn change(operation: &Operation) -> Option<&ColumnChange> {
    match operation {
        Operation::Alter(Alter::Column(change)) => Some(change),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

fn is_retyped(change: &ColumnChange) -> bool {
    change.from.sql_type != change.to.sql_type
}

/// Returns true if the conversion of a column to another type reads another column of the table.
fn reads(world: &World<'_>, change: &ColumnChange, other: &str) -> bool {
    let text = change.to.using.as_ref().filter(|_| is_retyped(change) && change.to.name != other);
    text.is_some_and(|text| !name_columns(text, [other].into_iter(), world.dialect).is_empty())
}
