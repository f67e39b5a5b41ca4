//! Questions about roles: a server knows which ones there are.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_schema::{Kind, Metadata, ObjectId, QualifiedName};

use super::place::{Part, Place};
use super::question::{Question, Subject};

/// Returns a question for each role that the declarations name and that nothing in the database
/// shows.
pub(super) fn roles(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<Question> {
    let known = known(database);
    let makers: Vec<&str> = database.definitions.keys().filter_map(maker).collect();
    let is_maker = |role: &str| {
        let start = format!("FOR ROLE {}", dialect.quote(role));
        makers
            .iter()
            .filter_map(|own| own.strip_prefix(&start))
            .any(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let unknown = target.roles.iter().filter(|role| !known.contains(role.as_str()));
    let asked = unknown.filter(|role| !is_maker(role)).map(|role| {
        let object = ObjectId::new(Kind::Role, QualifiedName::unqualified(role.as_str()));
        let place = Place { object, part: Part::Whole };
        question(place, role, false)
    });
    asked.chain(superusers(database, target)).collect()
}

/// Returns a question for each new owner of an object that only a superuser can own.
fn superusers(database: &Metadata, target: &Metadata) -> impl Iterator<Item = Question> {
    let owners = target.access.iter().filter_map(|(id, access)| {
        let owner = access.owner.as_ref()?;
        let before = database.belongings.get(id).or_else(|| {
            let there = database.definitions.get(id)?;
            Some(&there.belongings)
        });
        let is_old = before.is_some_and(|own| own.owner.as_ref() == Some(owner));
        let is_superuser = matches!(id.kind, Kind::EventTrigger | Kind::ForeignDataWrapper);
        let place = Place { object: id.clone(), part: Part::Whole };
        (is_superuser && !is_old).then(|| question(place, owner, true))
    });
    owners.collect::<Vec<Question>>().into_iter()
}

fn question(place: Place, role: &str, is_superuser: bool) -> Question {
    let subject = Subject::Role { name: role.to_owned(), is_superuser };
    Question { columns: Vec::new(), subject, row: None, place }
}

/// Returns the roles that own something in the database, or have privileges on it.
fn known(database: &Metadata) -> BTreeSet<&str> {
    let definitions = database.definitions.values();
    let of_makers = definitions.clone().filter(|own| own.id.kind == Kind::DefaultPrivileges);
    let said = of_makers.flat_map(|own| &own.clauses);
    let said = said.filter_map(|clause| clause.name.as_ref());
    let of_definitions = definitions.map(|own| &own.belongings);
    let all = database.belongings.values().chain(of_definitions);
    let roles = all.flat_map(|own| {
        own.owner.iter().chain(own.grants.iter().filter_map(|grant| grant.role.as_ref()))
    });
    roles.chain(&database.role).chain(said).map(String::as_str).collect()
}

/// Returns the words for the role whose default privileges these are.
fn maker(id: &ObjectId) -> Option<&str> {
    id.signature.as_deref().filter(|_| id.kind == Kind::DefaultPrivileges)
}
