//! Columns.

use aludel_dialect::without_parentheses;
use aludel_driver::{Row, RowError};
use aludel_schema::{Column, Generated, Identity, SequenceOptions, SqlText};

use super::PG;
use super::catalog::Catalog;
use crate::array;

/// A row of `pg_attribute`, joined with the default, the comment and other properties.
#[derive(Debug)]
pub(super) struct ColumnRow {
    pub(super) number: i64,
    pub(super) name: Box<str>,
    /// The oid and the modifier of the type.
    sql_type: (i64, i64),
    not_null: bool,
    /// `a` for ALWAYS, `d` for BY DEFAULT; empty if the column has no identity.
    identity: Option<char>,
    /// `s` for STORED, `v` for VIRTUAL; empty if the column is not generated.
    generated: Option<char>,
    pub(super) collation: i64,
    collation_name: Option<Box<str>>,
    expression: Option<Box<str>>,
    comment: Option<Box<str>>,
    /// True if the column has a storage, a compression or options of its own.
    pub(super) has_storage: bool,
}

impl ColumnRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let letter = |column| row.text(column).map(|text| text.chars().next());
        let text = |column| row.optional(column).map(|text| text.map(Into::into));
        Ok(Self {
            number: row.number("attnum")?,
            name: row.text("attname")?.into(),
            sql_type: (row.number("atttypid")?, row.number("atttypmod")?),
            not_null: row.flag("attnotnull")?,
            identity: letter("attidentity")?,
            generated: letter("attgenerated")?,
            collation: row.number("attcollation")?,
            collation_name: text("collation_name")?,
            expression: text("expression")?,
            comment: text("comment")?,
            has_storage: row.flag("has_storage")?,
        })
    }
}

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
