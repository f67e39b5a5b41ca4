//! Rebuilds: changes that ALTER TABLE can't make, by the procedure of SQLite's "ALTER TABLE" page,
//! section 7.
//!
//! The runner turns foreign keys off while a revision runs, so that dropping the old table deletes
//! no rows of child tables, and checks all foreign keys before the commit. `legacy_alter_table`
//! prevents the rename from changing, or failing on, the views, triggers and references that name
//! the table.

use aludel_operations::{LabelValue, TableRebuild};
use aludel_schema::{Column, ObjectId, Table};

use super::types::{self, Affinity};
use super::{column, definition, index, table};
use crate::dialect::Dialect::Sqlite;
use crate::hazard::{Hazard, loss_of_values};
use crate::quote::quoted;
use crate::step::Rendered;

pub(super) fn render(rebuild: &TableRebuild) -> Rendered {
    let TableRebuild { from, to, temporary, .. } = rebuild;
    let name = &to.name.name;
    let mut out = vec![
        "PRAGMA legacy_alter_table = ON".to_owned(),
        table::statement(to, temporary),
        copy_rows(rebuild),
    ];
    if [from, to].iter().all(|table| table.columns.iter().any(|c| c.identity.is_some())) {
        out.extend(keep_sequence(name, temporary));
    }
    out.push(format!("DROP TABLE {}", quoted(name)));
    out.push(format!("ALTER TABLE {} RENAME TO {}", quoted(temporary), quoted(name)));
    out.push("PRAGMA legacy_alter_table = OFF".to_owned());
    out.extend(to.indexes.iter().map(|index| index::definition(&to.name, index)));
    out.extend(rebuild.triggers.iter().flat_map(definition::statements));
    Rendered::statements(out)
        .hazard(Hazard::Rebuilds { table: to.name.clone() })
        .hazard(Hazard::Rewrites { table: to.name.clone() })
        .hazards(lost_columns(rebuild))
        .hazards(copy_hazards(rebuild))
}

fn lost_columns(rebuild: &TableRebuild) -> Option<Hazard> {
    let TableRebuild { from, to, .. } = rebuild;
    // A column that becomes a generated one computes its values anew.
    let is_kept = |own: &&Column| to.column(&own.name).is_some_and(|to| to.generated.is_none());
    let gone = from.columns.iter().filter(|own| own.generated.is_none() && !is_kept(own));
    let columns: Vec<ObjectId> =
        gone.map(|column| ObjectId::column(&to.name, column.name.as_str())).collect();
    (!columns.is_empty()).then_some(Hazard::DropsValues { columns })
}

/// Returns the statements that copy the counter of the table, because AUTOINCREMENT never uses a
/// number twice.
fn keep_sequence(name: &str, temporary: &str) -> [String; 2] {
    let (name, temporary) = (Sqlite.literal(name), Sqlite.literal(temporary));
    [
        format!("DELETE FROM sqlite_sequence WHERE name = {temporary}"),
        format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {temporary}, seq FROM sqlite_sequence WHERE name = {name}"
        ),
    ]
}

fn copy_rows(rebuild: &TableRebuild) -> String {
    let kept: Vec<(&Column, &Column)> = kept_columns(rebuild).collect();
    let mut names: Vec<&str> = kept.iter().map(|(_, to)| to.name.as_str()).collect();
    let mut values: Vec<String> = kept.iter().map(|(from, to)| value(from, to, rebuild)).collect();
    if has_hidden_rowid(&rebuild.from) && has_hidden_rowid(&rebuild.to) {
        // Other objects may refer to the rowid, for example a full-text table.
        names.insert(0, "rowid");
        values.insert(0, "rowid".to_owned());
    }
    for fill in &rebuild.fills {
        names.push(&fill.column);
        values.push(fill.value.clone());
    }
    if names.is_empty() {
        // A row needs a value, though it keeps none. NULL gives a column that is the rowid its number.
        let mut columns = rebuild.to.columns.iter();
        let first = columns.find(|own| own.generated.is_none());
        let default = first.and_then(|own| own.default.as_deref()).map(column::default_value);
        names.extend(first.map(|own| own.name.as_str()));
        values.push(default.unwrap_or_else(|| "NULL".to_owned()));
    }
    format!(
        "INSERT INTO {} ({})\nSELECT {} FROM {}",
        quoted(&rebuild.temporary),
        Sqlite.quote_list(&names),
        values.join(", "),
        quoted(&rebuild.from.name.name)
    )
}

/// Returns true if the rows have a rowid that is not a column.
fn has_hidden_rowid(table: &Table) -> bool {
    let is_named = |column: &Column| column.name.eq_ignore_ascii_case("rowid");
    !table.options.without_rowid
        && !table.columns.iter().any(|column| table::is_rowid(table, column) || is_named(column))
}

/// Iterates over the columns that both tables have, in their old and new form, except generated
/// ones.
fn kept_columns(rebuild: &TableRebuild) -> impl Iterator<Item = (&Column, &Column)> {
    rebuild
        .to
        .columns
        .iter()
        .filter(|to| to.generated.is_none())
        .filter_map(|to| rebuild.from.column(&to.name).map(|from| (from, to)))
}

fn value(from: &Column, to: &Column, rebuild: &TableRebuild) -> String {
    let name = match &to.using {
        Some(text) => format!("({text})"),
        None => relabelled(&from.name, &rebuild.labels),
    };
    if table::is_rowid(&rebuild.to, to) && from.nullable {
        // SQLite would give a row with NULL a number of its own. It refuses a text.
        return format!("ifnull({name}, 'NULL')");
    }
    match &to.default {
        Some(default) if from.nullable && !to.nullable => {
            format!("coalesce({name}, {})", column::default_value(default))
        }
        _ => name,
    }
}

