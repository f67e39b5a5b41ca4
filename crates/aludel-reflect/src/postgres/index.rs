//! Indexes.

use std::collections::BTreeMap;

use aludel_driver::RowError;
use aludel_schema::{Index, IndexKey, IndexSettings, KeyPart, Nulls};

use super::catalog::{Catalog, DEFAULT_COLLATION, Part};
use super::rows::IndexRow;
use crate::array;

/// Returns the valid indexes of a table that belong to no constraint, by name.
pub(super) fn of_table(catalog: &Catalog, table: i64) -> Result<Vec<Index>, RowError> {
    let constraints = catalog.constraints.get(&table).into_iter().flatten();
    // A foreign key names the index of the key that it refers to, which may be one of the same table.
    let constraints = constraints.filter(|row| row.kind != 'f');
    let of_constraints: Vec<i64> = constraints.map(|row| row.index).collect();
    let rows = catalog.indexes.get(&table).into_iter().flatten();
    let own = rows.filter(|row| !of_constraints.contains(&row.oid) && row.is_valid);
    let mut found = own.map(|row| index(catalog, table, row)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.shrink_to_fit();
    Ok(found)
}

fn index(catalog: &Catalog, table: i64, row: &IndexRow) -> Result<Index, RowError> {
    let mut keys = Vec::with_capacity(row.key_count);
    for at in 0..row.key_count {
        keys.push(index_key(catalog, table, row, at)?);
    }
    let predicate = row.predicate.as_deref();
    Ok(Index {
        name: row.name.clone(),
        keys,
        unique: row.unique,
        method: row.method.clone(),
        include: included(catalog, table, row)?,
        nulls_not_distinct: row.nulls_not_distinct,
        predicate: predicate
            .map(|text| Box::new(catalog.expression(text, &[Part::Index(row.oid)]))),
        settings: settings(row)?,
        comment: row.comment.clone(),
        canonical: None,
    })
}

/// Returns the settings of an index.
pub(super) fn settings(row: &IndexRow) -> Result<IndexSettings, RowError> {
    let mut statistics = BTreeMap::new();
    for (at, target) in row.statistics.iter().enumerate().filter(|(_, target)| **target >= 0) {
        let at = u16::try_from(at + 1);
        statistics.insert(at.map_err(|_| array::error("statistics", "is too long"))?, *target);
    }
    Ok(IndexSettings { with: row.with.clone(), tablespace: row.tablespace.clone(), statistics })
}

/// Returns the columns that an index stores without being keys.
pub(super) fn included(
    catalog: &Catalog,
    table: i64,
    row: &IndexRow,
) -> Result<Vec<String>, RowError> {
    catalog.column_names(table, row.columns.get(row.key_count..).unwrap_or_default())
}

fn index_key(
    catalog: &Catalog,
    table: i64,
    row: &IndexRow,
    at: usize,
) -> Result<IndexKey, RowError> {
    /// The bits of `indoption` (`INDOPTION_DESC` and `INDOPTION_NULLS_FIRST` in PostgreSQL's
    /// source).
    const DESC: i64 = 1;
    const NULLS_FIRST: i64 = 2;
    let missing = || array::error("indkey", "has fewer parts than the index has keys");
    let number = *row.columns.get(at).ok_or_else(missing)?;
    let options = *row.options.get(at).ok_or_else(missing)?;
    let part = if number == 0 {
        let text = row.expressions.get(at).ok_or_else(missing)?;
        KeyPart::Expression(catalog.expression(text, &[Part::Index(row.oid)]))
    } else {
        KeyPart::Column(catalog.column_name(table, number)?)
    };
    let mut key = IndexKey::new(part);
    let opclass = row.opclasses.get(at).and_then(|oid| catalog.opclasses.get(oid));
    let opclass = opclass.ok_or_else(|| array::error("indclass", "is no operator class"))?;
    let position = i64::try_from(at + 1).map_err(|_| missing())?;
    if let Some(options) = catalog.opclass_options.get(&(row.oid, position)) {
        key.opclass_options = options.clone();
    }
    if !opclass.is_default || !key.opclass_options.is_empty() {
        key.opclass = Some(opclass.name.clone());
    }
    key.collation = key_collation(catalog, table, number, row.collations.get(at).copied());
    key.descending = options & DESC != 0;
    key.nulls = match (key.descending, options & NULLS_FIRST != 0) {
        (false, true) => Some(Nulls::First),
        (true, false) => Some(Nulls::Last),
        _ => None,
    };
    Ok(key)
}

fn key_collation(
    catalog: &Catalog,
    table: i64,
    number: i64,
    collation: Option<i64>,
) -> Option<String> {
    let collation = collation.filter(|oid| *oid != 0)?;
    let columns = catalog.columns.get(&table)?;
    let own = columns.iter().find(|row| row.number == number);
    let own = own.map_or(DEFAULT_COLLATION, |row| row.collation);
    if own == collation { None } else { catalog.collations.get(&collation).cloned() }
}
