//! Enum types.

use aludel_dialect::{Dialect, code, significant};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Column, EnumType, QualifiedName};

use crate::depends::World;
use crate::pair::Pair;
use crate::types::replacement::{is_replaced, is_succession, keeps_labels, replace};

/// Compares the enum types.
pub(crate) fn compare(world: &World<'_>) -> Vec<Operation> {
    let pair = world.pair;
    let mut operations = Vec::new();
    for target in pair.target.enums.values() {
        match pair.database.enums.get(&target.name) {
            None if is_succession(world, &target.id()) => {}
            None => operations.push(Operation::Create(Object::Enum(target.clone()))),
            Some(database) if database.labels == target.labels => {}
            Some(database) if keeps_labels(database, target) => {
                operations.extend(added_labels(database, target));
            }
            Some(database) => {
                let pair = Pair::new(Object::Enum(database.clone()), Object::Enum(target.clone()));
                operations.extend(replace(world, pair));
            }
        }
        let before = pair.database.enums.get(&target.name).and_then(|e| e.comment.as_ref());
        // A new type has no comment yet.
        let before = before.filter(|_| !is_replaced(pair, &target.name));
        if before != target.comment.as_ref() {
            let comment = target.comment.clone();
            operations.push(Operation::Comment { on: target.id(), comment });
        }
    }
    let gone = pair.database.enums.values().filter(|e| !pair.target.enums.contains_key(&e.name));
    let gone = gone.filter(|e| !is_succession(world, &e.id()));
    operations.extend(gone.map(|e| Operation::Drop(Object::Enum(e.clone()))));
    operations
}

/// Returns the operations that add labels to a type that keeps its own.
fn added_labels(database: &EnumType, target: &EnumType) -> Vec<Operation> {
    let mut old = database.labels.iter().peekable();
    let mut added = Vec::new();
    for label in &target.labels {
        if old.peek() == Some(&label) {
            old.next();
        } else {
            added.push(Operation::Alter(Alter::EnumLabel {
                name: target.name.clone(),
                label: label.clone(),
                before: old.peek().map(|next| (*next).clone()),
                used_at_once: false,
            }));
        }
    }
    added
}

/// Marks the labels that the same plan uses, because they have to be committed before their first
/// use.
pub(crate) fn mark_labels_used_at_once(world: &World<'_>, operations: &mut [Operation]) {
    let is_label =
        |operation: &Operation| matches!(operation, Operation::Alter(Alter::EnumLabel { .. }));
    if !operations.iter().any(is_label) {
        return;
    }
    let others: Vec<Operation> = operations.iter().filter(|op| !is_label(op)).cloned().collect();
    // The caller reports operations that can't be rendered.
    let steps = world.dialect.steps(&others).unwrap_or_default();
    let sql: Vec<&String> = steps.iter().flat_map(|step| &step.statements).collect();
    // All new labels of a type are added early if one of them is, because their order matters.
    let mut early: Vec<QualifiedName> = Vec::new();
    for operation in operations.iter() {
        if let Operation::Alter(Alter::EnumLabel { name, label, .. }) = operation
            && (sql.iter().any(|statement| uses_label(statement, label, world.dialect))
                || others.iter().any(|operation| moves_values_to(world, operation, name)))
        {
            early.push(name.clone());
        }
    }
    for operation in operations {
        if let Operation::Alter(Alter::EnumLabel { name, used_at_once, .. }) = operation {
            *used_at_once = early.contains(name);
        }
    }
}

/// Returns true if values of another type are converted to the enum, so that its new labels may
/// occur.
fn moves_values_to(world: &World<'_>, operation: &Operation, name: &QualifiedName) -> bool {
    let of_enum = |column: &Column| world.type_of(column).is_some_and(|id| id.name == *name);
    match operation {
        Operation::Alter(Alter::Column(change)) => of_enum(&change.to) && !of_enum(&change.from),
        _ => false,
    }
}

/// Returns true if a literal in the statement is the label, or an array that may contain it. The server reads
/// the code of a function in SQL as well when the function is created.
fn uses_label(sql: &str, label: &str, dialect: Dialect) -> bool {
    let literal = dialect.literal(label);
    let tokens = significant(sql, dialect);
    let mut pairs = tokens.windows(2);
    let is_sql = pairs.any(|pair| pair[0].is_word("language") && pair[1].is_word("sql"));
    tokens.iter().any(|token| {
        let code = code(token).filter(|_| is_sql);
        token.text == literal
            || (token.text.starts_with("'{") && token.text.contains(label))
            || code.is_some_and(|code| uses_label(code.text, label, dialect))
    })
}
