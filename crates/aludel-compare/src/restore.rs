//! Values for columns that a downgrade adds again, whose former values are lost.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, ColumnFill, Object, Operation, RestoredColumn};
use aludel_schema::{Column, Metadata};

/// Provides an empty value for existing rows in each added column that has no other value.
pub(crate) fn fill(dialect: Dialect, operations: &mut [Operation], target: &Metadata) {
    for operation in operations {
        match operation {
            Operation::Create(Object::Column { table, column }) => {
                if let Some(fill) = empty_value(dialect, column, target) {
                    let (table, column) = (table.clone(), column.clone());
                    *operation = Operation::Restore(RestoredColumn { table, column, fill });
                }
            }
            Operation::Alter(Alter::Rebuild(rebuild)) => {
                let from = &rebuild.from;
                let new = rebuild.to.columns.iter().filter(|c| from.column(&c.name).is_none());
                let fills = new.filter_map(|column| {
                    let value = empty_value(dialect, column, target)?;
                    Some(ColumnFill { column: column.name.clone(), value })
                });
                rebuild.fills = fills.collect();
            }
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => {}
        }
    }
}

fn empty_value(dialect: Dialect, column: &Column, target: &Metadata) -> Option<String> {
    let has_one = column.nullable
        || column.may_still_be_null()
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
