//! Tables with their columns, constraints and indexes.

use std::collections::BTreeMap;

use aludel_driver::{Row, RowError};
use aludel_schema::{Parameters, QualifiedName, Table, TableOptions};

use super::catalog::Catalog;
use super::{column, constraint, index};
use crate::array;

/// A row of `pg_class` for a table or a sequence.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) name: QualifiedName,
    is_sequence: bool,
    unlogged: bool,
    options: Parameters,
    partition_key: Option<String>,
    comment: Option<String>,
}

impl Relation {
    /// Returns `None` for relations that are not reflected: partitions, inherited tables, and
    /// relations of an extension.
    pub(super) fn read(row: &Row, catalog: &Catalog) -> Result<Option<Self>, RowError> {
        let oid = row.number("oid")?;
        let is_part = row.flag("relispartition")? || row.flag("inherits")?;
        if is_part || catalog.is_member("pg_class", oid) {
            return Ok(None);
        }
        let schema = catalog.schema(row.optional("nspname")?);
        Ok(Some(Self {
            name: QualifiedName::new(schema, row.text("relname")?),
            is_sequence: row.text("relkind")? == "S",
            unlogged: row.text("relpersistence")? == "u",
            options: array::options(row, "reloptions")?,
            partition_key: row.optional("partition_key")?.map(str::to_owned),
            comment: row.optional("comment")?.map(str::to_owned),
        }))
    }
}

/// Reads all tables. The catalogue rows that only one table needs are freed together with it,
/// because with thousands of tables they are most of the catalogue.
pub(super) fn read_all(catalog: &mut Catalog) -> Result<BTreeMap<QualifiedName, Table>, RowError> {
    let tables = catalog.relations.iter().filter(|(_, relation)| !relation.is_sequence);
    let oids: Vec<i64> = tables.map(|(oid, _)| *oid).collect();
    let mut found = BTreeMap::new();
    for oid in oids {
        if let Some(relation) = catalog.relations.get(&oid) {
            found.insert(relation.name.clone(), table(catalog, oid, relation)?);
        }
        catalog.constraints.remove(&oid);
        catalog.indexes.remove(&oid);
    }
    Ok(found)
}

fn table(catalog: &Catalog, oid: i64, relation: &Relation) -> Result<Table, RowError> {
    let mut table = Table::new(relation.name.clone());
    table.comment.clone_from(&relation.comment);
    table.options = TableOptions {
        unlogged: relation.unlogged,
        with: relation.options.clone(),
        partition_by: relation.partition_key.clone(),
        ..TableOptions::default()
    };
    table.columns = column::of_table(catalog, oid)?;
    table.constraints = constraint::of_table(catalog, oid)?;
    table.indexes = index::of_table(catalog, oid)?;
    Ok(table)
}
