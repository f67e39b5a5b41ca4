//! Tables with their columns, constraints and indexes.

use std::collections::BTreeMap;

use aludel_driver::RowError;
use aludel_schema::{QualifiedName, Table, TableOptions};

use super::catalog::Catalog;
use super::rows::Relation;
use super::{column, constraint, index};

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
