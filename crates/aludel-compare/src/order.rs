//! The order of a plan.
//!
//! Every dependency between operations leads from one [`phase`] to a later one: what refers goes
//! before what it refers to is dropped, and comes after it is made. Within a phase only tables
//! depend on one another, by their foreign keys; they are sorted by those, cycles are broken by
//! adding a key on its own, and all other ties keep the order of the names. The same input gives
//! the same plan.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::Dialect;
use aludel_operations::Operation;
use aludel_schema::{Constraint, ConstraintKind, Metadata, QualifiedName, Table, object_name};

use crate::{Pair, columns};

/// The operations in an order in which each finds what it needs.
pub(crate) fn ordered(
    dialect: Dialect,
    operations: Vec<Operation>,
    pair: Pair<&Metadata>,
) -> Vec<Operation> {
    let mut operations = if dialect.capabilities().foreign_keys_need_target {
        with_later_constraints(operations, pair)
    } else {
        operations
    };
    operations.extend(keys_of_dropped(&operations, dialect));
    let early = sequences_in_the_way(&operations);
    drop_with_column(&mut operations);
    let created = ranks(&operations, |op| match op {
        Operation::CreateTable { table, .. } => Some(table),
        _ => None,
    });
    let dropped = ranks(&operations, |op| match op {
        Operation::DropTable { table } => Some(table),
        _ => None,
    });
    let kept = sorted(&pair.target.tables.values().collect::<Vec<_>>());
    operations.sort_by_key(|operation| {
        let rank = match operation {
            Operation::CreateTable { table, .. } => created.get(&table.name).copied().unwrap_or(0),
            Operation::DropTable { table } => {
                dropped.len() - dropped.get(&table.name).copied().unwrap_or(0)
            }
            // What is logged refers to nothing that is not.
            Operation::AlterTableOptions { table, to, .. } => {
                let rank = kept.get(table).copied().unwrap_or(0);
                if to.unlogged { kept.len() - rank } else { rank }
            }
            Operation::DropSequence { sequence } if early.contains(&sequence.name) => {
                return (AFTER_UNFEEDING, 0);
            }
            _ => within_table(operation),
        };
        (phase(operation), rank)
    });
    by_table(operations)
}

/// Behind the alterations that only take away what feeds a column.
const AFTER_UNFEEDING: u8 = 10;

/// Sequences whose names an identity column of the same plan will take.
fn sequences_in_the_way(operations: &[Operation]) -> BTreeSet<QualifiedName> {
    let identities = operations.iter().filter_map(|operation| match operation {
        Operation::AlterColumn { table, to, .. } if to.identity.is_some() => {
            Some((table, &to.name))
        }
        Operation::AddColumn { table, column, .. } if column.identity.is_some() => {
            Some((table, &column.name))
        }
        _ => None,
    });
    identities
        .map(|(table, column)| table.sibling(object_name(&table.name, column, "seq")))
        .collect()
}

/// A sequence that a dropped column owns goes with it.
fn drop_with_column(operations: &mut Vec<Operation>) {
    let dropped: Vec<(QualifiedName, String)> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::DropColumn { table, column } => Some((table.clone(), column.name.clone())),
            _ => None,
        })
        .collect();
    operations.retain(|operation| match operation {
        Operation::DropSequence { sequence } => {
            !sequence.owned_by.as_ref().is_some_and(|owner| dropped.contains(owner))
        }
        _ => true,
    });
}

