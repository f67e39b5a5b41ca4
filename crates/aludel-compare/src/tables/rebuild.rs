//! Rebuilds: a single operation for all changes of a table that can't be altered in place.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, mentions};
use aludel_operations::{Alter, LabelValue, Object, Operation, TableRebuild};
use aludel_schema::{
    Constraint, Definition, Index, Kind, Metadata, ObjectId, QualifiedName, Table,
};

use crate::impossible::Impossible;
use crate::pair::Pair;
use crate::way::Way;

/// Replaces the operations on a table by a rebuild if one of them can't be carried out in place.
pub(crate) fn instead_of_alter(
    dialect: Dialect,
    operations: Vec<Operation>,
    pair: Pair<&Metadata>,
) -> Vec<Operation> {
    let operations = with_columns(dialect, operations, pair);
    // Triggers and other definitions have operations of their own.
    let is_part = |operation: &Operation| {
        !matches!(
            operation,
            Operation::Create(Object::Definition(_)) | Operation::Drop(Object::Definition(_))
        )
    };
    let rebuilt: BTreeSet<QualifiedName> = operations
        .iter()
        .filter_map(|operation| {
            let table =
                pair.database.tables.get(&operation.table()?).filter(|_| is_part(operation))?;
            let kept = pair.target.tables.contains_key(&table.name);
            // A trigger may read the column that is dropped.
            let is_read = is_drop_of_column(operation)
                && (triggers(pair, &table.name).next().is_some()
                    || is_remade_below_index(dialect, operation, pair, table));
            let in_place = dialect.alters_in_place(operation, table)
                && !is_read
                && !drops_all_columns(&operations, table);
            (kept && !in_place).then(|| table.name.clone())
        })
        .collect();
    let labels = relabelled(&operations);
    let names = names(&operations, pair);
    // Indexes are dropped before the table, because another object may take the name.
    let comes_first = |operation: &Operation| {
        is_rename(operation) || matches!(operation, Operation::Drop(Object::Index { .. }))
    };
    let dropped: BTreeSet<ObjectId> = operations
        .iter()
        .filter(|operation| matches!(operation, Operation::Drop(Object::Definition(_))))
        .map(Operation::object)
        .collect();
    let mut out: Vec<Operation> = operations
        .into_iter()
        .filter(|op| {
            !is_part(op)
                || comes_first(op)
                || !op.table().is_some_and(|name| rebuilt.contains(&name))
        })
        .flat_map(|operation| renamed_by_hand(operation, pair))
        .collect();
    for name in &rebuilt {
        if let (Some(from), Some(to)) =
            (pair.database.tables.get(name), pair.target.tables.get(name))
        {
            let triggers = triggers(pair, name).filter(|trigger| !dropped.contains(&trigger.id));
            let triggers = triggers.filter_map(|own| pair.target.definitions.get(&own.id));
            let rebuild = TableRebuild {
                from: from.clone(),
                to: with_conversions(dialect, from, with_remarks(from, to)),
                temporary: temporary(&name.name, &names),
                fills: Vec::new(),
                labels: labels.get(name).cloned().unwrap_or_default(),
                triggers: triggers.cloned().collect(),
            };
            out.push(Operation::Alter(Alter::Rebuild(Box::new(rebuild))));
        }
    }
    out
}

