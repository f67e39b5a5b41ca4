//! Plans as JSON.

use aludel::{Hazard, Leftover, ObjectId, Plan, Step};
use serde_json::{Value, json};

/// Returns the operations of a plan in words, in order.
pub(crate) fn operations_json(plan: &Plan) -> Vec<String> {
    plan.operations().map(ToString::to_string).collect()
}

/// Returns the steps of a plan, with statements, locks and hazards.
pub(crate) fn steps_json(plan: &Plan) -> Vec<Value> {
    plan.steps.iter().map(step_json).collect()
}

fn step_json(step: &Step) -> Value {
    let operations: Vec<String> = step.operations.iter().map(ToString::to_string).collect();
    let locks = step.locks.iter().map(|(object, mode)| {
        json!({
            "kind": object.kind.noun(),
            "name": object.name.to_string(),
            "table": object.table.as_ref().map(ToString::to_string),
            "mode": mode.as_str(),
        })
    });
    json!({
        "operations": operations,
        "statements": step.statements,
        "transaction": step.class.as_str(),
        "locks": locks.collect::<Vec<_>>(),
        "hazards": step.hazards.iter().map(hazard_json).collect::<Vec<_>>(),
    })
}

fn hazard_json(hazard: &Hazard) -> Value {
    json!({
        "code": hazard.code(),
        "class": hazard.class().as_str(),
        "message": hazard.to_string(),
    })
}

/// Returns the objects that the models can't express.
pub(crate) fn leftovers_json(leftovers: &[Leftover]) -> Vec<Value> {
    let one = |leftover: &Leftover| {
        let object = &leftover.object;
        json!({
            "kind": leftover.what(),
            "name": object.name.to_string(),
            "table": object.table.as_ref().map(ToString::to_string),
        })
    };
    leftovers.iter().map(one).collect()
}

/// Returns objects by identity.
pub(crate) fn objects_json(objects: &[ObjectId]) -> Vec<Value> {
    let one = |object: &ObjectId| {
        json!({
            "kind": object.kind.noun(),
            "name": object.name.to_string(),
            "table": object.table.as_ref().map(ToString::to_string),
        })
    };
    objects.iter().map(one).collect()
}
