//! Conversions that models give by `using`. They read the columns of a row as those were before the change.

use aludel_dialect::name_columns;
use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{ObjectId, QualifiedName};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::graph::Graph;

/// A conversion of the values of a column.
struct Conversion<'o> {
    table: &'o QualifiedName,
    column: &'o str,
    using: &'o str,
}

/// Adds edges from a conversion to the operations that change values which it reads. Conversions that read each
/// other's columns stay together, and become one statement.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let groups = groups(world, operations);
    for (at, operation) in operations.iter().enumerate() {
        let own = conversions(operation);
        let group = groups.iter().find(|group| group.contains(&at));
        for (other, later) in operations.iter().enumerate().filter(|_| !own.is_empty()) {
            let is_together = group.is_some_and(|group| group.contains(&other));
            if other != at && !is_together && waits(world, &own, later) {
                graph.edge(at, other);
            }
        }
    }
    groups.iter().for_each(|group| graph.together(group));
}

/// Reports conversions that would read values which the plan has changed by then.
pub(crate) fn torn(world: &World<'_>, operations: &[Operation]) -> Vec<Impossible> {
    let groups = groups(world, operations);
    let is_one_statement = |first: usize, last: usize| {
        let all = operations.get(first..=last).unwrap_or_default();
        // What gives NULLs a value has statements of its own behind.
        let in_between = all.split_last().map(|(_, others)| others).unwrap_or_default();
        all.iter().all(|own| change(own).is_some())
            && !in_between.iter().filter_map(change).any(fills)
    };
    let mut found = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        let own = conversions(operation);
        for (other, earlier) in operations.iter().enumerate().take(at).filter(|_| !own.is_empty()) {
            let group = groups.iter().find(|group| group.contains(&at) && group.contains(&other));
            let is_read = waits(world, &own, earlier);
            let is_kept = group.is_some() && is_one_statement(other, at);
            if let Some(first) = own.first().filter(|_| is_read && !is_kept) {
                found.push(Impossible {
                    object: ObjectId::column(first.table, first.column),
                    reason: format!(
                        "its `using` reads values of before, and {} has to come first; change one of them in a \
                         revision of its own",
                        earlier.object()
                    ),
                });
            }
        }
    }
    found
}

/// Returns the operations with conversions that read each other's columns, directly or by way of others.
fn groups(world: &World<'_>, operations: &[Operation]) -> Vec<Vec<usize>> {
    let all: Vec<usize> =
        (0..operations.len()).filter(|at| !conversions(&operations[*at]).is_empty()).collect();
    let reads = |at: &usize, other: &usize| {
        at != other && waits(world, &conversions(&operations[*at]), &operations[*other])
    };
    let reached = |at: usize| {
        let mut found = vec![at];
        let mut next = 0;
        while let Some(place) = found.get(next).copied() {
            let more: Vec<usize> = { all.iter() }
                .filter(|other| !found.contains(other) && reads(&place, other))
                .copied()
                .collect();
            found.extend(more);
            next += 1;
        }
        found
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for at in all.iter().copied().filter(|_| all.len() > 1) {
        if groups.iter().any(|group| group.contains(&at)) {
            continue;
        }
        let mut group: Vec<usize> =
            reached(at).into_iter().filter(|other| reached(*other).contains(&at)).collect();
        group.sort_unstable();
        if group.len() > 1 {
            groups.push(group);
        }
    }
    groups
}

/// Returns the conversions of an operation.
fn conversions(operation: &Operation) -> Vec<Conversion<'_>> {
    match operation {
        Operation::Alter(Alter::Column(change)) => {
            let using = change.to.using.as_deref().filter(|_| is_retyped(change));
            let of_column =
                |using| Conversion { table: &change.table, column: &change.to.name, using };
            using.map(of_column).into_iter().collect()
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let of_column = |own| {
                let using = replacement.conversion(own)?;
                Some(Conversion { table: &own.table, column: &own.column.name, using })
            };
            replacement.columns.iter().filter_map(of_column).collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns true if an operation changes values of a column that one of the conversions reads: it drops it, gives it
/// another type, or gives its NULLs a value.
fn waits(world: &World<'_>, conversions: &[Conversion<'_>], later: &Operation) -> bool {
    let is_read = |table: &QualifiedName, column: &str| {
        conversions.iter().any(|own| {
            let is_other = own.table == table && own.column != column;
            is_other && !name_columns(own.using, [column].into_iter(), world.dialect).is_empty()
        })
    };
    match later {
        Operation::Drop(Object::Column { table, column, .. }) => is_read(table, &column.name),
        Operation::Alter(Alter::Column(change)) => {
            (is_retyped(change) || fills(change)) && is_read(&change.table, &change.to.name)
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            replacement.columns.iter().any(|own| is_read(&own.table, &own.column.name))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => false,
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

fn fills(change: &ColumnChange) -> bool {
    change.from.nullable && !change.to.nullable
}
