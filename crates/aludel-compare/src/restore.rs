//! The way back over a dropped column: its values are gone, and its rows may be there.

use aludel_dialect::Dialect;
use aludel_operations::Operation;
use aludel_schema::{Column, Metadata, Table};

use crate::Plan;

/// Gives rows an empty value in every column that `plan` adds and that has nothing for them, so that
/// a downgrade works on tables with rows. For the way back only: on the way forward a missing value
/// is the author's to decide.
pub fn fill_restored(dialect: Dialect, plan: &mut Plan, target: &Metadata) {
    for operation in &mut plan.operations {
        match operation {
            Operation::AddColumn { column, fill, .. } => {
                *fill = empty_value(dialect, column, target);
            }
            Operation::RebuildTable(rebuild) => {
                let new = |column: &&Column| rebuild.from.column(&column.name).is_none();
                rebuild.fills = fills(dialect, &rebuild.to, target, new);
            }
            _ => {}
        }
    }
}

fn fills(
    dialect: Dialect,
    table: &Table,
    target: &Metadata,
    new: impl Fn(&&Column) -> bool,
) -> Vec<(String, String)> {
    let columns = table.columns.iter().filter(new);
    columns
        .filter_map(|column| Some((column.name.clone(), empty_value(dialect, column, target)?)))
        .collect()
}

fn empty_value(dialect: Dialect, column: &Column, target: &Metadata) -> Option<String> {
    let has_one = column.nullable
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    if has_one {
        return None;
    }
    let of_enum =
        target.enums.values().find(|e| dialect.quote_name(&e.name) == column.sql_type.written);
    match of_enum.and_then(|enum_type| enum_type.labels.first()) {
        Some(label) => Some(dialect.literal(label)),
        None => dialect.empty_value(&column.sql_type.written),
    }
}
