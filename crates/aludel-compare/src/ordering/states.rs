//! The objects whose old state ends, or whose new state begins, with an operation.

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Column, Definition, IndexRoles, Kind, ObjectId, QualifiedName, ReplicaIdentity, TableOptions,
};

use crate::not_nulls::not_null::is_name_alone;
use crate::pair::Pair;
use crate::types::replacement::old_name;

/// A side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Database,
    Target,
}

/// Returns the identity that the options of a table have in the graph.
pub(crate) fn options_of(table: &QualifiedName) -> ObjectId {
    ObjectId::within(Kind::Table, table, table.name.as_str())
}

/// Returns the options of a table if it becomes logged or unlogged.
fn logging(table: &QualifiedName, from: &TableOptions, to: &TableOptions) -> Vec<ObjectId> {
    (from.unlogged != to.unlogged).then(|| options_of(table)).into_iter().collect()
}

pub(crate) fn constraint_id(table: &QualifiedName, name: &str) -> ObjectId {
    ObjectId::within(Kind::Constraint, table, name)
}

pub(crate) fn schema_id(name: &str) -> ObjectId {
    ObjectId::new(Kind::Schema, QualifiedName::unqualified(name))
}

/// Adds the tables of columns, which are read by the names that their tables have.
pub(crate) fn add_tables(ids: &mut Vec<ObjectId>) {
    let columns = ids.iter().filter(|id| id.kind == Kind::Column);
    let tables: BTreeSet<&QualifiedName> = columns.filter_map(|id| id.table.as_ref()).collect();
    let tables: Vec<ObjectId> = tables.into_iter().map(ObjectId::table).collect();
    ids.extend(tables);
}

/// Returns the NOT NULL constraint of a column, if more is said of it than that it is there.
fn not_null(table: &QualifiedName, column: &Column) -> Option<ObjectId> {
    column.not_null.as_ref().map(|_| constraint_id(table, &column.not_null_name(table)))
}

/// Returns the sequence behind an identity column, on which others may rest.
fn counter(table: &QualifiedName, column: &Column) -> Option<ObjectId> {
    column.identity_sequence(table).map(counter_id)
}

fn counter_id(name: QualifiedName) -> ObjectId {
    ObjectId::new(Kind::Sequence, name)
}

/// Returns an object, and the columns of one that is a partition.
fn with_columns(object: &Object) -> Vec<ObjectId> {
    let mut ids = vec![object.id()];
    if let Object::Definition(definition) = object
        && definition.id.kind == Kind::Partition
    {
        let columns = definition.shape.iter();
        ids.extend(columns.map(|c| ObjectId::column(&definition.id.name, c.name.as_str())));
    }
    ids
}

/// Returns a type, and the columns of its tables that follow the attributes that differ; or a foreign
/// table, and its own columns that do.
fn with_typed(pair: Pair<&Definition>, typed: &[QualifiedName]) -> Vec<ObjectId> {
    let Pair { database, target } = pair.map(|definition| &definition.clauses);
    let gone = database.iter().filter(|clause| !target.contains(clause));
    let new = target.iter().filter(|clause| !database.contains(clause));
    let names: Vec<&String> = gone.chain(new).filter_map(|clause| clause.name.as_ref()).collect();
    let own = pair.target.id.kind == Kind::ForeignTable;
    let own = own.then_some(&pair.target.id.name);
    let of_tables = typed
        .iter()
        .chain(own)
        .flat_map(|table| names.iter().map(move |name| ObjectId::column(table, name.as_str())));
    of_tables.chain([pair.target.id.clone()]).collect()
}

/// Returns a type, and the columns of its tables that follow an attribute.
fn following(of: &ObjectId, attribute: &str, typed: &[QualifiedName]) -> Vec<ObjectId> {
    let columns = typed.iter().map(|table| ObjectId::column(table, attribute));
    columns.chain([of.clone()]).collect()
}

