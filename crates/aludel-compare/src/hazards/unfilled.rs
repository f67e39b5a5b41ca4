//! Materialized views over others that hold no rows.
//!
//! The server refuses to run a query that reads a materialized view which has never been filled.

use std::collections::BTreeSet;

use aludel_dialect::{Hazard, Step, says_no_data};
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Kind, ObjectId};

use crate::depends::World;

/// Returns operations that create the materialized views without rows that read one without rows.
pub(crate) fn left_empty(world: &World<'_>, mut operations: Vec<Operation>) -> Vec<Operation> {
    let made = made(operations.iter());
    for view in operations.iter_mut().filter_map(created) {
        if empty_below(world, &made, view).is_some() {
            view.belongings.is_populated = Some(false);
        }
    }
    operations
}

/// Says which materialized views stay without rows that their statements, or the database before, would
/// have given them.
pub(crate) fn say(steps: &mut [Step], world: &World<'_>) {
    let made = made(steps.iter().flat_map(|step| &step.operations));
    for step in steps {
        for view in step.operations.iter_mut().filter_map(created) {
            let target = world.pair.target.definitions.get(&view.id);
            let is_wanted = target.is_some_and(|own| !is_empty(world, own));
            if let Some(because) = empty_below(world, &made, view).filter(|_| is_wanted) {
                step.hazards.push(Hazard::StaysEmpty { view: view.id.clone(), because });
            }
        }
    }
}

/// Returns the materialized view that an operation makes.
fn created(operation: &mut Operation) -> Option<&mut Definition> {
    match operation {
        Operation::Create(Object::Definition(own)) => {
            Some(&mut **own).filter(|own| own.id.kind == Kind::MaterializedView)
        }
        _ => None,
    }
}

/// Returns the identities of what a plan makes.
fn made<'o>(operations: impl IntoIterator<Item = &'o Operation>) -> BTreeSet<ObjectId> {
    let operations = operations.into_iter();
    let made = operations.filter(|own| matches!(own, Operation::Create(Object::Definition(_))));
    made.map(Operation::object).collect()
}

/// Returns true if a materialized view has no rows whatever it reads.
fn is_empty(world: &World<'_>, view: &Definition) -> bool {
    match view.belongings.is_populated {
        Some(is_populated) => !is_populated,
        None => says_no_data(&view.body.written, world.dialect),
    }
}

/// Returns a materialized view without rows that another one reads, itself or through what it reads. One
/// that a plan makes again is read as far as what it reads itself.
fn empty_below(
    world: &World<'_>,
    made: &BTreeSet<ObjectId>,
    view: &Definition,
) -> Option<ObjectId> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&ObjectId> = view.depends_on.iter().collect();
    while let Some(id) = open.pop() {
        let Some(own) = world.pair.target.definitions.get(id) else { continue };
        if !seen.insert(id) {
            continue;
        }
        if id.kind == Kind::MaterializedView {
            if is_empty(world, own) {
                return Some(id.clone());
            }
            if !made.contains(id) {
                continue;
            }
        }
        open.extend(&own.depends_on);
    }
    None
}
