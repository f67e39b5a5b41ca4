//! Enum types, and the replacement of a type that columns use.

use aludel_operations::{AttributeChange, Object, TypeColumn, TypeReplacement};
use aludel_schema::{Column, Definition, EnumType, ObjectId, QualifiedName, SqlText};

use super::clause::alter_table;
use super::column::storage;
use super::definition;
use super::retype::composite;
use super::retype::conversion::{Conversion, Retyping, conversion};
use super::retype::fit::Effects;
use super::retype::range;
use super::retype::sql_type::SqlType;
use crate::dialect::Dialect::Postgres as PG;
use crate::expression::as_default;
use crate::hazard::{Hazard, as_models_say};
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

/// Renders RENAME VALUE. The rows keep their values, which refer to the label by a number.
pub(super) fn rename_label(name: &QualifiedName, from: &str, to: &str) -> Rendered {
    let (name, from, to) = (PG.quote_name(name), PG.literal(from), PG.literal(to));
    Rendered::statement(format!("ALTER TYPE {name} RENAME VALUE {from} TO {to}"))
}

/// Replaces a type by a new one that takes over its columns, because labels can't be dropped or
/// moved and the base type of a domain can't be changed. If a value does not fit the new type, the
/// cast fails and nothing is changed.
pub(super) fn replace(replacement: &TypeReplacement) -> Option<Rendered> {
    let id = replacement.from.id();
    let create = match &replacement.to {
        Object::Enum(enum_type) => Rendered::statement(create(enum_type)),
        Object::Definition(definition) => definition::create(definition)?,
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Constraint { .. }
        | Object::Index { .. } => return None,
    };
    let keyword = PG.kind_facts(id.kind).map_or("TYPE", |facts| facts.keyword);
    let mut statements = vec![format!(
        "ALTER {keyword} {} RENAME TO {}",
        PG.quote_name(&id.name),
        PG.quote(&format!("{}_old", id.name.name))
    )];
    statements.extend(range::set_aside(replacement));
    statements.extend(create.statements);
    let way = Way::of(replacement);
    let of_range = range::effects(replacement);
    let way_of = |own| replacement.conversion(own).map_or(way, Way::Given);
    // A conversion reads the other columns of the row as they were.
    for columns in replacement.columns.chunk_by(|one, other| one.table == other.table) {
        let clauses = columns.iter().flat_map(|own| move_column(own, way_of(own)));
        let clauses: Vec<String> = clauses.collect();
        statements.extend(columns.first().map(|own| alter_table(&own.table, &clauses)));
    }
    let lost: Vec<String> = replacement.lost_labels().into_iter().map(str::to_owned).collect();
    let can_fail = replacement.columns.iter().any(|own| replacement.conversion(own).is_none());
    let lost = (can_fail && !lost.is_empty()).then_some(lost);
    let lost = lost.map(|labels| Hazard::FailsOnLabels { object: id, labels });
    let rendered = Rendered::statements(statements).hazards(create.hazards).hazards(lost);
    let rendered = rendered.hazards(composite::hazards(replacement));
    Some(replacement.columns.iter().fold(rendered, |rendered, column| {
        let id = ObjectId::column(&column.table, column.column.name.as_str());
        let effects = of_range.clone().unwrap_or_else(|| converted(column, way_of(column)).effects);
        let (loss, refused) = (effects.loss(), effects.refusal());
        rendered
            .lock(ObjectId::table(&column.table), LockMode::AccessExclusive)
            .hazard(Hazard::Rewrites { table: column.table.clone() })
            .hazards(loss.map(|loss| Hazard::LosesPrecision { column: id.clone(), loss }))
            .hazards(refused.map(|what| Hazard::FailsOnValues { column: id, what }))
    }))
}