/// Returns all names that tables, indexes and others have before, during and after a plan, in small letters: names of
/// SQLite differ by more than that.
fn names(operations: &[Operation], pair: Pair<&Metadata>) -> BTreeSet<String> {
    let of_side = |side: &Metadata| {
        let indexes = side.tables.values().flat_map(|table| &table.indexes);
        let indexes = indexes.map(|index| index.name.to_ascii_lowercase());
        let definitions = side.definitions.keys().map(|id| &id.name);
        let others = side.tables.keys().chain(definitions);
        indexes.chain(others.map(|name| name.name.to_ascii_lowercase())).collect::<Vec<_>>()
    };
    let before = operations.iter().filter_map(|operation| match operation {
        Operation::Rename { from, .. } => Some(from.name.name.to_ascii_lowercase()),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    [pair.database, pair.target].into_iter().flat_map(of_side).chain(before).collect()
}

/// Returns a name for a new table that nothing has.
fn temporary(table: &str, names: &BTreeSet<String>) -> String {
    let mut name = format!("_aludel_new_{table}");
    while names.contains(&name.to_ascii_lowercase()) {
        name.push('_');
    }
    name
}

/// Returns a table with the comments that its text has now, which nothing in models says. A part that the text of
/// before does not have has none.
fn with_remarks(from: &Table, to: &Table) -> Table {
    let mut to = to.clone();
    for own in to.columns.iter_mut().filter(|own| own.remarks.is_empty()) {
        own.remarks = from.column(&own.name).map(|old| old.remarks.clone()).unwrap_or_default();
    }
    for own in to.constraints.iter_mut().filter(|own| own.remarks.is_empty()) {
        let is_it = |old: &&Constraint| match (&old.name, &own.name) {
            (Some(old), Some(own)) => old == own,
            _ => old.kind == own.kind,
        };
        let old = from.constraints.iter().find(is_it);
        own.remarks = old.map(|old| old.remarks.clone()).unwrap_or_default();
    }
    to
}

/// Returns a table without the conversions that do not matter: those of columns that keep their type and
/// lose no label.
fn with_conversions(dialect: Dialect, from: &Table, mut to: Table) -> Table {
    let kept: Vec<bool> =
        to.columns.iter().map(|own| dialect.is_converted(from, &to, own)).collect();
    for (column, _) in to.columns.iter_mut().zip(kept).filter(|(_, kept)| !kept) {
        column.using = None;
    }
    to
}

/// Returns the labels that columns hold as texts and that get other names, by table.
fn relabelled(operations: &[Operation]) -> BTreeMap<QualifiedName, Vec<LabelValue>> {
    let mut found: BTreeMap<QualifiedName, Vec<LabelValue>> = BTreeMap::new();
    for operation in operations {
        if let Operation::Alter(Alter::RenameLabel { of, from, to }) = operation
            && let Some(table) = &of.table
        {
            let (column, from, to) = (of.name.name.clone(), from.clone(), to.clone());
            found.entry(table.clone()).or_default().push(LabelValue { column, from, to });
        }
    }
    found
}

/// Adds new constraints along with their new columns, where ADD COLUMN can do both.
fn with_columns(
    dialect: Dialect,
    mut operations: Vec<Operation>,
    pair: Pair<&Metadata>,
) -> Vec<Operation> {
    let is_new = |operation: &Operation, of: &QualifiedName, wanted: &Constraint| match operation {
        Operation::Create(Object::Constraint { table, constraint }) => {
            table == of && constraint.as_ref() == wanted
        }
        _ => false,
    };
    let mut taken: Vec<(QualifiedName, Constraint)> = Vec::new();
    let all = operations.clone();
    for operation in &mut operations {
        let Operation::Create(Object::Column { table: name, column, constraints }) = operation
        else {
            continue;
        };
        let Some(table) = pair.target.tables.get(name) else { continue };
        let own = table.constraints.iter().filter(|own| {
            dialect.adds_with_column(own, column, table)
                && all.iter().any(|operation| is_new(operation, name, own))
        });
        constraints.extend(own.cloned());
        taken.extend(constraints.iter().map(|own| (name.clone(), own.clone())));
    }
    operations.retain(|op| !taken.iter().any(|(table, own)| is_new(op, table, own)));
    operations
}

/// Returns true if operations drop each column of a table, the last of which SQLite refuses to drop.
fn drops_all_columns(operations: &[Operation], table: &Table) -> bool {
    let mut columns = table.columns.iter();
    columns.all(|own| {
        operations.iter().any(|operation| match operation {
            Operation::Drop(Object::Column { table: of, column, .. }) => {
                *of == table.name && column.name == own.name
            }
            _ => false,
        })
    })
}

fn is_drop_of_column(operation: &Operation) -> bool {
    matches!(operation, Operation::Drop(Object::Column { .. }))
}

/// Returns true if the operation drops a column that comes again, and an index reads it.
fn is_remade_below_index(
    dialect: Dialect,
    operation: &Operation,
    pair: Pair<&Metadata>,
    table: &Table,
) -> bool {
    let Operation::Drop(Object::Column { column, .. }) = operation else { return false };
    let reads = |index: &Index| {
        index.columns().any(|name| name == column.name)
            || index.expressions().any(|text| mentions(&text.written, &column.name, dialect))
    };
    let after = pair.target.tables.get(&table.name);
    after.is_some_and(|after| after.column(&column.name).is_some())
        && table.indexes.iter().any(reads)
}

/// Returns the triggers that a table has before the plan.
fn triggers<'m>(
    pair: Pair<&'m Metadata>,
    table: &QualifiedName,
) -> impl Iterator<Item = &'m Definition> {
    let of_table = move |definition: &&Definition| {
        definition.id.kind == Kind::Trigger && definition.id.table.as_ref() == Some(table)
    };
    pair.database.definitions.values().filter(of_table)
}

