//! Objects that the clauses of domains rest on.

use aludel_dialect::mentions;
use aludel_schema::{Clause, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::types::holder::is_below;

/// Returns the functions, operators and types in a clause of a domain, except the type that it is over.
pub(crate) fn of_domain(world: &World<'_>, domain: &Definition, clause: &Clause) -> Vec<ObjectId> {
    let is_type = |id: &ObjectId| {
        id.kind == Kind::Enum || world.dialect.kind_facts(id.kind).is_some_and(|f| f.is_type)
    };
    let named = world.named(&clause.text);
    let is_in = |id: &&ObjectId| match is_type(id) {
        true => {
            !is_below(world, domain, id)
                && mentions(clause.text.spelling(), &id.name.name, world.dialect)
        }
        false => named.contains(id),
    };
    domain.depends_on.iter().filter(is_in).cloned().collect()
}