/// The way of the values from the one type to the other.
#[derive(Clone, Copy)]
enum Way<'r> {
    /// By way of the labels, or of the text that a value has in both types.
    Labels,
    /// By way of the types below two domains.
    Bases { from: &'r str, to: &'r str },
    /// From the labels to the type below a domain.
    FromLabels { to: &'r str },
    /// From the text of a value of a domain to the label.
    ToLabels,
    /// By an expression of the models, whose text is a label.
    Given(&'r str),
    /// Attribute by attribute, except in arrays.
    Attributes(&'r [AttributeChange]),
}

impl<'r> Way<'r> {
    fn of(replacement: &'r TypeReplacement) -> Self {
        match (&replacement.from, &replacement.to) {
            _ if !replacement.attributes.is_empty() => Self::Attributes(&replacement.attributes),
            _ if range::effects(replacement).is_some() => Self::Labels,
            (Object::Definition(from), Object::Definition(to)) => {
                let from = base(&replacement.from_base, from);
                let to = base(&replacement.to_base, to);
                // A type below is replaced, or one that an attribute is of.
                let is_replaced = from == to && !SqlType::parse(from).is_builtin();
                if is_replaced { Self::Labels } else { Self::Bases { from, to } }
            }
            (Object::Enum(_), Object::Definition(to)) => {
                Self::FromLabels { to: base(&replacement.to_base, to) }
            }
            (Object::Definition(_), _) => Self::ToLabels,
            (_, _) => Self::Labels,
        }
    }
}

/// Returns the type below a domain, or its body.
fn base<'r>(base: &'r Option<SqlText>, own: &'r Definition) -> &'r str {
    base.as_ref().map_or(own.body.spelling(), SqlText::spelling)
}

/// Returns the conversion of the values of a column. Where PostgreSQL has an assignment cast, the cast
/// is left to it, because an explicit one would cut values that are too long instead of refusing them.
fn converted(moved: &TypeColumn, way: Way<'_>) -> Conversion {
    let brackets = if is_array(&moved.column) { "[]" } else { "" };
    let name = PG.quote(&moved.column.name);
    let by_text = |column: &str, from: &str, to: &str| {
        let (from, to) = (format!("{from}{brackets}"), format!("{to}{brackets}"));
        conversion(&Retyping { column, from: &from, to: &to, cast: None })
    };
    let text = format!("{name}::text{brackets}");
    let as_label = Some(format!("{text}::{}", moved.column.sql_type));
    match way {
        Way::Given(given) => {
            let using = format!("({given})::text{brackets}::{}", moved.column.sql_type);
            let mut converted = as_it_is(Some(using));
            converted.effects.lose(&as_models_say(given));
            converted
        }
        Way::Attributes(attributes) if !is_array(&moved.column) => {
            let row = composite::row(&name, &moved.column.sql_type, attributes);
            as_it_is(Some(row))
        }
        Way::Labels | Way::Attributes(_) => as_it_is(as_label),
        Way::ToLabels => {
            let mut converted = as_it_is(as_label);
            converted.effects.refuse("is no label of the enum");
            converted
        }
        Way::Bases { from, to } => by_text(&name, from, to),
        Way::FromLabels { to } => {
            let converted = by_text(&text, "text", to);
            Conversion { using: converted.using.or(Some(text)), ..converted }
        }
    }
}

/// Returns a conversion that loses and refuses nothing.
fn as_it_is(using: Option<String>) -> Conversion {
    Conversion { using, effects: Effects::default(), is_missing: false }
}

fn is_array(column: &Column) -> bool {
    column.sql_type.spelling().ends_with("[]")
}

/// Returns what moves a column to the new type.
fn move_column(moved: &TypeColumn, way: Way<'_>) -> Vec<String> {
    let TypeColumn { table: _, column, default, using: _ } = moved;
    let name = PG.quote(&column.name);
    let using = converted(moved, way).using.map(|text| format!(" USING {text}"));
    let using = using.unwrap_or_default();
    let mut clauses = Vec::new();
    if column.default.is_some() {
        clauses.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
    }
    clauses.push(format!("ALTER COLUMN {name} TYPE {}{using}", column.sql_type));
    clauses.extend(storage(column).map(|what| format!("ALTER COLUMN {name} {what}")));
    if let Some(default) = default {
        let default = as_default(&default.written, PG);
        clauses.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
    }
    clauses
}