/// The phase that an operation belongs to.
fn phase(operation: &Operation) -> u8 {
    match operation {
        Operation::AddEnumLabel { used_at_once: true, .. } => 0,
        Operation::CreateSchema { .. } => 1,
        Operation::CreateExtension { .. } => 2,
        Operation::RenameTable { .. } => 3,
        Operation::RenameColumn { .. } | Operation::RenameSequence { .. } => 4,
        Operation::DropConstraint { constraint, .. } if constraint.foreign_key().is_some() => 5,
        Operation::DropConstraint { .. } | Operation::DropIndex { .. } => 6,
        Operation::DropTable { .. } => 7,
        Operation::DropColumn { .. } => 8,
        Operation::AlterColumn { from, to, .. } if columns::only_unfeeds(from, to) => 9,
        Operation::CreateEnum { .. }
        | Operation::AddEnumLabel { .. }
        | Operation::ReplaceEnum { .. }
        | Operation::CreateSequence { .. }
        | Operation::AlterSequence { .. } => 11,
        Operation::RenameConstraint { .. }
        | Operation::RenameIndex { .. }
        | Operation::AlterTableOptions { .. } => 12,
        Operation::CreateTable { .. } => 13,
        Operation::AlterColumn { .. }
        | Operation::AddColumn { .. }
        | Operation::RebuildTable(_) => 14,
        Operation::AddConstraint { constraint, .. } if constraint.foreign_key().is_none() => 15,
        Operation::CreateIndex { .. } => 16,
        Operation::AddConstraint { .. } => 17,
        Operation::ValidateConstraint { .. } => 18,
        Operation::OwnSequence { .. } | Operation::DropSequence { .. } => 19,
        Operation::CommentOnTable { .. }
        | Operation::CommentOnColumn { .. }
        | Operation::CommentOnIndex { .. }
        | Operation::CommentOnEnum { .. } => 20,
        Operation::DropEnum { .. } => 21,
        Operation::DropExtension { .. } => 22,
        Operation::DropSchema { .. } => 23,
    }
}

/// Columns that are altered come before new ones, and those before generated ones, which may read
/// either; generated ones are dropped first.
fn within_table(operation: &Operation) -> usize {
    match operation {
        Operation::AddColumn { column, .. } => 1 + usize::from(column.generated.is_some()),
        Operation::DropColumn { column, .. } => usize::from(column.generated.is_none()),
        _ => 0,
    }
}

/// Brings the changes of one table together within the phase that alters tables.
fn by_table(operations: Vec<Operation>) -> Vec<Operation> {
    let first = operations.iter().position(|op| phase(op) == 14).unwrap_or(operations.len());
    let end = operations.iter().position(|op| phase(op) > 14).unwrap_or(operations.len());
    let mut operations = operations;
    if first < end {
        operations[first..end].sort_by_key(|op| op.table().cloned());
    }
    operations
}

/// Takes those constraints out of CREATE TABLE that can't be made, or would not be kept, there.
fn with_later_constraints(operations: Vec<Operation>, pair: Pair<&Metadata>) -> Vec<Operation> {
    let changed: BTreeSet<QualifiedName> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::AddConstraint { table, .. }
            | Operation::AddColumn { table, .. }
            | Operation::AlterColumn { table, .. }
            | Operation::CreateIndex { table, .. } => Some(table),
            _ => None,
        })
        .cloned()
        .collect();
    let order = ranks(&operations, |op| match op {
        Operation::CreateTable { table, .. } => Some(table),
        _ => None,
    });
    let created: BTreeMap<QualifiedName, Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::CreateTable { table, .. } => {
                Some((table.name.clone(), table.as_ref().clone()))
            }
            _ => None,
        })
        .collect();
    let mut out = Vec::with_capacity(operations.len());
    for operation in operations {
        let Operation::CreateTable { table, .. } = operation else {
            out.push(operation);
            continue;
        };
        let comes_later = |constraint: &&Constraint| match &constraint.kind {
            // CREATE TABLE takes NOT VALID and forgets it.
            ConstraintKind::Check { not_valid, .. } => *not_valid,
            ConstraintKind::ForeignKey(key) if key.not_valid => true,
            ConstraintKind::ForeignKey(key) => {
                let own = order.get(&table.name);
                let is_new = created.get(&key.references);
                let is_before = key.references == table.name || order.get(&key.references) < own;
                match is_new {
                    Some(target) => !is_before || !has_key(target, &key.referenced_columns),
                    None => {
                        changed.contains(&key.references)
                            || !pair.database.tables.contains_key(&key.references)
                    }
                }
            }
            ConstraintKind::Unique { .. } => repeats_a_key(&table, constraint),
            _ => false,
        };
        let later: Vec<Constraint> =
            table.constraints.iter().filter(comes_later).cloned().collect();
        let name = table.name.clone();
        out.extend(later.iter().map(|constraint| Operation::AddConstraint {
            table: name.clone(),
            constraint: constraint.clone(),
        }));
        out.push(Operation::CreateTable { table, later });
    }
    out
}

