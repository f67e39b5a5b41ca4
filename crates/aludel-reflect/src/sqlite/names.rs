//! Names in constraints and indexes, as the tables that they mean have them.
//!
//! SQLite ignores the case of ASCII letters in names, and does not look at what a foreign key refers
//! to before a row is written. A reference may therefore lead nowhere.

use std::collections::BTreeMap;

use aludel_schema::{ConstraintKind, ForeignKey, KeyPart, Kind, ObjectId, SqlText, Table};

/// The columns of a table, and those of its keys.
struct Target {
    name: String,
    columns: Vec<String>,
    primary: Vec<String>,
}

/// Gives names the case of what they mean, fills in the columns of references that have none, and
/// moves references that lead nowhere to [`Table::unsaid`], because a model can't say them. Returns
/// their identities.
pub(super) fn resolve(tables: &mut BTreeMap<String, Table>) -> Vec<ObjectId> {
    tables.values_mut().for_each(own_names);
    let targets: BTreeMap<String, Target> = tables
        .values()
        .map(|table| {
            let (name, primary) = (table.name.name.clone(), table.primary_key().to_vec());
            let columns = table.columns.iter().map(|column| column.name.clone()).collect();
            (name.to_ascii_lowercase(), Target { name, columns, primary })
        })
        .collect();
    let mut lost = Vec::new();
    for table in tables.values_mut() {
        for mut constraint in std::mem::take(&mut table.constraints) {
            let nowhere = match &mut constraint.kind {
                ConstraintKind::ForeignKey(key) => reference(key, &targets),
                ConstraintKind::PrimaryKey { .. }
                | ConstraintKind::Unique { .. }
                | ConstraintKind::Check { .. }
                | ConstraintKind::Exclusion { .. } => None,
            };
            match nowhere {
                Some(what) => {
                    let columns = constraint.columns().join(", ");
                    let called = format!("({columns}) to {what}");
                    table.unsaid.push(format!("foreign key {called}"));
                    lost.push(ObjectId::within(Kind::Constraint, &table.name, called));
                }
                None => table.constraints.push(constraint),
            }
        }
    }
    lost
}

/// Resolves a reference; returns what it is called if it leads nowhere.
fn reference(key: &mut ForeignKey, targets: &BTreeMap<String, Target>) -> Option<String> {
    let Some(target) = targets.get(&key.references.name.to_ascii_lowercase()) else {
        return Some(format!("missing table {}", key.references.name));
    };
    key.references.name.clone_from(&target.name);
    if key.referenced_columns.is_empty() {
        key.referenced_columns.clone_from(&target.primary);
        if target.primary.len() != key.columns.len() {
            return Some(format!("the primary key of {}, which does not match", target.name));
        }
    }
    for name in &mut key.referenced_columns {
        match same(&target.columns, name) {
            Some(same) => name.clone_from(same),
            None => return Some(format!("missing column {}.{name}", target.name)),
        }
    }
    None
}

/// Gives the names of a table's own columns the case in which they are declared. An index may name what is no
/// column.
fn own_names(table: &mut Table) {
    let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let name = |name: &mut String| {
        if let Some(same) = same(&columns, name) {
            name.clone_from(same);
        }
    };
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                columns.iter_mut().for_each(name);
            }
            ConstraintKind::ForeignKey(key) => key.columns.iter_mut().for_each(name),
            ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => {}
        }
    }
    for key in table.indexes.iter_mut().flat_map(|index| &mut index.keys) {
        if let KeyPart::Column(column) = &key.part {
            key.part = match same(&columns, column) {
                Some(same) => KeyPart::Column(same.clone()),
                // SQLite takes a name in double quotes that no column has for a string, and one in single
                // quotes for the name of a column.
                None => KeyPart::Expression(SqlText::new(always_quoted(column))),
            };
        }
    }
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn same<'n>(names: &'n [String], name: &str) -> Option<&'n String> {
    names.iter().find(|other| other.eq_ignore_ascii_case(name))
}