/// Returns the rebuilds that would silently lose or break something. A trigger that no object file has is
/// made again by its text in the database, which a rename changes in a way that nobody knows before; a way
/// back has the text from before.
pub(crate) fn losses(dialect: Dialect, operations: &[Operation], way: Way) -> Vec<Impossible> {
    let renames = operations.iter().filter(|own| is_rename(own) && way == Way::Forward);
    let names: Vec<&String> = renames.filter_map(new_name).collect();
    let renamed = |trigger: &Definition| {
        let mut names = names.iter().filter(|_| trigger.source.is_none());
        names.find(|name| mentions(&trigger.body.written, name, dialect)).copied()
    };
    let rebuilds = operations.iter().filter_map(|operation| match operation {
        Operation::Alter(Alter::Rebuild(rebuild)) => Some(rebuild),
        _ => None,
    });
    rebuilds
        .filter_map(|rebuild| {
            let reason = if !rebuild.from.unsaid.is_empty() {
                format!(
                    "it has to be rebuilt, and would lose what the models can't say: {}; \
                     write this revision by hand",
                    rebuild.from.unsaid.join(", ")
                )
            } else {
                let mut triggers = rebuild.triggers.iter();
                let (trigger, name) = triggers.find_map(|own| Some((own, renamed(own)?)))?;
                format!(
                    "it has to be rebuilt, and the same plan gives something the name {name}, which {} \
                     names and no object file declares; rename first, in a revision of its own",
                    trigger.id
                )
            };
            Some(Impossible { object: ObjectId::table(&rebuild.to.name), reason })
        })
        .collect()
}

/// Returns true if the operation renames a table or a column.
fn is_rename(operation: &Operation) -> bool {
    matches!(operation, Operation::Rename { from, .. } if matches!(from.kind, Kind::Table | Kind::Column))
}

/// Returns the name that a rename gives.
fn new_name(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::Rename { to, .. } => Some(to),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Replaces the rename of an index by a drop and a create, if the dialect can't rename indexes.
fn renamed_by_hand(operation: Operation, pair: Pair<&Metadata>) -> Vec<Operation> {
    let Operation::Rename {
        from: ObjectId { kind: Kind::Index, name, table: Some(table), .. },
        to,
    } = &operation
    else {
        return vec![operation];
    };
    let old = pair.database.tables.get(table).and_then(|t| t.index(&name.name));
    let new = pair.target.tables.get(table).and_then(|t| t.index(to));
    let object =
        |index: &Index| Object::Index { table: table.clone(), index: Box::new(index.clone()) };
    match (old, new) {
        (Some(old), Some(new)) => {
            vec![Operation::Drop(object(old)), Operation::Create(object(new))]
        }
        _ => vec![operation],
    }
}