/// Returns the value of a column whose labels get other names. A label can pass through several names.
fn relabelled(column: &str, labels: &[LabelValue]) -> String {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for label in labels.iter().filter(|label| label.column == column) {
        match names.iter_mut().find(|(_, now)| *now == label.from) {
            Some((_, now)) => *now = &label.to,
            None => names.push((&label.from, &label.to)),
        }
    }
    let name = Sqlite.quote(column);
    if names.is_empty() {
        return name;
    }
    let literal = |text: &str| Sqlite.literal(text);
    let cases =
        names.iter().map(|(old, new)| format!("WHEN {} THEN {}", literal(old), literal(new)));
    format!("CASE {name} {} ELSE {name} END", cases.collect::<Vec<_>>().join(" "))
}

fn copy_hazards(rebuild: &TableRebuild) -> Vec<Hazard> {
    let table = &rebuild.to.name;
    let mut hazards: Vec<Hazard> = kept_columns(rebuild)
        .filter_map(|(from, to)| {
            let column = ObjectId::column(table, to.name.as_str());
            // A strict table keeps each value of such a column as it is.
            let keeps_all = rebuild.to.options.strict && to.sql_type.spelling() == "ANY";
            Some(Hazard::LosesPrecision { column, loss: loss(from, to).filter(|_| !keeps_all)? })
        })
        .collect();
    hazards.extend(kept_columns(rebuild).filter_map(|(from, to)| {
        let column = ObjectId::column(table, to.name.as_str());
        let Unconverted { which, what } = unconverted(from, to)?;
        if table::is_rowid(&rebuild.to, to) {
            return Some(Hazard::FailsOnValues { column, what: "is no integer".to_owned() });
        }
        match (rebuild.from.options.strict, rebuild.to.options.strict) {
            (_, false) => Some(Hazard::KeepsValues { column, which }),
            (true, true) => Some(Hazard::FailsOnValues { column, what: what.to_owned() }),
            // All values of a table that becomes strict are in question.
            (false, true) => None,
        }
    }));
    for to in rebuild.to.columns.iter().filter(|c| !c.nullable && c.default.is_none()) {
        let column = ObjectId::column(table, to.name.as_str());
        match rebuild.from.column(&to.name) {
            Some(from) if from.nullable => hazards.push(Hazard::FailsOnNulls { column }),
            Some(_) => {}
            None if rebuild.fills.iter().any(|fill| fill.column == to.name) => {
                hazards.push(Hazard::LostValues { column });
            }
            None if to.generated.is_none()
                && to.identity.is_none()
                && !table::is_rowid(&rebuild.to, to) =>
            {
                hazards.push(Hazard::FailsOnRows { column });
            }
            None => {}
        }
    }
    hazards
}

/// Returns what the values lose when they get the affinity of another type (SQLite's page
/// "Datatypes", section 3).
fn loss(from: &Column, to: &Column) -> Option<String> {
    let (old, new) = (from.sql_type.spelling(), to.sql_type.spelling());
    if old == new && to.using.is_none() {
        return None;
    }
    loss_of_values(from, to, || loss_of_affinity(old, new).map(str::to_owned))
}

fn loss_of_affinity(old: &str, new: &str) -> Option<&'static str> {
    let numeric = [Affinity::Integer, Affinity::Real, Affinity::Numeric];
    match (types::affinity(old), types::affinity(new)) {
        (Affinity::Integer | Affinity::Numeric, Affinity::Real) => Some("keep fewer digits"),
        (Affinity::Text | Affinity::Blob, new) if numeric.contains(&new) => {
            Some("lose the spelling of numbers, such as zeros in front")
        }
        (Affinity::Real | Affinity::Numeric, Affinity::Text) => Some("keep fewer digits"),
        (Affinity::Blob, Affinity::Text) => {
            Some("become texts with fewer digits if they are numbers")
        }
        _ => None,
    }
}

/// The values that do not get the affinity of a new type.
struct Unconverted {
    /// The end of a phrase about them.
    which: &'static str,
    /// The end of a sentence about one of them, which a strict table refuses.
    what: &'static str,
}

/// Returns the values of the old type that can't have the new one (SQLite's page "Datatypes", section
/// 3.2).
fn unconverted(from: &Column, to: &Column) -> Option<Unconverted> {
    let (old, new) = (from.sql_type.spelling(), to.sql_type.spelling());
    // A column without a type, or of any type, has values of all types.
    if old == new || to.using.is_some() || ["", "ANY"].contains(&new) {
        return None;
    }
    let numeric = |affinity| !matches!(affinity, Affinity::Text | Affinity::Blob);
    let (which, what) = match (types::affinity(old), types::affinity(new)) {
        _ if old == "ANY" => ("of other types", "is of another type"),
        (Affinity::Text, new) if numeric(new) => ("that spell no number", "spells no number"),
        (Affinity::Blob, new) if new != Affinity::Blob => ("that are blobs", "is a blob"),
        (Affinity::Real | Affinity::Numeric, Affinity::Integer) if old != "BOOLEAN" => {
            ("with a fraction", "has a fraction")
        }
        (Affinity::Text, Affinity::Blob) => ("that are texts", "is a text"),
        (old, Affinity::Blob) if numeric(old) => ("that are numbers", "is a number"),
        _ => return None,
    };
    Some(Unconverted { which, what })
}
