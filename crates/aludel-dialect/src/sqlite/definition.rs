//! Kinds that are data. All statements come from the table of kinds, and a kind without an entry
//! has none.

use aludel_schema::{Definition, Kind};

use crate::dialect::Dialect::Sqlite;
use crate::hazard::Hazard;
use crate::step::Rendered;

/// Renders CREATE.
pub(super) fn create(definition: &Definition) -> Option<Rendered> {
    Sqlite.kind_facts(definition.id.kind)?;
    Some(Rendered::statements(statements(definition)))
}

/// Returns the statements that make an object; none for a kind that SQLite does not have.
pub(super) fn statements(definition: &Definition) -> Vec<String> {
    let facts = Sqlite.kind_facts(definition.id.kind);
    facts.map(|facts| facts.statements("CREATE", definition, Sqlite)).unwrap_or_default()
}

/// Renders DROP.
pub(super) fn drop(definition: &Definition) -> Option<Rendered> {
    let facts = Sqlite.kind_facts(definition.id.kind)?;
    // A virtual table is dropped as a table.
    let keyword = facts.keyword.trim_start_matches("VIRTUAL ");
    let name = Sqlite.quote(&definition.id.name.name);
    let rendered = Rendered::statement(format!("DROP {keyword} {name}"));
    Some(match definition.id.kind {
        Kind::VirtualTable => {
            rendered.hazard(Hazard::DropsRows { table: definition.id.name.clone() })
        }
        _ => rendered,
    })
}
