//! The states in which partitions have the triggers of the tables above them.
//!
//! A partition has each trigger as the table above it has it, until an ALTER TABLE of the partition says
//! otherwise. It is forgotten when the partition leaves its table, when the trigger is replaced, and when
//! its state changes above.

use std::collections::BTreeMap;

use aludel_schema::{Clause, Definition, Kind, Metadata, ObjectId, SqlText};

use crate::depends::World;
use crate::pair::Pair;
use crate::partitions::bound::{self, TRIGGER, part};

/// Brings the states of the triggers of a partition to what the plan leaves of them: takes those away that
/// it makes the server forget, and gives the state of the table above to those that the target leaves to
/// that.
pub(crate) fn settle(
    world: &World<'_>,
    remade: &BTreeMap<ObjectId, ObjectId>,
    pair: Pair<&Definition>,
    from: &mut Definition,
    to: &mut Definition,
) {
    let is_of_trigger = |clause: &Clause| clause.word == TRIGGER;
    from.clauses
        .retain(|clause| !is_of_trigger(clause) || !is_forgotten(world, remade, pair, clause));
    let stays = |clause: &Clause| to.clauses.iter().any(|other| other.is_same_part(clause));
    let left = from.clauses.iter().filter(|clause| is_of_trigger(clause) && !stays(clause));
    for clause in left.cloned().collect::<Vec<Clause>>() {
        let above =
            Clause { text: SqlText::new(above(world, pair.target, &clause)), ..clause.clone() };
        match above == clause {
            true => from.clauses.retain(|own| *own != clause),
            false => to.clauses.push(above),
        }
    }
}

/// Returns the triggers of which a partition says something that another form of it does not say.
pub(crate) fn triggers_of(
    world: &World<'_>,
    partition: &Definition,
    other: &Definition,
) -> Vec<ObjectId> {
    let clauses = partition.clauses.iter().filter(|clause| clause.word == TRIGGER);
    let clauses = clauses.filter(|clause| !other.clauses.contains(clause));
    let sides = [world.pair.target, world.pair.database];
    let triggers = clauses.flat_map(|clause| {
        let found = sides.into_iter().filter_map(|side| trigger(world, side, partition, clause));
        found.map(|trigger| trigger.id.clone()).collect::<Vec<_>>()
    });
    triggers.collect()
}

/// Returns true if the server forgets the state of a trigger of a partition that the database has.
fn is_forgotten(
    world: &World<'_>,
    remade: &BTreeMap<ObjectId, ObjectId>,
    pair: Pair<&Definition>,
    clause: &Clause,
) -> bool {
    let sides = world.pair;
    let triggers = Pair::new(
        trigger(world, sides.database, pair.database, clause),
        trigger(world, sides.target, pair.target, clause),
    );
    let is_replaced = match (triggers.database, triggers.target) {
        (Some(before), Some(after)) => {
            before.id != after.id || !before.says_the_same(after) || remade.contains_key(&after.id)
        }
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    };
    let says = |own: &Definition| {
        let parts = own.clauses.iter();
        let parts = parts.filter(|part| part.word == "bound" || part.is_same_part(clause));
        parts.cloned().collect::<Vec<_>>()
    };
    is_replaced
        || bound::above(sides.target, pair.target, world.dialect).into_iter().any(|name| {
            let above = sides.map(|side| side.definitions.get(&part(name)).map(says));
            above.database != above.target
        })
}

/// Returns the state that the partition or the table above a partition gives to a trigger.
fn above(world: &World<'_>, partition: &Definition, clause: &Clause) -> String {
    let target = world.pair.target;
    let said = bound::above(target, partition, world.dialect).into_iter().find_map(|name| {
        let above = target.definitions.get(&part(name))?;
        above.clauses.iter().find(|own| own.is_same_part(clause))
    });
    let own = || {
        let trigger = trigger(world, target, partition, clause)?;
        trigger.clauses.iter().find(|own| own.word == "enabled")
    };
    said.or_else(own).map_or("ENABLE", |clause| clause.text.spelling()).to_owned()
}

/// Returns the trigger of the tables above a partition that a clause is about.
fn trigger<'m>(
    world: &World<'_>,
    side: &'m Metadata,
    partition: &Definition,
    clause: &Clause,
) -> Option<&'m Definition> {
    let name = clause.name.as_ref()?;
    bound::above(side, partition, world.dialect).into_iter().find_map(|table| {
        side.definitions.get(&ObjectId::within(Kind::Trigger, table, name.as_str()))
    })
}
