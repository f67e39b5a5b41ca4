//! Indexes.

use std::fmt::Write as _;

use aludel_schema::{Index, IndexKey, KeyPart, Nulls, ObjectId, QualifiedName};

use super::clause::{collate, parameters, push_include};
use crate::dialect::Dialect::Postgres as PG;
use crate::expression::as_index_key;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE INDEX, which blocks writers while it reads the table.
pub(super) fn create(table: &QualifiedName, index: &Index) -> Rendered {
    Rendered::statement(definition(table, index))
        .lock(ObjectId::table(table), LockMode::Share)
        .hazard(Hazard::Scans { table: table.clone() })
}

/// Renders DROP INDEX, which locks the table too.
pub(super) fn drop(table: &QualifiedName, index: &Index) -> Rendered {
    Rendered::statement(format!("DROP INDEX {}", PG.quote_name(&table.sibling(&index.name))))
        .lock(ObjectId::table(table), LockMode::AccessExclusive)
        .lock(index.id(table), LockMode::AccessExclusive)
}

/// Renders the CREATE INDEX statement.
pub(super) fn definition(table: &QualifiedName, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let keys: Vec<String> = index.keys.iter().map(index_key).collect();
    let mut sql =
        format!("CREATE {unique}INDEX {} ON {}", PG.quote(&index.name), PG.quote_name(table));
    if index.method != "btree" {
        let _ = write!(sql, " USING {}", PG.quote(&index.method));
    }
    let _ = write!(sql, " ({})", keys.join(", "));
    push_include(&mut sql, &index.include);
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if !index.with.is_empty() {
        let _ = write!(sql, " WITH ({})", parameters(&index.with));
    }
    if let Some(predicate) = &index.predicate {
        let _ = write!(sql, " WHERE {predicate}");
    }
    sql
}

fn index_key(key: &IndexKey) -> String {
    let mut sql = match &key.part {
        KeyPart::Column(name) => PG.quote(name),
        KeyPart::Expression(expression) => as_index_key(&expression.written, PG),
    };
    sql.push_str(&collate(key.collation.as_ref()));
    if let Some(opclass) = &key.opclass {
        let _ = write!(sql, " {opclass}");
        if !key.opclass_options.is_empty() {
            let _ = write!(sql, " ({})", parameters(&key.opclass_options));
        }
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    sql.push_str(match key.nulls {
        Some(Nulls::First) => " NULLS FIRST",
        Some(Nulls::Last) => " NULLS LAST",
        None => "",
    });
    sql
}
