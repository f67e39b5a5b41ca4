//! Tables with their columns, constraints and indexes.

use std::collections::BTreeMap;

use aludel_driver::RowError;
use aludel_schema::{IndexRoles, QualifiedName, ReplicaIdentity, Table, TableOptions};

use super::catalog::{Catalog, Part};
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
    let parents = relation.parents.iter().filter_map(|oid| catalog.relations.get(oid));
    let key = relation.partition_key.as_ref();
    table.options = TableOptions {
        unlogged: relation.unlogged,
        with: relation.options.clone(),
        partition_by: key.map(|key| catalog.expression(key, &[Part::Table(oid)])),
        inherits: parents.map(|parent| parent.name.clone()).collect(),
        of_type: relation.of_type.clone(),
        tablespace: relation.tablespace.clone(),
        access_method: relation.access_method.clone(),
        row_security: relation.row_security,
        force_row_security: relation.force_row_security,
        ..TableOptions::default()
    };
    table.roles = roles(catalog, oid, relation);
    table.columns = column::of_table(catalog, oid, &table.name)?;
    if relation.of_type.is_some() {
        table.columns.iter_mut().for_each(|column| column.inherited = true);
    }
    table.constraints = constraint::of_table(catalog, oid)?;
    table.indexes = index::of_table(catalog, oid)?;
    Ok(table)
}

/// Returns the indexes that have a part in a whole table.
fn roles(catalog: &Catalog, oid: i64, relation: &Relation) -> IndexRoles {
    let rows = || catalog.indexes.get(&oid).into_iter().flatten();
    let identity = rows().find(|row| row.is_replica_identity);
    IndexRoles {
        replica_identity: match (relation.replica_identity, identity) {
            ('f', _) => ReplicaIdentity::Full,
            ('i', Some(row)) => ReplicaIdentity::Index(row.name.clone()),
            // Without its index, the identity is as good as none.
            ('n' | 'i', _) => ReplicaIdentity::Nothing,
            _ => ReplicaIdentity::PrimaryKey,
        },
        clustered_on: rows().find(|row| row.is_clustered).map(|row| row.name.clone()),
    }
}
