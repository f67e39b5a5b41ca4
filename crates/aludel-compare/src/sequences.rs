//! Sequences that are objects of their own.

use aludel_operations::Operation;
use aludel_schema::{Metadata, Sequence};

use crate::Pair;

/// Compares the sequences.
pub(crate) fn compare(pair: Pair<&Metadata>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for target in pair.target.sequences.values() {
        let Some(database) = pair.database.sequences.get(&target.name) else {
            operations.push(Operation::CreateSequence { sequence: target.clone() });
            if let Some((table, _)) = &target.owned_by {
                let seed = pair.database.tables.contains_key(table) && counts(target, pair.target);
                operations.push(Operation::OwnSequence { sequence: target.clone(), seed });
            }
            continue;
        };
        if database.options != target.options {
            let (from, to) = (database.clone(), target.clone());
            operations.push(Operation::AlterSequence { from, to });
        }
        if database.owned_by != target.owned_by {
            operations.push(Operation::OwnSequence { sequence: target.clone(), seed: false });
        }
    }
    let gone = pair.database.sequences.values().filter(|database| {
        !pair.target.sequences.contains_key(&database.name)
            && !goes_with_its_owner(database, pair.target)
    });
    operations.extend(gone.map(|sequence| Operation::DropSequence { sequence: sequence.clone() }));
    operations
}

/// Whether the column that owns it holds whole numbers.
fn counts(sequence: &Sequence, target: &Metadata) -> bool {
    let owner = sequence.owned_by.as_ref();
    let column = owner.and_then(|(table, column)| target.tables.get(table)?.column(column));
    column.is_some_and(|c| ["smallint", "integer", "bigint"].contains(&c.sql_type.spelling()))
}

/// A sequence is dropped together with the column that owns it.
fn goes_with_its_owner(sequence: &Sequence, target: &Metadata) -> bool {
    sequence.owned_by.as_ref().is_some_and(|(table, column)| {
        target.tables.get(table).is_none_or(|table| table.column(column).is_none())
    })
}
