//! Indexes.

use aludel_schema::{Index, KeyPart, QualifiedName};

use super::clause::collate;
use crate::dialect::Dialect::Sqlite;
use crate::expression::as_index_key;
use crate::step::Rendered;

pub(super) fn create(table: &QualifiedName, index: &Index) -> Rendered {
    Rendered::statement(definition(table, index))
}

pub(super) fn drop(index: &Index) -> Rendered {
    Rendered::statement(format!("DROP INDEX {}", Sqlite.quote(&index.name)))
}

/// Renders the CREATE INDEX statement.
pub(super) fn definition(table: &QualifiedName, index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let mut sql = match &key.part {
                KeyPart::Column(name) => Sqlite.quote(name),
                KeyPart::Expression(expression) => as_index_key(&expression.written, Sqlite),
            };
            sql.push_str(&collate(key.collation.as_ref()));
            sql.push_str(if key.descending { " DESC" } else { "" });
            sql
        })
        .collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = index.predicate.as_ref().map(|p| format!(" WHERE {p}")).unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate}",
        Sqlite.quote(&index.name),
        Sqlite.quote(&table.name),
        keys.join(", ")
    )
}
