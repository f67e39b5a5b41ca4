//! The values of a composite type that is made again, attribute by attribute.

use aludel_operations::{AttributeChange, TypeReplacement};
use aludel_schema::{ObjectId, SqlText};

use super::conversion::{Conversion, Retyping, conversion};
use super::fit::Effects;
use super::sql_type::SqlType;
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;

/// Returns the value of a column in its new type, `to`. NULL stays NULL, and so does a row of nothing but
/// NULLs, for which `IS NULL` is true as well.
pub(crate) fn row(column: &str, to: &SqlText, attributes: &[AttributeChange]) -> String {
    let values: Vec<String> = attributes.iter().map(|own| value(column, own)).collect();
    let row = format!("ROW({})::{to}", values.join(", "));
    format!("CASE WHEN {column} IS DISTINCT FROM NULL THEN {row} END")
}

/// Returns the hazards of the values of attributes that get another type, if a column has any.
pub(crate) fn hazards(replacement: &TypeReplacement) -> Vec<Hazard> {
    let of = replacement.to.id().name;
    let attributes = replacement.attributes.iter().filter(|_| !replacement.columns.is_empty());
    let found = attributes.flat_map(|own| {
        let effects = converted("", own).map(|own| own.effects).unwrap_or_default();
        let column = ObjectId::column(&of, own.name.as_str());
        let loss = effects.loss().map(|loss| (column.clone(), loss));
        let loss = loss.map(|(column, loss)| Hazard::LosesPrecision { column, loss });
        let refused = effects.refusal().map(|what| Hazard::FailsOnValues { column, what });
        loss.into_iter().chain(refused)
    });
    found.collect()
}

/// Returns the value of an attribute. A new one has none.
fn value(column: &str, attribute: &AttributeChange) -> String {
    if attribute.from.is_none() {
        return "NULL".to_owned();
    }
    let old = format!("({column}).{}", PG.quote(&attribute.name));
    let Some(Conversion { using, effects, .. }) = converted(&old, attribute) else { return old };
    let value = using.unwrap_or(old);
    match effects.refusal() {
        Some(_) => guarded(value, &SqlType::parse(new(attribute))),
        None => value,
    }
}

/// Returns the conversion of the values of an attribute; `None` if they stay as they are.
fn converted(old: &str, attribute: &AttributeChange) -> Option<Conversion> {
    let before = attribute.from.as_ref()?;
    let from = attribute.from_base.as_ref().unwrap_or(before).spelling();
    let to = new(attribute);
    if *before == attribute.to && from == to {
        return None;
    }
    let mut converted = conversion(&Retyping { column: old, from, to, cast: attribute.cast });
    let to = SqlType::parse(to);
    if to.array && guard(&to.element()).is_some() && converted.effects.refusal().is_some() {
        // The elements of a list can't be looked at one by one in such an expression.
        converted.effects = Effects::default();
        converted.effects.lose("are cut in lists to what there is room for");
    }
    Some(converted)
}

/// Returns the new type, or the type below the domain that it is.
fn new(attribute: &AttributeChange) -> &str {
    attribute.to_base.as_ref().unwrap_or(&attribute.to).spelling()
}

/// Returns a value that is refused if it has no room in a type. The explicit cast of a row to its type would
/// cut it.
fn guarded(value: String, to: &SqlType) -> String {
    let Some(Guard { fits, of }) = guard(to).filter(|_| !to.array) else { return value };
    let back = if of == TEXT { TEXT } else { "bit(32)" };
    let value = format!("{value}::{of}");
    format!(
        "CASE WHEN {} THEN {value} WHEN {value} IS NOT NULL \
         THEN ('no room for: ' || {value}::text)::integer::{back} END",
        fits.replace("{value}", &value)
    )
}

const TEXT: &str = "text";

/// The condition for values that a type has room for.
struct Guard {
    /// The form of the condition.
    fits: String,
    /// The type of such values without a limit.
    of: &'static str,
}

/// Returns the condition for values that an explicit cast leaves as they are.
fn guard(to: &SqlType) -> Option<Guard> {
    let size = to.number(0);
    let (fits, of) = match to.name.as_str() {
        "character varying" | "character" => {
            (format!("char_length(rtrim({{value}}, ' ')) <= {}", size?), TEXT)
        }
        "bit" => (format!("length({{value}}) = {}", size.unwrap_or(1)), "bit varying"),
        "bit varying" => (format!("length({{value}}) <= {}", size?), "bit varying"),
        _ => return None,
    };
    Some(Guard { fits, of })
}
