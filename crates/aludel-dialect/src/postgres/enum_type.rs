//! Enum types, and the replacement of a type that columns use.

use aludel_operations::{Object, TypeColumn, TypeReplacement};
use aludel_schema::{EnumType, ObjectId, QualifiedName};

use super::clause::alter_table;
use super::definition;
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE TYPE … AS ENUM.
pub(super) fn create(enum_type: &EnumType) -> String {
    let labels: Vec<String> = enum_type.labels.iter().map(|label| PG.literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", PG.quote_name(&enum_type.name), labels.join(", "))
}

/// Renders ADD VALUE. The statement may run in a transaction, but the new label can't be used
/// before that transaction commits (PostgreSQL's page on ALTER TYPE). A label that the same plan
/// uses is therefore added outside of a transaction.
pub(super) fn add_label(
    name: &QualifiedName,
    label: &str,
    before: Option<&str>,
    used_at_once: bool,
) -> Rendered {
    let place = before.map(|label| format!(" BEFORE {}", PG.literal(label))).unwrap_or_default();
    let (name, label) = (PG.quote_name(name), PG.literal(label));
    let there = if used_at_once { "IF NOT EXISTS " } else { "" };
    let sql = format!("ALTER TYPE {name} ADD VALUE {there}{label}{place}");
    Rendered { alone: used_at_once, ..Rendered::statement(sql) }
}

/// Replaces a type by a new one that takes over its columns, because labels can't be dropped or
/// moved and the base type of a domain can't be changed. If a value does not fit the new type, the
/// cast fails and nothing is changed.
pub(super) fn replace(replacement: &TypeReplacement) -> Option<Rendered> {
    let id = replacement.from.id();
    let (keyword, create) = match &replacement.to {
        Object::Enum(enum_type) => ("TYPE", vec![create(enum_type)]),
        Object::Definition(definition) => ("DOMAIN", definition::create(definition)?.statements),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => return None,
    };
    let mut statements = vec![format!(
        "ALTER {keyword} {} RENAME TO {}",
        PG.quote_name(&id.name),
        PG.quote(&format!("{}_old", id.name.name))
    )];
    statements.extend(create);
    statements.extend(replacement.columns.iter().map(move_column));
    let lost: Vec<String> = replacement.lost_labels().into_iter().map(str::to_owned).collect();
    let lost = (!lost.is_empty()).then_some(Hazard::FailsOnLabels { object: id, labels: lost });
    let rendered = Rendered::statements(statements).hazards(lost);
    Some(replacement.columns.iter().fold(rendered, |rendered, column| {
        rendered
            .lock(ObjectId::table(&column.table), LockMode::AccessExclusive)
            .hazard(Hazard::Rewrites { table: column.table.clone() })
    }))
}

fn move_column(TypeColumn { table, column, default }: &TypeColumn) -> String {
    let name = PG.quote(&column.name);
    let text = if column.sql_type.spelling().ends_with("[]") { "text[]" } else { "text" };
    let mut clauses = Vec::new();
    if column.default.is_some() {
        clauses.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
    }
    clauses.push(format!(
        "ALTER COLUMN {name} TYPE {} USING {name}::{text}::{}",
        column.sql_type, column.sql_type
    ));
    if let Some(default) = default {
        clauses.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
    }
    alter_table(table, &clauses)
}
