//! Plans as JSON, and what they leave out.

use aludel::{Hazard, Leftover, ObjectId, Plan, Step, Uncompared};
use serde_json::{Value, json};

use crate::output::{BAD, Output, styled};

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

/// Returns what could not be compared, with the reasons.
pub(crate) fn uncompared_json(uncompared: &[Uncompared]) -> Vec<Value> {
    let one = |uncompared: &Uncompared| {
        let object = &uncompared.place.object;
        json!({
            "kind": object.kind.noun(),
            "name": object.name.to_string(),
            "table": object.table.as_ref().map(ToString::to_string),
            "place": uncompared.place.to_string(),
            "reason": uncompared.reason,
        })
    };
    uncompared.iter().map(one).collect()
}

/// Prints a warning for each part that could not be compared.
pub(crate) fn print_uncompared(uncompared: &[Uncompared], output: &Output) {
    for uncompared in uncompared {
        output.progress(format_args!("{} not compared: {uncompared}", styled(BAD, "warning:")));
    }
}

/// Prints the event triggers that saw a comparison, and how the role can keep them back.
pub(crate) fn print_seen_by(seen_by: &[String], output: &Output) {
    if seen_by.is_empty() {
        return;
    }
    let (noun, fires) = match seen_by.len() {
        1 => ("event trigger", "fires"),
        _ => ("event triggers", "fire"),
    };
    output.progress(format_args!(
        "{} {noun} {} of the database {fires} for what is made to compare, and taken back; it takes a superuser \
         to prevent that, or GRANT SET ON PARAMETER event_triggers (PostgreSQL 17) or session_replication_role \
         (PostgreSQL 15)",
        styled(BAD, "warning:"),
        seen_by.join(", "),
    ));
}

/// Prints that names without a schema are not made where the search path says.
pub(crate) fn print_missing_schema(schema: Option<&str>, output: &Output) {
    if let Some(schema) = schema {
        output.progress(format_args!(
            "{} search_path begins with {schema}, which is not there, so that names without a schema come into \
             another one: make the schema first, or set another search_path",
            styled(BAD, "warning:"),
        ));
    }
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
