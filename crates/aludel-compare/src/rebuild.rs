//! Tables that can't be altered in place are rebuilt: one operation for all their changes.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_operations::{Operation, TableRebuild};
use aludel_schema::{Metadata, QualifiedName};

use crate::Pair;

/// Replaces the operations of every table that one of them can't be done to in place.
pub(crate) fn instead_of_alter(
    dialect: Dialect,
    operations: Vec<Operation>,
    pair: Pair<&Metadata>,
) -> Vec<Operation> {
    let rebuilt: BTreeSet<QualifiedName> = operations
        .iter()
        .filter_map(|operation| {
            let table = pair.database.tables.get(operation.table()?)?;
            let kept = pair.target.tables.contains_key(&table.name);
            (kept && !dialect.alters_in_place(operation, table)).then(|| table.name.clone())
        })
        .collect();
    let is_rename = |operation: &Operation| {
        matches!(operation, Operation::RenameTable { .. } | Operation::RenameColumn { .. })
    };
    let mut out: Vec<Operation> = operations
        .into_iter()
        .filter(|op| is_rename(op) || !op.table().is_some_and(|name| rebuilt.contains(name)))
        .flat_map(|operation| renamed_by_hand(operation, pair))
        .collect();
    for name in &rebuilt {
        if let (Some(from), Some(to)) =
            (pair.database.tables.get(name), pair.target.tables.get(name))
        {
            let rebuild = TableRebuild { from: from.clone(), to: to.clone(), fills: Vec::new() };
            out.push(Operation::RebuildTable(Box::new(rebuild)));
        }
    }
    out
}

/// An index can't be renamed where there is no ALTER INDEX.
fn renamed_by_hand(operation: Operation, pair: Pair<&Metadata>) -> Vec<Operation> {
    let Operation::RenameIndex { table, from, to } = &operation else { return vec![operation] };
    let old = pair.database.tables.get(table).and_then(|t| t.index(from));
    let new = pair.target.tables.get(table).and_then(|t| t.index(to));
    match (old, new) {
        (Some(old), Some(new)) => vec![
            Operation::DropIndex { table: table.clone(), index: Box::new(old.clone()) },
            Operation::CreateIndex { table: table.clone(), index: Box::new(new.clone()) },
        ],
        _ => vec![operation],
    }
}
