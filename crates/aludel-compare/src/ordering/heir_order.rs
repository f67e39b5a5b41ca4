//! The order of changes in a table and in the tables that inherit from it.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{ConstraintKind, Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::inheritance::inherit::{above, is_not_valid};
use crate::making_room::reached::comes_first;
use crate::ordering::graph::Graph;

/// Adds edges that take the default of an heir away before the column gets another type with the one above.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, first) in operations.iter().enumerate().filter(|(_, own)| comes_first(world, own)) {
        for (other, operation) in operations.iter().enumerate() {
            let is_above = |id: ObjectId| {
                world.with_heirs(vec![id]).iter().skip(1).any(|id| *id == first.object())
            };
            if retyped(operation).into_iter().any(is_above) {
                graph.edge(at, other);
            }
        }
    }
    columns(world, operations, graph);
    checks(world, operations, graph);
    leaving(world, operations, graph);
    not_valid(world, operations, graph);
}

/// Adds edges between what comes or goes above and the column of an heir that is its own as well: it gets its new
/// form before one like it comes above, and the server lets it go or change when it has gone there.
fn columns(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, above) in operations.iter().enumerate() {
        let id = above.object();
        if id.kind != Kind::Column {
            continue;
        }
        let below = world.with_heirs(vec![id]);
        let own =
            operations.iter().enumerate().filter(|(_, own)| below[1..].contains(&own.object()));
        for (other, own) in own {
            if comes_before(own, above) {
                graph.edge(other, at);
            } else if comes_behind(own, above) {
                graph.edge(at, other);
            }
        }
    }
}

/// Returns true if an operation on a column of an heir comes before one on the same column above it.
pub(crate) fn comes_before(own: &Operation, above: &Operation) -> bool {
    let fills = |operation: &Operation| matches!(operation, Operation::Restore(_));
    // One that the heir has from above alone afterwards goes before it is merged with that.
    let is_like_it = comes(own) || goes(own) || changes_its_own(own);
    own.object() != above.object() && (comes(above) && is_like_it || fills(above) && fills(own))
}

/// Returns true if an operation on a column of an heir comes behind one on the same column above it.
pub(crate) fn comes_behind(own: &Operation, above: &Operation) -> bool {
    own.object() != above.object() && goes(above) && (goes(own) || changes_its_own(own))
}

fn comes(operation: &Operation) -> bool {
    matches!(operation, Operation::Create(Object::Column { .. }))
}

fn goes(operation: &Operation) -> bool {
    matches!(operation, Operation::Drop(Object::Column { .. }))
}

/// Returns true for another form of a column that the table has of its own.
fn changes_its_own(operation: &Operation) -> bool {
    matches!(operation, Operation::Alter(Alter::Column(change)) if !change.from.inherited)
}

/// Returns the columns to which an operation gives another type, or a new one of the same name.
fn retyped(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Alter(Alter::Column(change)) if change.from.sql_type != change.to.sql_type => {
            vec![operation.object()]
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let columns = replacement.columns.iter();
            let ids = columns.map(|own| ObjectId::column(&own.table, own.column.name.as_str()));
            ids.collect()
        }
        _ => Vec::new(),
    }
}

/// Adds edges that take a check from an heir, or add another one, after it has gone above, where the server
/// holds it until then, and before another one of its name comes above.
fn checks(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let check = |operation: &Operation| match operation {
        Operation::Create(Object::Constraint { table, constraint })
        | Operation::Drop(Object::Constraint { table, constraint }) => {
            let is_check = matches!(constraint.kind, ConstraintKind::Check { .. });
            is_check.then(|| (table.clone(), constraint.name.clone()))
        }
        _ => None,
    };
    let all = operations.iter().enumerate().filter_map(|(at, own)| Some((at, own, check(own)?)));
    let all: Vec<_> = all.collect();
    for (at, own, (heir, name)) in &all {
        for (other, above, (table, _)) in all.iter().filter(|(.., own)| own.1 == *name) {
            if table != heir && world.and_below(vec![table]).contains(&heir) {
                match (above, own) {
                    (Operation::Drop(_), _) => graph.edge(*other, *at),
                    (_, Operation::Drop(_)) => graph.edge(*at, *other),
                    _ => {}
                }
            }
        }
    }
}

/// Adds edges that let a table leave another one before a check or a column above gets another name, which it would
/// get in the table as well, and before its own columns get other names, which the server refuses until then.
fn leaving(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let [before, after] = [world.unfollowed, world.pair.target].map(|side| {
        move |heir: &QualifiedName| {
            let heir = side.tables.get(heir);
            heir.into_iter()
                .flat_map(|own| above(side, own))
                .map(|own| &own.name)
                .collect::<Vec<_>>()
        }
    });
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::TableOptions { table, from, to }) = operation else { continue };
        if from.inherits.iter().all(|parent| to.inherits.contains(parent)) {
            continue;
        }
        let mut left = before(table);
        left.retain(|parent| !after(table).contains(parent));
        for (other, operation) in operations.iter().enumerate() {
            if let Operation::Rename { from, .. } = operation
                && let Some(of) = &from.table
                && (left.contains(&of) && matches!(from.kind, Kind::Constraint | Kind::Column)
                    || of == table && from.kind == Kind::Column)
            {
                graph.edge(at, other);
            }
        }
    }
}

/// Adds edges that let new heirs come before a NOT NULL constraint above that does not look at the rows, if
/// theirs is not to look at them either, and otherwise behind it.
fn not_valid(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::Column(change)) = operation else { continue };
        if !is_not_valid(&change.to) || is_not_valid(&change.from) {
            continue;
        }
        let below = world.and_below(vec![&change.table]);
        for (other, operation) in operations.iter().enumerate() {
            let Operation::Create(Object::Table(heir)) = operation else { continue };
            if heir.name != change.table && below.contains(&&heir.name) {
                match heir.column(&change.to.name).is_some_and(is_not_valid) {
                    true => graph.edge(other, at),
                    false => graph.edge(at, other),
                }
            }
        }
    }
}
