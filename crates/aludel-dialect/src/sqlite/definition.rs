//! Kinds that are data: everything is said by the table of kinds, and a kind that is not in it has no
//! statement.

use aludel_schema::Definition;

use crate::Dialect::Sqlite;
use crate::step::Rendered;

/// CREATE.
pub(super) fn create(definition: &Definition) -> Option<Rendered> {
    let facts = Sqlite.kind_facts(definition.id.kind)?;
    Some(Rendered::statement(facts.statement("CREATE", definition, Sqlite)))
}

/// DROP.
pub(super) fn drop(definition: &Definition) -> Option<Rendered> {
    let facts = Sqlite.kind_facts(definition.id.kind)?;
    let name = Sqlite.quote(&definition.id.name.name);
    Some(Rendered::statement(format!("DROP {} {name}", facts.keyword)))
}
