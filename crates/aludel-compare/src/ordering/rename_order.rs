//! The order of the renames of constraints and indexes.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_operations::Operation;
use aludel_schema::{Constraint, Kind, Metadata, ObjectId, QualifiedName};

use crate::pair::Pair;
use crate::renaming::hints::untangled;
use crate::renaming::object_rename::ObjectRename;

/// Puts the renames of constraints and indexes into an order in which each name is free before it is
/// taken. The other operations stay where they are.
pub(crate) fn ordered_renames(
    dialect: Dialect,
    pair: Pair<&Metadata>,
    mut operations: Vec<Operation>,
) -> Vec<Operation> {
    if !dialect.capabilities().rename_index {
        // Indexes are dropped and created instead.
        return operations;
    }
    let mut groups: BTreeMap<(Option<String>, Option<QualifiedName>), Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Operation::Rename { from, .. } = operation {
            let has_index = has_index(pair.database, from);
            // A key shares the names of its schema with the indexes, and another constraint those of
            // its table.
            let table = from.table.clone().filter(|_| !has_index);
            groups.entry((from.name.schema.clone(), table)).or_default().push(at);
        }
    }
    let is_taken = |name: &QualifiedName| {
        let tables = [pair.database, pair.target].into_iter().flat_map(|side| side.tables.values());
        tables.into_iter().any(|table| {
            let mut constraints = table.constraints.iter();
            let is_it = |own: &Constraint| own.name.as_ref() == Some(&name.name);
            table.index(&name.name).is_some() || constraints.any(is_it)
        })
    };
    let mut renames: BTreeMap<usize, Vec<Operation>> = BTreeMap::new();
    for places in groups.into_values().filter(|places| places.len() > 1) {
        let group = places.iter().filter_map(|at| match &operations[*at] {
            Operation::Rename { from, to } => {
                Some(ObjectRename { from: from.clone(), to: from.name.sibling(to.as_str()) })
            }
            _ => None,
        });
        let case = dialect.capabilities().identifier_case;
        let ordered = untangled(group.collect(), case, is_taken).into_iter();
        let ordered = ordered.map(|r| Operation::Rename { from: r.from, to: r.to.name }).collect();
        places.iter().for_each(|at| _ = renames.insert(*at, Vec::new()));
        renames.insert(places[0], ordered);
    }
    let moved = operations.drain(..).enumerate();
    let moved = moved.flat_map(|(at, own)| renames.remove(&at).unwrap_or_else(|| vec![own]));
    moved.collect()
}

/// Returns true if a rename is that of an index, or of a constraint that has one.
fn has_index(database: &Metadata, from: &ObjectId) -> bool {
    let table = from.table.as_ref().and_then(|name| database.tables.get(name));
    let mut constraints = table.into_iter().flat_map(|table| &table.constraints);
    let is_key = |own: &Constraint| own.name.as_ref() == Some(&from.name.name) && own.has_index();
    from.kind == Kind::Index || constraints.any(is_key)
}
