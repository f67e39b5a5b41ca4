//! The place of the options of a table beside the changes of its columns.
//!
//! A table is one of a type only while it has the columns of the type, and none of its columns changes by itself
//! meanwhile. It takes options of its TOAST table only when it has one, which comes with a column.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Kind, ObjectId, Parameters, QualifiedName, TableOptions};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::pair::Pair;

/// Returns the options that a table has while its columns change: those of the target, as far as they do not need
/// what the table is afterwards.
pub(crate) fn meanwhile(options: Pair<&TableOptions>) -> TableOptions {
    let Pair { database, target } = options;
    let mut between = target.clone();
    // A table has to be like another one before it inherits from it.
    between.inherits.retain(|parent| database.inherits.contains(parent));
    between.of_type.take_if(|of| database.of_type.as_ref() != Some(of));
    let with = target.with.iter().filter(|own| !is_of_toast(own));
    let with = with.chain(database.with.iter().filter(is_of_toast));
    between.with = with.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    between
}

fn is_of_toast((name, _): &(&str, &str)) -> bool {
    name.starts_with("toast.")
}

/// Returns the options of the TOAST table, in order.
pub(crate) fn of_toast(with: &Parameters) -> Vec<(&str, &str)> {
    let mut with: Vec<(&str, &str)> = with.iter().filter(is_of_toast).collect();
    with.sort_unstable();
    with
}

/// Adds edges that let the columns of a table change before it is one of a type, or gets options of its TOAST
/// table, and after it is no longer one of a type.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::TableOptions { table, from, to }) = operation else { continue };
        let is_typed = from.of_type != to.of_type;
        if !is_typed && of_toast(&from.with) == of_toast(&to.with) {
            continue;
        }
        let comes = !is_typed || to.of_type.is_some();
        let of_type = world.pair.map(|side| side.tables.get(table)?.options.of_type.as_ref());
        // Columns of a table of a type get other names with the attributes.
        let renames = of_type.database.is_none() || of_type.database != of_type.target;
        for (other, operation) in operations.iter().enumerate() {
            // It does not follow the attributes of the type that it leaves.
            let left = from.of_type.as_ref().filter(|_| of_type.database != of_type.target);
            if left.is_some_and(|of| renames_attribute(operation, of)) {
                graph.edge(at, other);
                continue;
            }
            if changes_column(operation, table, renames) {
                if comes { graph.edge(other, at) } else { graph.edge(at, other) }
            }
        }
    }
}

fn renames_attribute(operation: &Operation, of_type: &QualifiedName) -> bool {
    let Operation::Alter(Alter::RenameAttribute { of, .. }) = operation else { return false };
    of.name == *of_type
}

/// Returns true for a change of a column of a table.
fn changes_column(operation: &Operation, table: &QualifiedName, renames: bool) -> bool {
    let is_column = |id: &ObjectId| id.kind == Kind::Column && id.table.as_ref() == Some(table);
    let is_change = match operation {
        Operation::Create(Object::Column { .. })
        | Operation::Drop(Object::Column { .. })
        | Operation::Alter(Alter::Column(_))
        | Operation::Restore(_) => true,
        Operation::Rename { .. } => renames,
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Comment { .. } => false,
    };
    is_change && is_column(&operation.object())
}
