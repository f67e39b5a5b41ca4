//! Rules of domains that values may break: those of columns, of attributes, and of values that become those of
//! a domain.

use aludel_dialect::Hazard;
use aludel_operations::{Object, TypeColumn, TypeReplacement};
use aludel_schema::{Clause, Column, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::making_room::clauses::DEFAULT;
use crate::types::domain::lasting_clauses;

/// Returns the domains that check a value of a column: none for an array, which holds several.
pub(crate) fn domains_of_value<'w>(column: &'w Column, world: &World<'w>) -> Vec<&'w Definition> {
    match column.sql_type.written.ends_with("[]") {
        true => Vec::new(),
        false => world.domains_of(column, world.pair.target),
    }
}

/// Returns true for a column of a domain that checks its values. The server computes the values of
/// such a column again if they are new or were of another type.
pub(crate) fn is_checked(column: &Column, world: &World<'_>) -> bool {
    let domains = domains_of_value(column, world);
    let checks = |clause: &Clause| {
        ["constraint", "not null", "not null name"].contains(&clause.word.as_str())
    };
    domains.iter().any(|domain| domain.clauses.iter().any(checks))
}

/// Returns the checks of a domain that the value of a column which is added again may break.
pub(crate) fn checks(domain: &Definition, column: &ObjectId) -> Vec<Hazard> {
    let others = |clause: &&Clause| clause.word != "constraint";
    let others: Vec<Clause> = domain.clauses.iter().filter(others).cloned().collect();
    rules(domain, &others, column, false)
}

/// Returns true for a column of a domain with a default, which the rows that are there get if the column is new
/// and has no default of its own.
pub(crate) fn gives_a_value(column: &Column, world: &World<'_>) -> bool {
    let mut domains = domains_of_value(column, world).into_iter();
    domains.any(|domain| domain.clauses.iter().any(|clause| clause.word == DEFAULT))
}

/// Returns the rules of domains that a new column breaks which has no value in the rows that are there.
pub(crate) fn not_null_rules(id: &ObjectId, column: &Column, world: &World<'_>) -> Vec<Hazard> {
    if !column.is_null_at_first() || gives_a_value(column, world) {
        return Vec::new();
    }
    let domains = domains_of_value(column, world);
    let others = |clause: &&Clause| !["not null", "not null name"].contains(&clause.word.as_str());
    let rules_of = |own: &Definition| {
        let others: Vec<Clause> = own.clauses.iter().filter(others).cloned().collect();
        rules(own, &others, id, false)
    };
    domains.into_iter().flat_map(rules_of).collect()
}

/// Returns the rules of domains that the values of columns may break when their type is made again: it is
/// a domain, or one over domains.
pub(crate) fn rules_of_replaced(replacement: &TypeReplacement, world: &World<'_>) -> Vec<Hazard> {
    let Object::Definition(to) = &replacement.to else { return Vec::new() };
    let before = match &replacement.from {
        Object::Definition(from) => from.clauses.clone(),
        _ => Vec::new(),
    };
    let mut domains = vec![(&**to, before)];
    domains.extend(domains_below(to, world));
    let of_column = |of: &TypeColumn| {
        let id = ObjectId::column(&of.table, of.column.name.as_str());
        let is_inside = to.id.kind != Kind::Domain || of.column.sql_type.written.ends_with("[]");
        let rules = domains.iter().flat_map(|(own, before)| rules(own, before, &id, is_inside));
        rules.collect::<Vec<Hazard>>()
    };
    replacement.columns.iter().flat_map(of_column).collect()
}

/// Returns the domains that a type is over, itself or by way of others, with their clauses before.
fn domains_below<'m>(of: &Definition, world: &World<'m>) -> Vec<(&'m Definition, Vec<Clause>)> {
    let pair = world.pair.map(|side| &side.definitions);
    let mut below: Vec<&Definition> = Vec::new();
    let mut open: Vec<&ObjectId> = of.depends_on.iter().collect();
    while let Some(id) = open.pop() {
        let Some(own) = pair.target.get(id) else { continue };
        if below.iter().all(|known| known.id != own.id) {
            below.push(own);
            open.extend(&own.depends_on);
        }
    }
    let domains = below.into_iter().filter(|own| own.id.kind == Kind::Domain);
    let both =
        domains.filter_map(|own| Some((own, lasting_clauses(world, pair.database.get(&own.id)?))));
    both.collect()
}

/// Returns the rules of a domain that the values of a column, or those inside of them, may break when they
/// become values of it. They keep those that they were under before.
pub(crate) fn rules(
    domain: &Definition,
    before: &[Clause],
    column: &ObjectId,
    is_inside: bool,
) -> Vec<Hazard> {
    let rows = |clause: &Clause| match (&clause.name, clause.word.as_str()) {
        (Some(name), "constraint") => {
            Some(format!("a value of {} breaks {name} of {}", column.place(), domain.id))
        }
        (_, "not null" | "not null name") => Some(match is_inside {
            true => format!("a value inside of {} is NULL", column.place()),
            false => format!("{} is NULL in a row", column.place()),
        }),
        _ => None,
    };
    let forbids_null = |clause: &Clause| clause.word.starts_with("not null");
    let new = domain.clauses.iter().filter(|clause| match forbids_null(clause) {
        true => !before.iter().any(forbids_null),
        false => !before.contains(clause),
    });
    let rules = new.filter_map(rows);
    rules.map(|rows| Hazard::FailsOnRule { object: domain.id.clone(), rows }).collect()
}

/// Returns the rules of a domain that the values of its columns may break.
pub(crate) fn domain(from: &Definition, to: &Definition) -> Vec<Hazard> {
    let is_new = |clause: &&Clause| {
        let text = clause.text.spelling().trim_end();
        !from.clauses.contains(clause)
            && ["constraint", "not null", "not null name"].contains(&clause.word.as_str())
            && !text.ends_with("NOT VALID")
    };
    let new = to.clauses.iter().filter(|_| to.id.kind == Kind::Domain).filter(is_new);
    let rule = |clause: &Clause| {
        let rows = match &clause.name {
            Some(name) if clause.word == "constraint" => {
                format!("a value of {} breaks the check {name}", to.id)
            }
            _ => format!("a value of {} is NULL", to.id),
        };
        Hazard::FailsOnRule { object: to.id.clone(), rows }
    };
    new.map(rule).collect()
}

/// Returns the rules of domains that values of the attributes of a new type may break.
pub(crate) fn rules_of_attributes(replacement: &TypeReplacement, world: &World<'_>) -> Vec<Hazard> {
    let of = replacement.to.id().name;
    let others = replacement.attributes.iter().filter(|_| !replacement.columns.is_empty());
    let others = others.filter(|own| own.from.as_ref() != Some(&own.to));
    let found = others.flat_map(|own| {
        let id = ObjectId::column(&of, own.name.as_str());
        let column = Column::new(own.name.as_str(), own.to.spelling());
        let domains = match own.to.spelling().ends_with("[]") {
            true => Vec::new(),
            false => world.domains_of(&column, world.pair.target),
        };
        let is_broken = |clause: &&Clause| {
            // A new attribute is NULL, to which a check seldom objects.
            own.from.is_some() || clause.word.starts_with("not null")
        };
        let rules_of = |domain: &&Definition| {
            let kept = domain.clauses.iter().filter(|clause| !is_broken(clause)).cloned();
            rules(domain, &kept.collect::<Vec<Clause>>(), &id, false)
        };
        domains.iter().flat_map(rules_of).collect::<Vec<Hazard>>()
    });
    found.collect()
}
