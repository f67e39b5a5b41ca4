//! The names that operations take and free, and conflicts with names of other objects.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Column, Constraint, Kind, Metadata, ObjectId, QualifiedName, Table, object_name,
};

use crate::impossible::Impossible;
use crate::pair::Pair;

/// A name, with the namespace in which it has to be unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    /// A name among the relations and types of a schema.
    InSchema(QualifiedName),
    /// A name among the columns of a table.
    Column(QualifiedName, String),
    /// A name among the constraints of a table.
    Constraint(QualifiedName, String),
    /// The identity of an object of a kind whose names have a space of their own.
    Own(ObjectId),
}

impl Name {
    fn of(id: &ObjectId) -> Self {
        match (&id.table, id.kind) {
            (Some(table), Kind::Column) => Self::Column(table.clone(), id.name.name.clone()),
            (Some(table), Kind::Constraint) => {
                Self::Constraint(table.clone(), id.name.name.clone())
            }
            (_, kind) if !kind.namespaces().is_empty() => Self::InSchema(id.name.clone()),
            (..) => Self::Own(id.clone()),
        }
    }
}

/// Returns the names that an operation takes.
pub(crate) fn takes(operation: &Operation) -> Vec<Name> {
    match operation {
        Operation::Create(object) => object_names(object),
        Operation::Restore(restored) => column_names(&restored.table, &restored.column),
        Operation::Rename { from, to } => {
            let mut id = from.clone();
            id.name = id.name.sibling(to);
            vec![Name::of(&id)]
        }
        Operation::Alter(Alter::Column(change)) if change.from.identity.is_none() => {
            identity_names(&change.table, &change.to)
        }
        Operation::Drop(_) | Operation::Alter(_) | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns the names that an operation frees.
pub(crate) fn frees(operation: &Operation) -> Vec<Name> {
    match operation {
        Operation::Drop(object) => object_names(object),
        Operation::Rename { from, .. } => vec![Name::of(from)],
        Operation::Alter(Alter::Column(change)) if change.to.identity.is_none() => {
            identity_names(&change.table, &change.from)
        }
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

fn object_names(object: &Object) -> Vec<Name> {
    match object {
        Object::Table(table) => table_names(table),
        Object::Column { table, column } => column_names(table, column),
        Object::Constraint { table, constraint } => constraint_names(table, constraint),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Index { .. }
        | Object::Definition(_) => vec![Name::of(&object.id())],
    }
}

fn table_names(table: &Table) -> Vec<Name> {
    let mut names = vec![Name::InSchema(table.name.clone())];
    let indexes = table.indexes.iter().map(|index| table.name.sibling(index.name.as_str()));
    names.extend(indexes.map(Name::InSchema));
    let constraints = table.constraints.iter();
    names.extend(constraints.flat_map(|constraint| constraint_names(&table.name, constraint)));
    names.extend(table.columns.iter().flat_map(|column| identity_names(&table.name, column)));
    names
}

/// Returns the names of a constraint. One with an index also takes the name of the index.
fn constraint_names(table: &QualifiedName, constraint: &Constraint) -> Vec<Name> {
    let Some(name) = &constraint.name else { return Vec::new() };
    let mut names = vec![Name::Constraint(table.clone(), name.clone())];
    if constraint.has_index() {
        names.push(Name::InSchema(table.sibling(name.as_str())));
    }
    names
}

fn column_names(table: &QualifiedName, column: &Column) -> Vec<Name> {
    let mut names = vec![Name::Column(table.clone(), column.name.clone())];
    names.extend(identity_names(table, column));
    names
}

/// Returns the name of the sequence of an identity column.
fn identity_names(table: &QualifiedName, column: &Column) -> Vec<Name> {
    let sequence = column.identity.as_ref().map(|identity| match &identity.sequence {
        Some(name) => QualifiedName::parse(name),
        None => table.sibling(object_name(&table.name, &column.name, "seq")),
    });
    sequence.map(Name::InSchema).into_iter().collect()
}

/// Returns the operations that can't be carried out because another object of the database, such as
/// a view, has the name already.
pub(crate) fn taken(operations: &[Operation], pair: Pair<&Metadata>) -> Vec<Impossible> {
    let definitions = pair.database.definitions.keys();
    let held: Vec<(ObjectId, String)> =
        definitions.map(|id| (id.clone(), id.to_string())).collect();
    held_from(operations.iter(), &held)
}

/// Returns the operations that can't be carried out because an object that metadata can't
/// represent, such as a partition, has the name already. The objects are given with what they are
/// called in a message.
pub fn held<'o>(
    operations: impl Iterator<Item = &'o Operation> + Clone,
    objects: &[(ObjectId, String)],
) -> Vec<Impossible> {
    let in_schema = objects.iter().filter(|(id, _)| !id.kind.namespaces().is_empty());
    let in_schema: Vec<(ObjectId, String)> = in_schema.cloned().collect();
    held_from(operations, &in_schema)
}

fn held_from<'o>(
    operations: impl Iterator<Item = &'o Operation> + Clone,
    objects: &[(ObjectId, String)],
) -> Vec<Impossible> {
    if objects.is_empty() {
        return Vec::new();
    }
    let freed: BTreeSet<Name> = operations.clone().flat_map(frees).collect();
    let holders: BTreeMap<Name, &String> =
        objects.iter().map(|(id, called)| (Name::of(id), called)).collect();
    let mut found = Vec::new();
    for operation in operations {
        for name in takes(operation).into_iter().filter(|name| !freed.contains(name)) {
            if let Some(holder) = holders.get(&name) {
                let reason = format!("the database has {holder}, which has the name already");
                found.push(Impossible { object: operation.object(), reason });
            }
        }
    }
    found
}
