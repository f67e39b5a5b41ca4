//! Columns.

use aludel_driver::RowError;
use aludel_schema::{
    Column, Generated, Identity, NotNull, QualifiedName, SequenceOptions, object_name,
};

use super::catalog::{Catalog, Part};
use super::rows::{ColumnRow, NotNullRow};
use crate::array;

/// Returns the columns of a table, in order.
pub(super) fn of_table(
    catalog: &Catalog,
    oid: i64,
    table: &QualifiedName,
) -> Result<Vec<Column>, RowError> {
    let mut rows: Vec<&ColumnRow> = catalog.columns.get(&oid).into_iter().flatten().collect();
    rows.sort_by_key(|row| row.number);
    let mut columns = Vec::with_capacity(rows.len());
    for row in rows {
        let mut column = column(catalog, oid, row)?;
        let constraints = catalog.not_null.get(&oid).into_iter().flatten();
        let own = constraints.into_iter().find(|own| own.number == row.number);
        column.not_null = own.and_then(|own| not_null(table, &row.name, own));
        columns.push(column);
    }
    Ok(columns)
}

/// Returns what is not usual of the NOT NULL constraint of a column.
fn not_null(table: &QualifiedName, column: &str, row: &NotNullRow) -> Option<Box<NotNull>> {
    let is_named =
        row.is_apart || row.is_own && *row.name != object_name(&table.name, column, "not_null");
    let not_null = NotNull {
        unsaid: false,
        name: Some(row.name.as_ref()).filter(|_| is_named).map(str::to_owned),
        not_valid: row.not_valid,
        no_inherit: row.no_inherit,
        comment: row.comment.as_deref().filter(|_| row.is_own).map(str::to_owned),
    };
    Some(not_null).filter(|own| *own != NotNull::default()).map(Box::new)
}

fn column(catalog: &Catalog, table: i64, row: &ColumnRow) -> Result<Column, RowError> {
    let sql_type = catalog.types.get(&row.sql_type);
    let sql_type = sql_type.ok_or_else(|| array::error("atttypid", "is no type that was read"))?;
    let mut column = Column::new(row.name.as_ref(), sql_type.as_str());
    column.nullable = !row.not_null;
    column.collation = row.collation_name.as_deref().map(str::to_owned);
    column.comment = row.comment.as_deref().map(str::to_owned);
    column.inherited = row.inherited;
    column.storage.clone_from(&row.storage);
    let expression = row.expression.as_deref();
    let part = Part::Column(table, row.number);
    let expression = expression.map(|text| catalog.expression(text, &[part]));
    match (row.generated, expression) {
        (Some(kind), Some(expression)) => {
            column.generated = Some(Box::new(Generated { expression, stored: kind == 's' }));
        }
        (_, default) => column.default = default.map(Box::new),
    }
    column.identity = row.identity.map(|kind| {
        let options = SequenceOptions::default();
        Box::new(Identity { always: kind == 'a', sequence: None, options })
    });
    Ok(column)
}
