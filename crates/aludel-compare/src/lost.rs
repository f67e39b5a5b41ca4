//! The losses of a plan besides rows and columns: values of the attributes of a type, and counters.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Hazard, Step};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Definition, ObjectId, QualifiedName, Sequence};

use crate::depends::World;

/// Adds a hazard for each attribute and each counter that goes.
pub(crate) fn say_what_goes(steps: &mut [Step], dialect: Dialect) {
    let handed_over = handed_over(steps);
    add(steps, |operation| match operation {
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            let attributes: Vec<String> = names(&only_in(from, to, dialect));
            let of = to.id.clone();
            let is_less = !attributes.is_empty();
            is_less.then_some(Hazard::DropsAttributes { of, attributes }).into_iter().collect()
        }
        Operation::Drop(Object::Sequence(Sequence { name, .. })) if !handed_over.contains(name) => {
            vec![Hazard::DropsCounter { sequence: name.clone() }]
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    });
}

/// Adds a hazard for each attribute and each counter that comes again without what it had.
pub(crate) fn say_what_comes_empty(steps: &mut [Step], world: &World<'_>) {
    let handed_over = handed_over(steps);
    let is_lost = |sequence: &Sequence| {
        !handed_over.contains(&sequence.name) && is_of_old_rows(sequence, world)
    };
    add(steps, |operation| match operation {
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            attributes_again(from, to, world.dialect)
        }
        Operation::Create(Object::Sequence(sequence)) if is_lost(sequence) => {
            vec![Hazard::LostCounter { sequence: sequence.name.clone() }]
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    });
}

fn add(steps: &mut [Step], hazards: impl Fn(&Operation) -> Vec<Hazard>) {
    for step in steps {
        step.hazards.extend(step.operations.iter().flat_map(&hazards));
    }
}

/// Returns the sequences whose counter passes to another one, or comes from it.
fn handed_over(steps: &[Step]) -> BTreeSet<QualifiedName> {
    let operations = steps.iter().flat_map(|step| &step.operations);
    let counters = operations.filter_map(|operation| match operation {
        Operation::Alter(Alter::Counter(counter)) => Some([&counter.from, &counter.to]),
        _ => None,
    });
    counters.flatten().cloned().collect()
}

/// Returns false if a new sequence comes with its column, whose rows get new numbers.
fn is_of_old_rows(sequence: &Sequence, world: &World<'_>) -> bool {
    sequence.owned_by.as_ref().is_none_or(|owner| {
        let table = world.pair.database.tables.get(&owner.table);
        table.is_some_and(|table| table.column(&owner.column).is_some())
    })
}

/// Returns the hazards of attributes that come again. A new attribute is always the last.
fn attributes_again(from: &Definition, to: &Definition, dialect: Dialect) -> Vec<Hazard> {
    let new = only_in(to, from, dialect);
    let of = to.id.clone();
    let empty =
        |name: &String| Hazard::LostValues { column: ObjectId::column(&of.name, name.as_str()) };
    let mut found: Vec<Hazard> = names(&new).iter().map(empty).collect();
    let all = with_values(to, dialect);
    let last_old = all.iter().rposition(|part| !new.contains(part)).unwrap_or_default();
    let mut moved = all;
    moved.truncate(last_old);
    moved.retain(|part| new.contains(part));
    if !moved.is_empty() {
        found.push(Hazard::MovesAttributes { of, attributes: names(&moved) });
    }
    found
}

/// Returns the parts of a definition that rows have values of, and that another one lacks.
fn only_in<'d>(one: &'d Definition, other: &Definition, dialect: Dialect) -> Vec<&'d Clause> {
    let mut parts = with_values(one, dialect);
    parts.retain(|part| !other.clauses.iter().any(|own| own.is_same_part(part)));
    parts
}

fn with_values(definition: &Definition, dialect: Dialect) -> Vec<&Clause> {
    let Some(facts) = dialect.kind_facts(definition.id.kind) else { return Vec::new() };
    let has_values = |word: &str| facts.clause(word).is_some_and(|facts| facts.has_values);
    definition.clauses.iter().filter(|clause| has_values(&clause.word)).collect()
}

fn names(parts: &[&Clause]) -> Vec<String> {
    parts.iter().filter_map(|part| part.name.clone()).collect()
}
