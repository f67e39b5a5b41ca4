//! Domains: clauses that make room by themselves, and columns that keep a domain from getting a check.

use std::collections::BTreeMap;

use aludel_schema::{Clause, Column, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::holder::types_over;
use crate::impossible::Impossible;

/// The word for the default of a domain.
pub(crate) const DEFAULT: &str = "default";

/// Returns the clauses of a domain that call functions or use operators, with these. They are set by
/// themselves, so that the domain stays when a function goes.
pub(crate) fn calling_clauses<'m>(
    world: &World<'_>,
    definition: &'m Definition,
) -> Vec<(&'m Clause, Vec<ObjectId>)> {
    let Some(facts) = world.dialect.kind_facts(Kind::Domain) else { return Vec::new() };
    if definition.id.kind != Kind::Domain {
        return Vec::new();
    }
    // A collation can't be taken away.
    let goes =
        |clause: &&Clause| facts.clause(&clause.word).is_some_and(|facts| !facts.unset.is_empty());
    let is_type = |id: &ObjectId| world.dialect.kind_facts(id.kind).is_some_and(|f| f.is_type);
    let calling = definition.clauses.iter().filter(goes).map(|clause| {
        let mut called = world.named(&clause.text);
        called.retain(|id| definition.depends_on.contains(id) && !is_type(id));
        (clause, called)
    });
    calling.filter(|(_, called)| !called.is_empty()).collect()
}

/// Returns a domain of the database without the clauses that are among the objects that make room;
/// `None` if none is. A comment goes with its constraint.
pub(crate) fn without_clauses(
    world: &World<'_>,
    remade: &BTreeMap<ObjectId, ObjectId>,
    domain: &Definition,
) -> Option<Definition> {
    let calling = calling_clauses(world, domain).into_iter();
    let gone = calling.filter(|(clause, _)| remade.contains_key(&clause_of(domain, clause)));
    let gone: Vec<(&Clause, Vec<ObjectId>)> = gone.collect();
    let mut left = domain.clone();
    for (clause, called) in &gone {
        left.clauses.retain(|own| own.name != clause.name || own.name.is_none());
        left.clauses.retain(|own| own != *clause);
        left.depends_on.retain(|id| !called.contains(id));
    }
    (!gone.is_empty()).then_some(left)
}

/// Returns the identity that a clause has among the objects that make room.
pub(crate) fn clause_of(definition: &Definition, clause: &Clause) -> ObjectId {
    let mut id = definition.id.clone();
    id.signature = Some(format!("{} {}", clause.word, clause.name.as_deref().unwrap_or_default()));
    id
}

/// Returns the reason why a domain can get no check.
pub(crate) fn held_domain(world: &World<'_>, target: &Definition) -> Option<Impossible> {
    let over = types_over(world, target);
    let holds = |column: &&Column| {
        let of = world.type_of(column);
        let is_array = column.sql_type.written.ends_with("[]");
        over.iter().any(|own| Some(&own.id) == of && (is_array || own.id.kind != Kind::Domain))
    };
    let mut tables = world.pair.database.tables.values();
    let table = tables.find(|table| table.columns.iter().any(|column| holds(&column)))?;
    let reason = format!(
        "PostgreSQL does not add a constraint to a domain while {} has a column of an array or \
         another type that contains it; write this revision by hand",
        ObjectId::table(&table.name)
    );
    Some(Impossible { object: target.id.clone(), reason })
}
