//! Circles among the tables that come or go, which statements of their own cut: foreign keys in a
//! circle, and parts of tables that rest on their own table.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Object, Operation};
use aludel_schema::{Column, Constraint, ForeignKey, Kind, QualifiedName, Table};

use crate::depends::World;
use crate::making_room::reach::{Parts, Reach};
use crate::ordering::ranks::Ranks;
use crate::pair::Pair;
use crate::tables::{column, constraint, index};

/// Adds what CREATE TABLE can't create or would not preserve in statements of their own, and drops
/// first what keeps tables from being dropped.
pub(crate) fn cut_circles(world: &World<'_>, operations: Vec<Operation>) -> Vec<Operation> {
    if !world.dialect.capabilities().foreign_keys_need_target {
        return operations;
    }
    let (mut later, mut sooner) = (later(world, &operations), sooner(world, &operations));
    let first: Vec<Operation> =
        sooner.iter().flat_map(|(table, parts)| parts.drops(table)).collect();
    let (mut out, mut last) = (first, Vec::new());
    for operation in operations {
        match operation {
            Operation::Create(Object::Table(mut table)) => {
                let later = later.remove(&table.name).unwrap_or_default();
                later.take_from(&mut table);
                last.extend(later.constraints.iter().map(|own| constraint::add(&table.name, own)));
                let columns = later.columns(&table.name);
                out.push(Operation::Create(Object::Table(table)));
                out.extend(columns);
            }
            Operation::Drop(Object::Table(mut table)) => {
                sooner.remove(&table.name).unwrap_or_default().take_from(&mut table);
                out.push(Operation::Drop(Object::Table(table)));
            }
            other => out.push(other),
        }
    }
    out.extend(last);
    out
}

/// Returns the parts that the new tables are created without.
fn later(world: &World<'_>, operations: &[Operation]) -> BTreeMap<QualifiedName, Parts> {
    let created = operations.iter().filter_map(|operation| match operation {
        Operation::Create(Object::Table(table)) => Some(table.as_ref()),
        _ => None,
    });
    let created: Vec<&Table> = created.collect();
    let creation = Ranks::of(&created);
    let mut reach = Reach::created(world, operations);
    let later = created.iter().map(|table| {
        let mut parts = reach.parts(table);
        parts.add(table.constraints.iter().filter(|c| creation.comes_later(table, c)));
        parts.add(to_partitions(table, operations));
        (table.name.clone(), parts)
    });
    later.collect()
}

/// Returns the parts that the dropped tables lose first.
fn sooner(world: &World<'_>, operations: &[Operation]) -> BTreeMap<QualifiedName, Parts> {
    let dropped = operations.iter().filter_map(|operation| match operation {
        Operation::Drop(Object::Table(table)) => Some(table.as_ref()),
        _ => None,
    });
    let dropped: Vec<&Table> = dropped.collect();
    let destruction = Ranks::of(&dropped);
    let mut reach = Reach::dropped(world, operations);
    let sooner = dropped.iter().map(|table| {
        let mut parts = reach.parts(table);
        // A key of a partitioned table to itself depends on each of its partitions.
        let is_own =
            |key: &ForeignKey| key.references == table.name && table.options.partition_by.is_some();
        let circular = table
            .foreign_keys()
            .filter(|(_, key)| is_own(key) || destruction.closes_circle(table, &key.references));
        parts.add(circular.map(|(key, _)| key));
        parts.add(to_partitions(table, operations));
        (table.name.clone(), parts)
    });
    sooner.collect()
}

/// Iterates over the foreign keys of a table to partitions that come or go too, and whose tables may refer
/// to it.
fn to_partitions<'t>(
    table: &'t Table,
    operations: &[Operation],
) -> impl Iterator<Item = &'t Constraint> {
    let partitions = operations.iter().filter_map(|operation| match operation {
        Operation::Create(Object::Definition(own)) | Operation::Drop(Object::Definition(own)) => {
            (own.id.kind == Kind::Partition).then(|| own.id.name.clone())
        }
        _ => None,
    });
    let partitions: BTreeSet<QualifiedName> = partitions.collect();
    let keys = table.foreign_keys().filter(move |(_, key)| partitions.contains(&key.references));
    keys.map(|(own, _)| own)
}

impl Parts {
    /// Adds constraints, each of them once.
    fn add<'c>(&mut self, constraints: impl Iterator<Item = &'c Constraint>) {
        for constraint in constraints {
            if !self.constraints.contains(constraint) {
                self.constraints.push(constraint.clone());
            }
        }
    }

    /// Takes the parts out of a table.
    fn take_from(&self, table: &mut Table) {
        table.constraints.retain(|constraint| !self.constraints.contains(constraint));
        let has = |name: &String| self.indexes.iter().any(|own| own.name == *name);
        table.indexes.retain(|index| !has(&index.name));
        let is_one = |own: &Column, of: &[Column]| of.iter().any(|other| other.name == own.name);
        table.columns.retain(|column| !is_one(column, &self.generated));
        let bare = table.columns.iter_mut().filter(|column| is_one(column, &self.defaults));
        bare.for_each(|column| column.default = None);
    }

    /// Returns the operations that give the table its columns and defaults.
    fn columns(&self, table: &QualifiedName) -> Vec<Operation> {
        let defaults = self.defaults.iter().flat_map(|own| {
            let bare = Column { default: None, ..own.clone() };
            column::changes(table, Pair::new(&bare, own))
        });
        let generated = self.generated.iter().map(|own| column::create(table, own));
        defaults.chain(generated).collect()
    }

    /// Returns the operations that take the parts from the table.
    fn drops(&self, table: &QualifiedName) -> Vec<Operation> {
        let constraints = self.constraints.iter().map(|own| constraint::drop(table, own));
        let indexes = self.indexes.iter().map(|own| index::drop(table, own));
        let defaults = self.defaults.iter().flat_map(|own| {
            let bare = Column { default: None, ..own.clone() };
            column::changes(table, Pair::new(own, &bare))
        });
        let generated = self.generated.iter().map(|own| column::drop(table, own));
        constraints.chain(indexes).chain(defaults).chain(generated).collect()
    }
}
