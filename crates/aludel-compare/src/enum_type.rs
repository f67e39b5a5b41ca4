//! Enum types, and the replacement of types of any kind that columns use.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation, TypeColumn, TypeReplacement};
use aludel_schema::{Column, EnumType, Metadata, ObjectId, QualifiedName};

use crate::Pair;
use crate::definition::{self, Change};
use crate::depends::World;

/// Compares the enum types.
pub(crate) fn compare(world: &World<'_>) -> Vec<Operation> {
    let pair = world.pair;
    let mut operations = Vec::new();
    for target in pair.target.enums.values() {
        match pair.database.enums.get(&target.name) {
            None => operations.push(Operation::Create(Object::Enum(target.clone()))),
            Some(database) if database.labels == target.labels => {}
            Some(database) => match added_labels(database, target) {
                Some(added) => operations.extend(added),
                None => operations.extend(replace(world, database, target)),
            },
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
    operations.extend(gone.map(|e| Operation::Drop(Object::Enum(e.clone()))));
    operations
}

/// Replaces a type by a new one that takes over its columns. The old type is dropped when no column
/// uses it any more.
fn replace(world: &World<'_>, database: &EnumType, target: &EnumType) -> [Operation; 2] {
    let replacement = TypeReplacement {
        from: Object::Enum(database.clone()),
        to: Object::Enum(target.clone()),
        columns: columns_of(world, &target.id()),
    };
    let old = EnumType { name: old_name(&target.name), ..database.clone() };
    [
        Operation::Alter(Alter::ReplaceType(Box::new(replacement))),
        Operation::Drop(Object::Enum(old)),
    ]
}

/// Returns the operations that add labels, if the target has all existing labels in their present
/// order; `None` if the type has to be replaced.
fn added_labels(database: &EnumType, target: &EnumType) -> Option<Vec<Operation>> {
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
    old.next().is_none().then_some(added)
}

/// Returns the types that are replaced by new ones of the same name.
pub(crate) fn replaced(world: &World<'_>) -> Vec<ObjectId> {
    let pair = world.pair;
    let enums = pair.target.enums.values().filter(|e| is_replaced(pair, &e.name));
    let enums = enums.map(EnumType::id);
    let others = pair.target.definitions.values().filter(|target| {
        let facts = world.dialect.kind_facts(target.id.kind).filter(|facts| facts.is_type);
        let database = pair.database.definitions.get(&target.id);
        facts.zip(database).is_some_and(|(facts, database)| {
            definition::change(facts, Pair::new(database, target)) == Change::Replace
        })
    });
    enums.chain(others.map(|definition| definition.id.clone())).collect()
}

/// Returns true if the labels change in a way that needs a new type.
fn is_replaced(pair: Pair<&Metadata>, name: &QualifiedName) -> bool {
    match (pair.database.enums.get(name), pair.target.enums.get(name)) {
        (Some(database), Some(target)) => {
            database.labels != target.labels && added_labels(database, target).is_none()
        }
        _ => false,
    }
}

/// Returns true if a column has the same replaced type on both sides, and so is moved to the new
/// type.
pub(crate) fn moves(world: &World<'_>, replaced: &[ObjectId], column: Pair<&Column>) -> bool {
    let of = column.map(|column| world.type_of(column));
    of.database.is_some_and(|id| replaced.contains(id)) && of.database == of.target
}

/// Returns the columns that keep the type, with their defaults in the target.
pub(crate) fn columns_of(world: &World<'_>, id: &ObjectId) -> Vec<TypeColumn> {
    let mut out = Vec::new();
    for table in world.pair.database.tables.values() {
        let Some(target) = world.pair.target.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(after) = target.column(&column.name) else { continue };
            // A generated column is made again instead, and a column that gets another type is not
            // moved.
            let stays = world.type_of(after) == Some(id) && column.generated.is_none();
            if stays && world.type_of(column) == Some(id) {
                let default = after.default.clone();
                out.push(TypeColumn { table: table.name.clone(), column: column.clone(), default });
            }
        }
    }
    out
}

/// Returns the name of a type while its successor takes over the columns.
pub(crate) fn old_name(name: &QualifiedName) -> QualifiedName {
    name.sibling(format!("{}_old", name.name))
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

/// Returns true if a literal in the statement is the label, or an array that may contain it.
fn uses_label(sql: &str, label: &str, dialect: Dialect) -> bool {
    let literal = dialect.literal(label);
    aludel_dialect::significant(sql, dialect).iter().any(|token| {
        token.text == literal || (token.text.starts_with("'{") && token.text.contains(label))
    })
}
