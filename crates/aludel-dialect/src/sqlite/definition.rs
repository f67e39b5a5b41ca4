//! Kinds that are data. All statements come from the table of kinds, and a kind without an entry
//! has none.

use aludel_schema::{Definition, Kind, QualifiedName};

use crate::dialect::Dialect::Sqlite;
use crate::hazard::Hazard;
use crate::lexer::significant;
use crate::step::Rendered;
use crate::token::Token;

/// Renders CREATE.
pub(super) fn create(definition: &Definition) -> Option<Rendered> {
    Sqlite.kind_facts(definition.id.kind)?;
    Some(Rendered::statements(statements(definition)))
}

/// Returns the statements that make an object; none for a kind that SQLite does not have.
pub(super) fn statements(definition: &Definition) -> Vec<String> {
    let facts = Sqlite.kind_facts(definition.id.kind);
    let made = facts.map(|facts| facts.statements("CREATE", definition, Sqlite));
    made.into_iter().flatten().chain(fill(definition)).collect()
}

/// Returns the statement that fills a full-text table from the table that has its texts, whose rows may be there
/// already.
pub(crate) fn fill(definition: &Definition) -> Option<String> {
    let name = Sqlite.quote(&definition.id.name.name);
    has_content(definition).then(|| format!("INSERT INTO {name} ({name}) VALUES ('rebuild')"))
}

/// Returns true for a full-text table whose texts are in another table (SQLite's pages on FTS5, section 4.4.3,
/// and FTS4, section 6.2.2).
fn has_content(definition: &Definition) -> bool {
    if definition.id.kind != Kind::VirtualTable {
        return false;
    }
    let tokens = significant(&definition.body.written, Sqlite);
    let is_searched = |module: &Token<'_>| module.is_word("fts4") || module.is_word("fts5");
    let options = tokens.windows(4);
    tokens.first().is_some_and(is_searched)
        && options.into_iter().any(|own| {
            (own[0].is_symbol("(") || own[0].is_symbol(","))
                && own[1].is_word("content")
                && own[2].is_symbol("=")
                && own[3].name().is_some_and(|table| !table.is_empty())
        })
}

/// Renders DROP.
pub(super) fn drop(definition: &Definition) -> Option<Rendered> {
    let facts = Sqlite.kind_facts(definition.id.kind)?;
    // A virtual table is dropped as a table.
    let keyword = facts.keyword.trim_start_matches("VIRTUAL ");
    let name = Sqlite.quote(&definition.id.name.name);
    let rendered = Rendered::statement(format!("DROP {keyword} {name}"));
    Some(match definition.id.kind {
        Kind::VirtualTable if !has_content(definition) => {
            rendered.hazard(Hazard::DropsRows { table: definition.id.name.clone() })
        }
        _ => rendered,
    })
}

/// Returns the names of the shadow tables of a virtual table (SQLite's pages on FTS3, FTS5 and R*Tree). SQLite
/// takes any table of such a name for one of them.
pub(crate) fn shadow_tables(definition: &Definition) -> Vec<QualifiedName> {
    if definition.id.kind != Kind::VirtualTable {
        return Vec::new();
    }
    let tokens = significant(&definition.body.written, Sqlite);
    let Some(module) = tokens.first() else { return Vec::new() };
    let parts: &[&str] = match module.text.to_ascii_lowercase().as_str() {
        "fts3" | "fts4" => &["content", "segments", "segdir", "docsize", "stat"],
        "fts5" => &["content", "data", "idx", "docsize", "config"],
        "rtree" | "rtree_i32" | "geopoly" => &["node", "parent", "rowid"],
        _ => &[],
    };
    let name = &definition.id.name.name;
    parts.iter().map(|part| QualifiedName::unqualified(format!("{name}_{part}"))).collect()
}