/// Returns the objects that are in their new state after an operation.
pub(crate) fn made(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Create(Object::Table(table)) => {
            let mut made = vec![ObjectId::table(&table.name)];
            let columns = table.columns.iter();
            made.extend(columns.map(|c| ObjectId::column(&table.name, c.name.as_str())));
            made.extend(table.constraints.iter().map(|constraint| constraint.id(&table.name)));
            made.extend(table.columns.iter().filter_map(|column| not_null(&table.name, column)));
            made.extend(table.counters().map(counter_id));
            made
        }
        Operation::Create(Object::Column { table, column, constraints }) => {
            let own = ObjectId::column(table, column.name.as_str());
            let constraints = constraints.iter().map(|constraint| constraint.id(table));
            let counter = counter(table, column);
            constraints.chain(not_null(table, column)).chain(counter).chain([own]).collect()
        }
        Operation::Create(object) => with_columns(object),
        Operation::Restore(restored) => not_null(&restored.table, &restored.column)
            .into_iter()
            .chain([operation.object()])
            .collect(),
        Operation::Alter(Alter::Column(change)) => {
            let own = operation.object();
            let is_new = change.from.identity.is_none();
            let counter = counter(&change.table, &change.to).filter(|_| is_new);
            not_null(&change.table, &change.to).into_iter().chain(counter).chain([own]).collect()
        }
        Operation::Rename { from, to } => {
            let id = ObjectId { name: from.name.sibling(to), ..from.clone() };
            // The constraint of an index gets its name.
            let table = id.table.as_ref().filter(|_| id.kind == Kind::Index);
            table.map(|table| constraint_id(table, to)).into_iter().chain([id.clone()]).collect()
        }
        Operation::Alter(Alter::Move(moves)) => {
            moves.along.iter().chain([&moves.from]).map(|id| moves.moved(id)).collect()
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let columns = replacement.columns.iter();
            let columns = columns.map(|c| ObjectId::column(&c.table, c.column.name.as_str()));
            let mut old = replacement.from.id();
            old.name = old_name(&old.name);
            columns.chain([replacement.to.id(), old]).collect()
        }
        Operation::Alter(Alter::Rebuild(rebuild)) => {
            let table = &rebuild.to;
            let columns = table.columns.iter();
            let columns = columns.map(|c| ObjectId::column(&table.name, c.name.as_str()));
            columns.chain([ObjectId::table(&table.name)]).collect()
        }
        // Nothing in a table rests on its options, except foreign keys and counters on its logging.
        Operation::Alter(Alter::TableOptions { table, from, to }) => logging(table, from, to),
        // The roles of its indexes mean nothing to what rests on a table.
        Operation::Alter(Alter::IndexRoles { .. }) => Vec::new(),
        // Nothing rests on who may do what.
        Operation::Alter(Alter::Access { .. }) => Vec::new(),
        // A default may use a sequence before the sequence belongs to the column, and before it has
        // its counter.
        Operation::Alter(Alter::SequenceOwner { .. } | Alter::Counter(_)) => Vec::new(),
        Operation::Alter(Alter::RenameAttribute { of, to, typed, .. }) => following(of, to, typed),
        Operation::Alter(Alter::Definition { from, to, typed, .. }) => {
            with_typed(Pair::new(from, to), typed)
        }
        Operation::Alter(alter) => vec![alter.object()],
        Operation::Drop(_) | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns the objects that are in their old state until an operation.
pub(crate) fn broken(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Drop(Object::Table(table)) => {
            let mut broken = vec![ObjectId::table(&table.name)];
            let columns = table.columns.iter();
            broken.extend(columns.map(|c| ObjectId::column(&table.name, c.name.as_str())));
            broken.extend(table.constraints.iter().map(|constraint| constraint.id(&table.name)));
            broken.extend(table.indexes.iter().map(|index| index.id(&table.name)));
            broken.extend(table.counters().map(counter_id));
            broken
        }
        Operation::Drop(Object::Column { table, column, .. }) => {
            let own = ObjectId::column(table, column.name.as_str());
            counter(table, column).into_iter().chain([own]).collect()
        }
        Operation::Alter(Alter::Column(change)) => {
            let ends = change.to.identity.is_none();
            let counter = counter(&change.table, &change.from).filter(|_| ends);
            // What reads a column does not see the name of its NOT NULL constraint.
            let own = operation.object();
            let stays = is_name_alone(change);
            let ended = made(operation).into_iter().filter(|id| !stays || *id != own);
            ended.chain(counter).collect()
        }
        // What reads a sequence that makes room for its successor ends before.
        Operation::Rename { from, .. } if from.kind == Kind::Sequence => vec![from.clone()],
        Operation::Drop(object) => with_columns(object),
        // Objects that rest on a type are not affected by a new label, and follow an attribute.
        Operation::Alter(
            Alter::EnumLabel { .. }
            | Alter::RenameLabel { .. }
            | Alter::RenameAttribute { .. }
            | Alter::Counter(_),
        ) => Vec::new(),
        // Objects that rest on one that moves follow it.
        Operation::Alter(Alter::Move(_)) => Vec::new(),
        // The old type stays under its temporary name.
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let from = replacement.from.id();
            let old = ObjectId { name: old_name(&from.name), ..from.clone() };
            made(operation).into_iter().filter(|id| *id != old).chain([from]).collect()
        }
        Operation::Alter(_) => made(operation),
        Operation::Create(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// Returns true if an operation can't use an extension or must not wait for one.
pub(crate) fn is_apart(operation: &Operation) -> bool {
    matches!(operation.object().kind, Kind::Schema | Kind::Extension)
        || matches!(operation, Operation::Alter(Alter::EnumLabel { used_at_once: true, .. }))
}

/// Returns true if an operation on a part comes before another one that makes the part anew: a rename before a
/// rebuild, and the end of a default before the column moves to another type.
pub(crate) fn is_done_before(operation: &Operation, other: &Operation) -> bool {
    match (operation, other) {
        (Operation::Rename { .. }, Operation::Alter(Alter::Rebuild(_))) => true,
        (Operation::Alter(Alter::Column(change)), Operation::Alter(Alter::ReplaceType(_))) => {
            let ends = change.from.default.is_some() && change.to.default.is_none();
            ends && change.from.sql_type == change.to.sql_type
        }
        _ => false,
    }
}

/// Returns true if an operation does not name the table that another one renames, although its object is a part of it.
pub(crate) fn comes_in_any_turn(operation: &Operation, other: &Operation) -> bool {
    let own = operation.object();
    let is_one = matches!(operation, Operation::Drop(_) | Operation::Rename { .. });
    let Operation::Rename { from, to } = other else { return false };
    is_one
        && own.kind == Kind::Index
        && from.table.is_none()
        && own.table == Some(from.name.sibling(to.as_str()))
}

/// Returns true if an operation gives an object another name or schema.
pub(crate) fn is_renaming(operation: &Operation) -> bool {
    matches!(operation, Operation::Rename { .. } | Operation::Alter(Alter::Move(_)))
}

/// Returns the indexes that have a part in a whole table, by themselves and as those of constraints.
pub(crate) fn indexes_with_roles(table: &QualifiedName, roles: &IndexRoles) -> Vec<ObjectId> {
    let identity = match &roles.replica_identity {
        ReplicaIdentity::Index(name) => Some(name),
        ReplicaIdentity::PrimaryKey | ReplicaIdentity::Full | ReplicaIdentity::Nothing => None,
    };
    let names = identity.into_iter().chain(&roles.clustered_on);
    let ids = names
        .flat_map(|name| [constraint_id(table, name), ObjectId::within(Kind::Index, table, name)]);
    ids.collect()
}

/// Returns true for a kind of objects that columns use for their values.
pub(crate) fn is_used(kind: Kind) -> bool {
    kind == Kind::Sequence || kind.is_called()
}
