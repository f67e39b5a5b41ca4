//! Names that relations of several tables, partitions and views pass on to each other in a circle.
//!
//! Renames of one kind are put into order where they are found. A circle over several kinds, such as an index of a
//! table and one of a partition that change places, shows only when all operations are there. One of its renames
//! goes by way of a third name.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Operation};
use aludel_schema::{Clause, Definition, Kind, Metadata, ObjectId, QualifiedName};

use crate::depends::World;
use crate::names::name::{self, Name};
use crate::renaming::hints::third_name;

/// Lets a rename of each circle go by way of a third name.
pub(crate) fn untangle(world: &World<'_>, operations: &mut Vec<Operation>) {
    if !world.dialect.capabilities().rename_index {
        return;
    }
    loop {
        let steps = in_circles(world, operations);
        let behind = steps.iter().map(|step| step.at + 1).max();
        let apart = steps.iter().find_map(|step| {
            let halves = by_way_of(world, operations, step)?;
            Some((step.at, halves))
        });
        let Some(((at, [away, back]), behind)) = apart.zip(behind) else { return };
        operations[at] = away;
        operations.insert(behind, back);
    }
}

/// An operation that gives up names of relations for others.
struct Step {
    at: usize,
    frees: BTreeSet<QualifiedName>,
    takes: BTreeSet<QualifiedName>,
}

impl Step {
    fn of(world: &World<'_>, at: usize, operation: &Operation) -> Option<Self> {
        let is_one = match operation {
            Operation::Rename { .. } => true,
            Operation::Alter(Alter::Definition { from, .. }) => from.id.kind == Kind::Partition,
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => false,
        };
        let names = |names: Vec<Name>| -> BTreeSet<QualifiedName> {
            names.into_iter().filter_map(Name::in_schema).collect()
        };
        is_one.then(|| Self {
            at,
            frees: names(name::frees(world, operation)),
            takes: names(name::takes(world, operation)),
        })
    }
}

/// Returns the operations that wait for each other's names.
fn in_circles(world: &World<'_>, operations: &[Operation]) -> Vec<Step> {
    let steps = operations.iter().enumerate();
    let mut left: Vec<Step> =
        steps.filter_map(|(at, operation)| Step::of(world, at, operation)).collect();
    loop {
        let waits = |step: &Step| {
            let holders = left.iter().filter(|other| !other.frees.is_disjoint(&step.takes));
            let is_itself = |other: &Step| {
                name::goes_on(world, &operations[step.at], &operations[other.at])
                    && step.at < other.at
            };
            { holders }.any(|other| other.at != step.at && !is_itself(other))
        };
        let waiting: BTreeSet<usize> =
            left.iter().filter(|step| waits(step)).map(|step| step.at).collect();
        if waiting.len() == left.len() {
            return left;
        }
        left.retain(|step| waiting.contains(&step.at));
    }
}

/// Returns the two operations in place of one that gives up its names for third ones first; `None` if it is one that
/// others address by its name.
fn by_way_of(world: &World<'_>, operations: &[Operation], step: &Step) -> Option<[Operation; 2]> {
    let taken = taken(world, operations);
    let third =
        |name: &QualifiedName| third_name(&name.name, |third| taken.contains(&name.sibling(third)));
    match &operations[step.at] {
        Operation::Rename { from, to } => {
            if !matches!(from.kind, Kind::Index | Kind::Constraint) {
                return None;
            }
            let name = third(&from.name);
            let between = ObjectId { name: from.name.sibling(name.as_str()), ..from.clone() };
            let away = Operation::Rename { from: from.clone(), to: name };
            Some([away, Operation::Rename { from: between, to: to.clone() }])
        }
        Operation::Alter(Alter::Definition { from, to, used_by, typed, fills }) => {
            let is_freed = |clause: &Clause| {
                let name = clause.name.as_ref().filter(|_| clause.word == "constraint");
                name.map(|name| from.id.name.sibling(name.as_str()))
                    .filter(|name| step.frees.contains(name))
            };
            let stays = |clause: &Clause| {
                let mut others = to.clauses.iter();
                others.any(|other| other.word == clause.word && other.text == clause.text)
            };
            let mut between = Definition { clauses: Vec::new(), ..(**from).clone() };
            for clause in &from.clauses {
                match is_freed(clause) {
                    None => between.clauses.push(clause.clone()),
                    Some(name) if stays(clause) => {
                        between.clauses.push(Clause { name: Some(third(&name)), ..clause.clone() });
                    }
                    Some(_) => {}
                }
            }
            let between = Box::new(between);
            let alter = |from: Box<Definition>, to, fills| {
                let (used_by, typed) = (used_by.clone(), typed.clone());
                Operation::Alter(Alter::Definition { from, to, used_by, typed, fills })
            };
            let away = alter(from.clone(), between.clone(), Vec::new());
            Some([away, alter(between, to.clone(), fills.clone())])
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Returns the names of relations on both sides and those that operations take.
pub(crate) fn taken(world: &World<'_>, operations: &[Operation]) -> BTreeSet<QualifiedName> {
    let of_side = |side: &Metadata| {
        let tables = side.tables.values().flat_map(name::table_names);
        let tables = tables.filter_map(Name::in_schema);
        let definitions = side.definitions.values().flat_map(|own| {
            let parts = own.clauses.iter().filter_map(|clause| clause.name.as_ref());
            let parts = parts.map(|part| own.id.name.sibling(part.as_str()));
            parts.chain([own.id.name.clone()]).collect::<Vec<_>>()
        });
        tables.chain(definitions).collect::<Vec<_>>()
    };
    let sides = [world.pair.database, world.pair.target].into_iter().flat_map(of_side);
    let taken = operations.iter().flat_map(|operation| name::takes(world, operation));
    sides.chain(taken.filter_map(Name::in_schema)).collect()
}
