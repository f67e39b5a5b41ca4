//! Columns.

use aludel_dialect::without_parentheses;
use aludel_driver::RowError;
use aludel_schema::{Column, Generated, Identity, SequenceOptions, SqlText};

use super::catalog::{Catalog, PG};
use super::rows::ColumnRow;
use crate::array;

/// Returns the columns of a table, in order.
pub(super) fn of_table(catalog: &Catalog, oid: i64) -> Result<Vec<Column>, RowError> {
    let mut rows: Vec<&ColumnRow> = catalog.columns.get(&oid).into_iter().flatten().collect();
    rows.sort_by_key(|row| row.number);
    rows.into_iter().map(|row| column(catalog, row)).collect()
}

fn column(catalog: &Catalog, row: &ColumnRow) -> Result<Column, RowError> {
    let sql_type = catalog.types.get(&row.sql_type);
    let sql_type = sql_type.ok_or_else(|| array::error("atttypid", "is no type that was read"))?;
    let mut column = Column::new(row.name.as_ref(), sql_type.as_str());
    column.nullable = !row.not_null;
    column.collation = row.collation_name.as_deref().map(str::to_owned);
    column.comment = row.comment.as_deref().map(str::to_owned);
    let expression = row.expression.as_deref();
    let expression = expression.map(|text| SqlText::new(without_parentheses(text, PG)));
    match (row.generated, expression) {
        (Some(kind), Some(expression)) => {
            column.generated = Some(Box::new(Generated { expression, stored: kind == 's' }));
        }
        (_, default) => column.default = default,
    }
    column.identity = row.identity.map(|kind| {
        let options = SequenceOptions::default();
        Box::new(Identity { always: kind == 'a', sequence: None, options })
    });
    Ok(column)
}
