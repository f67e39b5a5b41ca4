use aludel_dialect::Dialect;
use aludel_operations::Operation;
use aludel_schema::{Metadata, QualifiedName};

use crate::{Pair, Renames, enums, order, rebuild, renames, sequences, tables};

/// What has to be done, in order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The operations.
    pub operations: Vec<Operation>,
    /// Differences that no operation can take away.
    pub impossible: Vec<Impossible>,
}

/// A difference that no operation can take away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The table.
    pub table: QualifiedName,
    /// What differs, and what to do about it.
    pub reason: String,
}

impl Plan {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.impossible.is_empty()
    }
}

/// What turns the database side into the target side. `renamed` says which names mean the same
/// thing on both sides; what it does not say is a drop and a create.
pub fn plan(dialect: Dialect, pair: Pair<&Metadata>, renamed: &Renames) -> Plan {
    let (mut operations, database) = renames::apply(pair.database, renamed, dialect);
    let pair = Pair::new(database.as_ref(), pair.target);
    let changes = tables::compare(dialect, pair);
    operations.extend(schemas(pair));
    operations.extend(extensions(pair));
    operations.extend(enums::compare(pair));
    operations.extend(sequences::compare(pair));
    operations.extend(changes.operations);
    let mut impossible = renamed.conflicts.clone();
    impossible.extend(changes.impossible);
    if !dialect.capabilities().alter_table {
        operations = rebuild::instead_of_alter(dialect, operations, pair);
        impossible.extend(rebuild::losses(&operations));
    }
    enums::mark_labels_used_at_once(dialect, &mut operations);
    Plan { operations: order::ordered(dialect, operations, pair), impossible }
}

fn schemas(pair: Pair<&Metadata>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.schemas);
    let create = named.target.difference(named.database);
    let drop = named.database.difference(named.target);
    create
        .map(|name| Operation::CreateSchema { name: name.clone() })
        .chain(drop.map(|name| Operation::DropSchema { name: name.clone() }))
        .collect()
}

/// Extensions by name only: the models need not say the schema of one that is there.
fn extensions(pair: Pair<&Metadata>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.extensions);
    let missing = named.target.values().filter(|e| !named.database.contains_key(&e.name));
    let gone = named.database.values().filter(|e| !named.target.contains_key(&e.name));
    missing
        .map(|extension| Operation::CreateExtension { extension: extension.clone() })
        .chain(gone.map(|extension| Operation::DropExtension { extension: extension.clone() }))
        .collect()
}
