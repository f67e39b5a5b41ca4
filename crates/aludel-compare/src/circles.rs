//! Circles of foreign keys among the tables that come or go, which one key in a statement of its own
//! cuts.

use std::collections::BTreeMap;

use aludel_operations::{Object, Operation};
use aludel_schema::{Constraint, ForeignKey, QualifiedName, Table};

use crate::constraint;
use crate::depends::World;
use crate::ranks::Ranks;

/// Adds constraints separately that CREATE TABLE can't create or would not preserve, and drops the
/// foreign keys first that form a cycle of dropped tables.
pub(crate) fn cut_circles(world: &World<'_>, operations: Vec<Operation>) -> Vec<Operation> {
    if !world.dialect.capabilities().foreign_keys_need_target {
        return operations;
    }
    let created: Vec<&Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Create(Object::Table(table)) => Some(table.as_ref()),
            _ => None,
        })
        .collect();
    let dropped: Vec<&Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Drop(Object::Table(table)) => Some(table.as_ref()),
            _ => None,
        })
        .collect();
    let (creation, destruction) = (Ranks::of(&created), Ranks::of(&dropped));
    let mut later: BTreeMap<QualifiedName, Vec<Constraint>> = BTreeMap::new();
    for table in &created {
        let constraints = table.constraints.iter().filter(|c| creation.comes_later(table, c));
        later.insert(table.name.clone(), constraints.cloned().collect());
    }
    let mut first = Vec::new();
    let mut sooner: BTreeMap<QualifiedName, Vec<Constraint>> = BTreeMap::new();
    for table in &dropped {
        // A key of a partitioned table to itself depends on each of its partitions.
        let is_own =
            |key: &ForeignKey| key.references == table.name && table.options.partition_by.is_some();
        let circular = table
            .foreign_keys()
            .filter(|(_, key)| is_own(key) || destruction.closes_circle(table, &key.references));
        let circular: Vec<Constraint> = circular.map(|(own, _)| own.clone()).collect();
        first.extend(circular.iter().map(|own| constraint::drop(&table.name, own)));
        sooner.insert(table.name.clone(), circular);
    }
    let (mut out, mut last) = (first, Vec::new());
    for operation in operations {
        match operation {
            Operation::Create(Object::Table(mut table)) => {
                let later = later.remove(&table.name).unwrap_or_default();
                table.constraints.retain(|constraint| !later.contains(constraint));
                last.extend(later.iter().map(|own| constraint::add(&table.name, own)));
                out.push(Operation::Create(Object::Table(table)));
            }
            Operation::Drop(Object::Table(mut table)) => {
                let sooner = sooner.remove(&table.name).unwrap_or_default();
                table.constraints.retain(|constraint| !sooner.contains(constraint));
                out.push(Operation::Drop(Object::Table(table)));
            }
            other => out.push(other),
        }
    }
    out.extend(last);
    out
}
