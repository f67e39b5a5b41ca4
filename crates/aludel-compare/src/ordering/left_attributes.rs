//! Attributes of composite types that go, in the order of a plan: what reads one gets its new text before.

use aludel_dialect::mentions;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Column, Definition, Kind};

use crate::depends::World;
use crate::making_room::clauses::ATTRIBUTE;

/// Returns true if an operation takes a text away that reads an attribute which `other` drops, and brings one that
/// reads nothing which `other` changes.
pub(crate) fn comes_first(world: &World<'_>, operation: &Operation, other: &Operation) -> bool {
    let Operation::Alter(Alter::Definition { from, to, .. }) = other else { return false };
    if from.id.kind != Kind::CompositeType {
        return false;
    }
    let missing = |own: &Definition, other: &Definition| -> Vec<String> {
        let is_there = |own: &Clause| other.clauses.iter().any(|other| other == own);
        let attributes = own.clauses.iter().filter(|own| own.word == ATTRIBUTE);
        attributes.filter(|own| !is_there(own)).filter_map(|own| own.name.clone()).collect()
    };
    let (gone, new) = (missing(from, to), missing(to, from));
    let Some((before, after)) = texts(world, operation) else { return false };
    let reads = |texts: &[String], names: &[String]| {
        names.iter().any(|name| texts.iter().any(|text| mentions(text, name, world.dialect)))
    };
    reads(&before, &gone) && !reads(&after, &gone) && !reads(&after, &new)
}

/// Returns the texts that an operation replaces, and the new ones.
fn texts(world: &World<'_>, operation: &Operation) -> Option<(Vec<String>, Vec<String>)> {
    let of_definition = |own: &Definition| {
        let clauses = own.clauses.iter().map(|clause| clause.text.spelling().to_owned());
        clauses.chain([own.body.spelling().to_owned()]).collect::<Vec<String>>()
    };
    match operation {
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            Some((of_definition(from), of_definition(to)))
        }
        Operation::Create(Object::Definition(new)) => {
            let before = world.pair.database.definitions.get(&new.id)?;
            Some((of_definition(before), of_definition(new)))
        }
        Operation::Alter(Alter::Column(change)) => {
            let default = |own: &Column| {
                own.default.iter().map(|text| text.spelling().to_owned()).collect::<Vec<String>>()
            };
            Some((default(&change.from), default(&change.to)))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}
