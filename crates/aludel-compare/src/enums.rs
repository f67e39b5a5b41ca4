//! Enum types.

use aludel_dialect::Dialect;
use aludel_operations::{EnumColumn, Operation};
use aludel_schema::{EnumType, Metadata, QualifiedName, Table};

use crate::Pair;

/// Compares the enum types.
pub(crate) fn compare(pair: Pair<&Metadata>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for target in pair.target.enums.values() {
        match pair.database.enums.get(&target.name) {
            None => operations.push(Operation::CreateEnum { enum_type: target.clone() }),
            Some(database) if database.labels == target.labels => {}
            Some(database) => match added_labels(database, target) {
                Some(added) => operations.extend(added),
                None => {
                    operations.push(Operation::ReplaceEnum {
                        from: database.clone(),
                        to: target.clone(),
                        columns: columns_of(pair, &target.name),
                    });
                    // It goes when the columns that leave it have left.
                    let name = old_enum(&target.name);
                    let enum_type = EnumType { name, ..database.clone() };
                    operations.push(Operation::DropEnum { enum_type });
                }
            },
        }
        let before = pair.database.enums.get(&target.name).and_then(|e| e.comment.as_ref());
        // A new type has no comment.
        let before = before.filter(|_| !is_replaced(pair, &target.name));
        if before != target.comment.as_ref() {
            let (name, comment) = (target.name.clone(), target.comment.clone());
            operations.push(Operation::CommentOnEnum { name, comment });
        }
    }
    let gone = pair.database.enums.values().filter(|e| !pair.target.enums.contains_key(&e.name));
    operations.extend(gone.map(|e| Operation::DropEnum { enum_type: e.clone() }));
    operations
}

/// The labels to add, if adding is all it takes: the old ones are all there, in the same order.
fn added_labels(database: &EnumType, target: &EnumType) -> Option<Vec<Operation>> {
    let mut old = database.labels.iter().peekable();
    let mut added = Vec::new();
    for label in &target.labels {
        if old.peek() == Some(&label) {
            old.next();
        } else {
            added.push(Operation::AddEnumLabel {
                name: target.name.clone(),
                label: label.clone(),
                before: old.peek().map(|next| (*next).clone()),
                used_at_once: false,
            });
        }
    }
    old.next().is_none().then_some(added)
}

/// The types that are replaced.
pub(crate) fn replaced(pair: Pair<&Metadata>) -> Vec<&QualifiedName> {
    pair.target.enums.keys().filter(|name| is_replaced(pair, name)).collect()
}

/// Whether a change of labels needs a new type.
fn is_replaced(pair: Pair<&Metadata>, name: &QualifiedName) -> bool {
    match (pair.database.enums.get(name), pair.target.enums.get(name)) {
        (Some(database), Some(target)) => {
            database.labels != target.labels && added_labels(database, target).is_none()
        }
        _ => false,
    }
}

/// The columns of a table, on both sides of the same enum type, whose type is replaced.
pub(crate) fn replaced_columns(replaced: &[&QualifiedName], tables: Pair<&Table>) -> Vec<String> {
    if replaced.is_empty() {
        return Vec::new();
    }
    tables
        .target
        .columns
        .iter()
        .filter(|column| {
            let before = tables.database.column(&column.name).map(|c| c.sql_type.written.as_str());
            replaced.iter().any(|name| {
                is_of(&column.sql_type.written, name) && before.is_some_and(|b| is_of(b, name))
            })
        })
        .map(|column| column.name.clone())
        .collect()
}

fn is_of(sql_type: &str, name: &QualifiedName) -> bool {
    sql_type.trim_end_matches("[]") == Dialect::Postgres.quote_name(name)
}

/// Every column of the type, with the default that it shall have.
fn columns_of(pair: Pair<&Metadata>, name: &QualifiedName) -> Vec<EnumColumn> {
    let mut out = Vec::new();
    for table in pair.database.tables.values() {
        let Some(target) = pair.target.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(after) = target.column(&column.name) else { continue };
            // A generated column is made again, and one that leaves the type is not moved.
            let stays = is_of(&after.sql_type.written, name) && column.generated.is_none();
            if stays && is_of(&column.sql_type.written, name) {
                let default = after.default.clone();
                let (table, column) = (table.name.clone(), column.clone());
                out.push(EnumColumn { table, column, default });
            }
        }
    }
    out
}

/// A label that the same plan uses has to be committed before it is used.
pub(crate) fn mark_labels_used_at_once(dialect: Dialect, operations: &mut [Operation]) {
    let (labels, others): (Vec<Operation>, Vec<Operation>) =
        operations.iter().cloned().partition(|op| matches!(op, Operation::AddEnumLabel { .. }));
    if labels.is_empty() {
        return;
    }
    let sql: Vec<String> =
        dialect.render(&others).into_iter().map(|statement| statement.sql).collect();
    // The labels of a type stay in order, so if one comes first, all do.
    let mut early: Vec<QualifiedName> = Vec::new();
    for operation in operations.iter() {
        if let Operation::AddEnumLabel { name, label, .. } = operation
            && (sql.iter().any(|statement| uses_label(statement, label, dialect))
                || others.iter().any(|operation| moves_values_to(operation, name)))
        {
            early.push(name.clone());
        }
    }
    for operation in operations {
        if let Operation::AddEnumLabel { name, used_at_once, .. } = operation {
            *used_at_once = early.contains(name);
        }
    }
}

/// Whether values of another type become values of the enum, and so perhaps its new labels.
fn moves_values_to(operation: &Operation, name: &QualifiedName) -> bool {
    match operation {
        Operation::AlterColumn { from, to, .. } => {
            is_of(&to.sql_type.written, name) && !is_of(&from.sql_type.written, name)
        }
        _ => false,
    }
}

/// Whether a literal of the statement is the label, or an array that may have it.
fn uses_label(sql: &str, label: &str, dialect: Dialect) -> bool {
    let literal = dialect.literal(label);
    aludel_dialect::significant(sql, dialect).iter().any(|token| {
        token.text == literal || (token.text.starts_with("'{") && token.text.contains(label))
    })
}

/// What a type is called while its successor takes over.
fn old_enum(name: &QualifiedName) -> QualifiedName {
    name.sibling(format!("{}_old", name.name))
}