/// Whether a constraint of CREATE TABLE, and not an index that comes after it, makes these columns
/// unique.
fn has_key(table: &Table, columns: &[String]) -> bool {
    table.constraints.iter().any(|constraint| {
        constraint.foreign_key().is_none()
            && constraint.columns().len() == columns.len()
            && constraint.columns().iter().all(|column| columns.contains(column))
    })
}

/// CREATE TABLE makes one index of a UNIQUE that repeats the columns of a key before it.
fn repeats_a_key(table: &Table, unique: &Constraint) -> bool {
    table
        .constraints
        .iter()
        .take_while(|constraint| *constraint != unique)
        .any(|other| other.foreign_key().is_none() && other.columns() == unique.columns())
}

/// Foreign keys of dropped tables that have to go first: those that hold a cycle of them together,
/// and those that rest on a key which is dropped before the table is.
fn keys_of_dropped(operations: &[Operation], dialect: Dialect) -> Vec<Operation> {
    if !dialect.capabilities().foreign_keys_need_target {
        return Vec::new();
    }
    let tables: Vec<&Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::DropTable { table } => Some(table.as_ref()),
            _ => None,
        })
        .collect();
    let loses_a_key: BTreeSet<&QualifiedName> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::DropConstraint { table, .. } | Operation::DropIndex { table, .. } => {
                Some(table)
            }
            _ => None,
        })
        .collect();
    let order = sorted(&tables);
    let mut out = Vec::new();
    for table in tables {
        for (constraint, key) in table.foreign_keys() {
            let in_cycle = order.get(&key.references) > order.get(&table.name);
            if in_cycle || loses_a_key.contains(&key.references) {
                let (table, constraint) = (table.name.clone(), constraint.clone());
                out.push(Operation::DropConstraint { table, constraint });
            }
        }
    }
    out
}

/// The rank of each table that `pick` picks, so that a table comes after those it refers to.
fn ranks(
    operations: &[Operation],
    pick: impl Fn(&Operation) -> Option<&Table>,
) -> BTreeMap<QualifiedName, usize> {
    let tables: Vec<&Table> = operations.iter().filter_map(pick).collect();
    sorted(&tables)
}

/// Depth first along the foreign keys, in the order of the names; a key that closes a cycle is not
/// followed.
fn sorted(tables: &[&Table]) -> BTreeMap<QualifiedName, usize> {
    let by_name: BTreeMap<&QualifiedName, &Table> = tables.iter().map(|t| (&t.name, *t)).collect();
    let mut ranks: BTreeMap<QualifiedName, usize> = BTreeMap::new();
    let mut entered: BTreeSet<&QualifiedName> = BTreeSet::new();
    for start in by_name.keys() {
        // A stack of our own: a chain of keys may be longer than the thread's stack allows.
        let mut stack = vec![(*start, false)];
        while let Some((name, done)) = stack.pop() {
            if done {
                let rank = ranks.len();
                ranks.entry(name.clone()).or_insert(rank);
            } else if entered.insert(name) {
                stack.push((name, true));
                let table = by_name[name];
                let mut parents: Vec<&QualifiedName> = references(table)
                    .filter_map(|parent| by_name.get_key_value(parent).map(|(name, _)| *name))
                    .filter(|parent| !entered.contains(parent))
                    .collect();
                parents.sort();
                parents.dedup();
                stack.extend(parents.into_iter().rev().map(|parent| (parent, false)));
            }
        }
    }
    ranks
}

fn references(table: &Table) -> impl Iterator<Item = &QualifiedName> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(&key.references),
        _ => None,
    })
}
