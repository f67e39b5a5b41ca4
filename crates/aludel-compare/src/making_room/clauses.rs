//! Clauses that make room by themselves, so that the object that has them stays: those of domains that
//! call functions or use operators, and what partitions have of their own.

use std::collections::BTreeMap;

use aludel_dialect::{mentions, referenced_key};
use aludel_schema::{Clause, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::partitions::{bound, partition};
use crate::types::domain_clauses::of_domain;

/// The word for the default of a domain, and of a column of a partition.
pub(crate) const DEFAULT: &str = "default";

/// The word of an attribute of a composite type.
pub(crate) const ATTRIBUTE: &str = "attribute";

/// The word for a constraint of a domain or a partition.
const CONSTRAINT: &str = "constraint";

/// Returns the clauses of a definition that can be taken away and given back, with what they rest on.
pub(crate) fn resting<'m>(
    world: &World<'_>,
    definition: &'m Definition,
) -> Vec<(&'m Clause, Vec<ObjectId>)> {
    let on = match definition.id.kind == Kind::Partition {
        true => of_partition,
        false => of_domain,
    };
    let has_such = matches!(definition.id.kind, Kind::Domain | Kind::Partition);
    let facts = world.dialect.kind_facts(definition.id.kind).filter(|_| has_such);
    let Some(facts) = facts else { return Vec::new() };
    // The collation of a domain can't be taken away.
    let goes =
        |clause: &&Clause| facts.clause(&clause.word).is_some_and(|facts| !facts.unset.is_empty());
    let clauses = definition.clauses.iter().filter(goes);
    let resting = clauses.map(|clause| (clause, on(world, definition, clause)));
    resting.filter(|(_, on)| !on.is_empty()).collect()
}

/// Returns what a default or a constraint of a partition rests on, with the columns of its table. The
/// server tells what all of them together rest on.
fn of_partition(world: &World<'_>, partition: &Definition, clause: &Clause) -> Vec<ObjectId> {
    if ![DEFAULT, CONSTRAINT].contains(&clause.word.as_str()) {
        return Vec::new();
    }
    let mut named = world.named(&clause.text);
    named.extend(world.sequences(&clause.text));
    let has = |name: &str| mentions(clause.text.spelling(), name, world.dialect);
    let parent = bound::parent(partition, world.dialect);
    let is_on = |id: &&ObjectId| {
        let is_parent = id.table.is_none() && Some(&id.name) == parent;
        let is_read = has(&id.name.name) && id.table.as_ref().is_none_or(|own| has(&own.name));
        !is_parent && (is_read || named.contains(id))
    };
    let mut on: Vec<ObjectId> = partition.depends_on.iter().filter(is_on).cloned().collect();
    on.extend(partition::columns_of(world, partition, clause));
    let key = referenced_key(clause.text.spelling(), world.dialect);
    on.extend(key.map(|(table, _)| ObjectId::table(&table)));
    on
}

/// Returns true for a clause that makes its columns unique. The server makes the index of it again when a
/// column gets another type.
pub(crate) fn is_key(clause: &Clause) -> bool {
    let text = clause.text.spelling();
    clause.word == CONSTRAINT && ["PRIMARY KEY", "UNIQUE"].iter().any(|own| text.starts_with(own))
}

/// Returns a definition of the database without the clauses that are among the objects that make room;
/// `None` if none is. What is said about a clause goes with it.
pub(crate) fn without(
    world: &World<'_>,
    remade: &BTreeMap<ObjectId, ObjectId>,
    definition: &Definition,
) -> Option<Definition> {
    let facts = world.dialect.kind_facts(definition.id.kind)?;
    let resting = resting(world, definition).into_iter();
    let gone = resting.filter(|(clause, _)| remade.contains_key(&clause_of(definition, clause)));
    let gone: Vec<(&Clause, Vec<ObjectId>)> = gone.collect();
    let mut left = definition.clone();
    for (clause, on) in &gone {
        left.clauses.retain(|own| own != *clause && !facts.is_about(own, clause));
        left.depends_on.retain(|id| !on.contains(id));
    }
    (!gone.is_empty()).then_some(left)
}

/// Returns the identity that a clause has among the objects that make room.
pub(crate) fn clause_of(definition: &Definition, clause: &Clause) -> ObjectId {
    let mut id = definition.id.clone();
    id.signature = Some(format!("{} {}", clause.word, clause.name.as_deref().unwrap_or_default()));
    id
}
