//! Constraints that pass from partitions to partitions above them.

use aludel_operations::{Alter, Operation};
use aludel_schema::{Clause, Definition, Kind};

use crate::about;
use crate::depends::World;
use crate::partitions::bound::{self, part};

/// Returns a partition without the constraints whose names partitions above it get, and with those of them that stay
/// under other names; `None` if there is none.
pub(crate) fn given_up(
    world: &World<'_>,
    from: &Definition,
    to: &Definition,
) -> Option<Definition> {
    let above = bound::above(world.pair.target, to, world.dialect);
    let sides = above.into_iter().filter_map(|name| {
        let own = world.pair.map(|side| side.definitions.get(&part(name)));
        Some((own.database?, own.target?))
    });
    let sides: Vec<(&Definition, &Definition)> = sides.collect();
    let between = about::changed(world.dialect, from, |clause| {
        let passes = sides.iter().any(|(before, after)| {
            gives_up(from, to, clause) && !has(before, clause) && has(after, clause)
        });
        if !passes {
            return Some(clause.clone());
        }
        let is_same = |other: &&Clause| other.word == clause.word && other.text == clause.text;
        to.clauses.iter().find(is_same).cloned()
    });
    (between.clauses != from.clauses).then_some(between)
}

/// Returns true if an operation takes a constraint from a partition, and another one gives one of that name to a
/// partition above it.
pub(crate) fn comes_first(world: &World<'_>, own: &Operation, above: &Operation) -> bool {
    let alter = |operation| match operation {
        &Operation::Alter(Alter::Definition { ref from, ref to, .. })
            if from.id.kind == Kind::Partition =>
        {
            Some((&**from, &**to))
        }
        _ => None,
    };
    let Some(((from, to), (before, after))) = alter(own).zip(alter(above)) else { return false };
    bound::above(world.pair.target, to, world.dialect).contains(&&after.id.name)
        && from
            .clauses
            .iter()
            .any(|clause| gives_up(from, to, clause) && !has(before, clause) && has(after, clause))
}

fn gives_up(from: &Definition, to: &Definition, clause: &Clause) -> bool {
    clause.word == "constraint" && clause.name.is_some() && has(from, clause) && !has(to, clause)
}

/// Returns true if a partition has a constraint of the name of another one.
fn has(partition: &Definition, constraint: &Clause) -> bool {
    let mut clauses = partition.clauses.iter();
    clauses.any(|own| own.word == constraint.word && own.name == constraint.name)
}
