//! Domains: columns that keep one from getting a check, and domains that make room.

use aludel_schema::{Clause, Column, Definition, Kind, ObjectId, Table};

use crate::change::in_new_names;
use crate::depends::World;
use crate::impossible::Impossible;
use crate::making_room::going::going;
use crate::types::domain_clauses::of_domain;
use crate::types::holder::{holder_of_rows, types_over};

/// Returns the domains that get a constraint.
fn constrained<'m>(world: &World<'m>) -> impl Iterator<Item = &'m Definition> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let is_constraint = |clause: &&Clause| {
        matches!(clause.word.as_str(), "constraint" | "not null" | "not null name")
    };
    let domains = pair.target.values().filter(|target| target.id.kind == Kind::Domain);
    domains.filter(move |target| {
        pair.database.get(&target.id).is_some_and(|database| {
            let before = in_new_names(world, database, target);
            let mut constraints = target.clauses.iter().filter(is_constraint);
            constraints.any(|clause| !before.clauses.contains(clause))
        })
    })
}

/// Returns the domains that keep a constraint which calls a function, or uses an operator, that goes and comes
/// again, as far as that is known before a plan makes room. `replaced` are types that are made again.
fn reconstrained<'m>(
    world: &World<'m>,
    replaced: &[ObjectId],
) -> impl Iterator<Item = &'m Definition> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let resting =
        pair.target.values().filter(|own| own.id.kind == Kind::Domain).filter_map(|own| {
            let resting = resting_constraints(world, pair.database.get(&own.id)?);
            (!resting.is_empty()).then_some((own, resting))
        });
    let resting: Vec<_> = resting.collect();
    let gone = match resting.is_empty() {
        true => Vec::new(),
        false => going(world, replaced),
    };
    let domains = resting.into_iter().filter(move |(_, resting)| {
        resting.iter().any(|(_, on)| on.iter().any(|id| gone.contains(id)))
    });
    domains.map(|(own, _)| own)
}

/// Returns the constraints of a domain with what they call.
fn resting_constraints<'m>(
    world: &World<'_>,
    database: &'m Definition,
) -> Vec<(&'m Clause, Vec<ObjectId>)> {
    let constraints = database.clauses.iter().filter(|clause| clause.word == "constraint");
    let resting = constraints.map(|clause| (clause, of_domain(world, database, clause)));
    resting.filter(|(_, on)| !on.is_empty()).collect()
}

/// Returns the clauses of a domain of the database without the constraints that go and come again with what they
/// call: another function may refuse values that are there.
pub(crate) fn lasting_clauses(world: &World<'_>, database: &Definition) -> Vec<Clause> {
    let mut resting = resting_constraints(world, database);
    if !resting.is_empty() {
        let gone = going(world, &[]);
        resting.retain(|(_, on)| on.iter().any(|id| gone.contains(id)));
    }
    let stays = |own: &&Clause| !resting.iter().any(|(clause, _)| clause == own);
    database.clauses.iter().filter(stays).cloned().collect()
}

/// Returns true if a domain loses parts and gets none, as one does that makes room.
pub(crate) fn only_loses(from: &Definition, to: &Definition) -> bool {
    to.id.kind == Kind::Domain
        && to.clauses.len() < from.clauses.len()
        && to.clauses.iter().all(|clause| from.clauses.contains(clause))
}

/// Returns the domains that get a constraint while columns hold their values in arrays or in other types,
/// where the server does not look for them. A new domain takes the values over instead, one by one. `replaced`
/// are types that are made again.
pub(crate) fn constrained_inside<'m>(
    world: &World<'m>,
    replaced: &[ObjectId],
) -> impl Iterator<Item = &'m Definition> {
    let is_left_alone = |own: &Definition| world.leaves_alone(&own.id);
    let all = constrained(world).chain(reconstrained(world, replaced));
    all.filter(move |own| !is_left_alone(own) && holder_inside(world, own).is_some())
}

/// Returns the domains that can't get their constraints. `replaced` are the types that are made again.
pub(crate) fn held_domains(world: &World<'_>, replaced: &[ObjectId]) -> Vec<Impossible> {
    let kept = constrained(world).filter(|own| !replaced.contains(&own.id));
    kept.filter_map(|own| held_domain(world, own)).collect()
}

/// Returns a table that holds values of a domain in an array or in another type.
fn holder_inside<'m>(world: &World<'m>, domain: &Definition) -> Option<&'m Table> {
    let over = types_over(world, domain);
    let is_of = |column: &Column, own: &Definition| Some(&own.id) == world.type_of(column);
    let holds = |column: &Column| {
        let is_array = column.sql_type.written.ends_with("[]");
        over.iter().any(|own| is_of(column, own) && (is_array || is_around(world, own, &domain.id)))
    };
    world.pair.database.tables.values().find(|table| table.columns.iter().any(holds))
}

/// Returns true if a type over a domain has the values of that in an array or in another type. Those of a domain
/// over a domain are the same values.
fn is_around(world: &World<'_>, over: &Definition, domain: &ObjectId) -> bool {
    if over.id == *domain {
        return false;
    }
    let base = over.body.spelling();
    let below = || world.type_named(base).and_then(|id| world.pair.database.definitions.get(id));
    over.id.kind != Kind::Domain
        || base.ends_with("[]")
        || below().is_some_and(|below| is_around(world, below, domain))
}

/// Returns the reason why a domain can get no check; `None` for a definition of any other kind.
pub(crate) fn held_domain(world: &World<'_>, target: &Definition) -> Option<Impossible> {
    if target.id.kind != Kind::Domain {
        return None;
    }
    let over = types_over(world, target);
    let is_of = |column: &Column, own: &Definition| Some(&own.id) == world.type_of(column);
    let tables = || world.pair.database.tables.values();
    let reason = if let Some(table) = holder_inside(world, target) {
        format!(
            "PostgreSQL does not add a constraint to a domain while {} has a column of an array or \
             another type that contains it; write this revision by hand",
            ObjectId::table(&table.name)
        )
    } else {
        let is_held = |column: &Column| over.iter().any(|own| is_of(column, own));
        let mut tables = tables().filter(|table| table.columns.iter().any(is_held));
        let (table, holder) =
            tables.find_map(|table| Some((&table.name, holder_of_rows(world, &table.name)?)))?;
        format!(
            "PostgreSQL does not add a constraint to a domain while {} has a column of it, and {holder} \
             holds rows of that; write this revision by hand",
            ObjectId::table(table)
        )
    };
    Some(Impossible { object: target.id.clone(), reason })
}
