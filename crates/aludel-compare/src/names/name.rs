//! The names that operations take and free, and conflicts with names of other objects.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, IdentifierCase, KindFacts};
use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{
    Clause, Column, Constraint, ConstraintKind, Definition, Kind, Metadata, ObjectId,
    QualifiedName, Table,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::names::ended_parts;
use crate::pair::Pair;
use crate::partitions::bound::{self, part};

/// A name, with the namespace in which it has to be unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    /// A name among the relations and types of a schema.
    InSchema(QualifiedName),
    /// A name among the columns of a table.
    Column(QualifiedName, String),
    /// A name among the constraints of a table.
    Constraint(QualifiedName, String),
    /// A name among the constraints of a schema. The server adds a number to the usual name of a NOT NULL
    /// constraint if another one has it.
    NotNull(QualifiedName),
    /// The one primary key of a table.
    PrimaryKey(QualifiedName),
    /// A place among the partitions of a table.
    Partition(QualifiedName),
    /// A name among the indexes of a partition, which the server chooses for those that it makes with an index of
    /// the table.
    IndexOfPartition(QualifiedName),
    /// The identity of an object of a kind whose names have a space of their own. Functions,
    /// procedures and aggregates share theirs.
    Own(ObjectId),
}

impl Name {
    /// Returns the name as the server compares it.
    fn folded(self, dialect: Dialect) -> Self {
        let name = self.without_table(dialect);
        if dialect.capabilities().identifier_case == IdentifierCase::Sensitive {
            return name;
        }
        let fold = |name: QualifiedName| QualifiedName {
            name: name.name.to_ascii_lowercase(),
            schema: name.schema,
        };
        match name {
            Self::InSchema(name) => Self::InSchema(fold(name)),
            Self::NotNull(name) => Self::NotNull(fold(name)),
            Self::PrimaryKey(name) => Self::PrimaryKey(fold(name)),
            Self::Partition(name) => Self::Partition(fold(name)),
            Self::IndexOfPartition(name) => Self::IndexOfPartition(fold(name)),
            Self::Column(table, name) => Self::Column(fold(table), name.to_ascii_lowercase()),
            Self::Constraint(table, name) => {
                Self::Constraint(fold(table), name.to_ascii_lowercase())
            }
            Self::Own(id) => Self::Own(ObjectId { name: fold(id.name.clone()), ..id }),
        }
    }

    /// Returns a name among the relations and types of a schema.
    pub(crate) fn in_schema(self) -> Option<QualifiedName> {
        match self {
            Self::InSchema(name) => Some(name),
            Self::Column(..)
            | Self::Constraint(..)
            | Self::NotNull(_)
            | Self::PrimaryKey(_)
            | Self::Partition(_)
            | Self::IndexOfPartition(_)
            | Self::Own(_) => None,
        }
    }

    /// Removes the table of an object that statements name without it: two tables of SQLite can't
    /// have triggers of the same name.
    fn without_table(self, dialect: Dialect) -> Self {
        let Self::Own(id) = self else { return self };
        let by_table = |facts: &KindFacts| facts.address.contains("{table}");
        let table = id.table.filter(|_| dialect.kind_facts(id.kind).is_none_or(by_table));
        Self::Own(ObjectId { table, ..id })
    }

    fn of(id: &ObjectId) -> Self {
        match (&id.table, id.kind) {
            (Some(table), Kind::Column) => Self::Column(table.clone(), id.name.name.clone()),
            (Some(table), Kind::Constraint) => {
                Self::Constraint(table.clone(), id.name.name.clone())
            }
            (_, kind) if !kind.namespaces().is_empty() => Self::InSchema(id.name.clone()),
            (_, Kind::Function | Kind::Procedure | Kind::Aggregate) => {
                Self::Own(ObjectId { kind: Kind::Function, ..id.clone() })
            }
            (..) => Self::Own(id.clone()),
        }
    }
}

/// Returns an object that an operation renames or moves, under its new name.
pub(crate) fn renamed(operation: &Operation) -> Option<ObjectId> {
    match operation {
        Operation::Rename { from, to } => {
            Some(ObjectId { name: from.name.sibling(to), ..from.clone() })
        }
        Operation::Alter(Alter::Move(moves)) => Some(moves.moved(&moves.from)),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Returns true if a later operation changes what one has renamed or altered, and may give up what that has taken.
pub(crate) fn goes_on(world: &World<'_>, operation: &Operation, later: &Operation) -> bool {
    let alters = |own: &Operation| matches!(own, Operation::Alter(Alter::Definition { .. }));
    let is_altered = alters(operation) && alters(later) && operation.object() == later.object();
    let renamed = renamed(operation);
    is_altered
        || renamed.as_ref() == Some(&later.object())
        || is_taken_along(operation, later)
        || is_ended(world, operation, later)
        || takes_along(operation, later)
}

/// Returns true if an operation moves a table together with an index or a sequence that a later one changes.
fn takes_along(operation: &Operation, later: &Operation) -> bool {
    let Operation::Alter(Alter::Move(moves)) = operation else { return false };
    let name = later.object().name;
    moves.along.iter().any(|id| moves.moved(id).name == name)
}

/// Returns true if an operation renames an index or a sequence that a later one moves together with its table.
fn is_taken_along(operation: &Operation, later: &Operation) -> bool {
    let Operation::Alter(Alter::Move(moves)) = later else { return false };
    renamed(operation).is_some_and(|id| moves.along.iter().any(|own| own.name == id.name))
}

/// Returns true if an operation renames an index or a sequence, or moves it together with its table, and a later one
/// ends it together with its table or column.
fn is_ended(world: &World<'_>, operation: &Operation, later: &Operation) -> bool {
    let ended = ended_parts::of(world, later);
    let mut given: Vec<ObjectId> = renamed(operation).into_iter().collect();
    if let Operation::Alter(Alter::Move(moves)) = operation {
        given.extend(moves.along.iter().map(|id| moves.moved(id)));
    }
    given.iter().any(|id| ended.contains(id))
}

/// Returns the names that an operation takes.
pub(crate) fn takes(world: &World<'_>, operation: &Operation) -> Vec<Name> {
    let mut names = match operation {
        Operation::Create(object) => {
            object_names(object).into_iter().chain(made_not_null(world, object)).collect()
        }
        Operation::Restore(restored) => {
            let mut names = column_names(&restored.table, &restored.column);
            names.extend(not_null_names(world, &restored.table, &restored.column));
            names
        }
        Operation::Rename { from, to } => {
            let to = ObjectId { name: from.name.sibling(to), ..from.clone() };
            renamed_names(world, from, &to)
        }
        Operation::Alter(Alter::Move(moves)) => {
            let moved = moves.along.iter().chain([&moves.from]);
            moved.map(|id| Name::of(&moves.moved(id))).collect()
        }
        Operation::Alter(Alter::Column(change)) => {
            let mut names = changed_not_null(world, change, &change.to);
            if change.from.identity.is_none() {
                names.extend(identity_names(&change.table, &change.to));
            }
            names
        }
        Operation::Alter(Alter::KeyOfIndex { table, constraint }) => {
            vec![Name::Constraint(table.clone(), constraint.label())]
        }
        Operation::Drop(_) | Operation::Alter(_) | Operation::Comment { .. } => Vec::new(),
    };
    if let Operation::Create(object) = operation {
        names.extend(primary_keys(world, object));
    }
    names.extend(key_of_partition(operation, Change::Comes));
    names.extend(constraints_of_partition(world, operation, Change::Comes));
    if let Operation::Create(object) = operation {
        names.extend(in_partitions(world, object));
        names.extend(index_of_partition(object));
    }
    let (_, after) = partition_sides(operation);
    names.extend(after.and_then(|partition| place_of(world, partition)));
    names.into_iter().map(|name| name.folded(world.dialect)).collect()
}

/// Returns the names that an operation frees.
pub(crate) fn frees(world: &World<'_>, operation: &Operation) -> Vec<Name> {
    let mut names = match operation {
        Operation::Drop(object) => {
            let mut names = object_names(object);
            names.extend(made_not_null(world, object));
            names.extend(
                ended_parts::owned_sequences(world, object)
                    .map(|own| Name::InSchema(own.name.clone())),
            );
            names.extend(columns_below(world, object));
            names
        }
        Operation::Rename { from, .. } => renamed_names(world, from, from),
        Operation::Alter(Alter::Move(moves)) => {
            moves.along.iter().chain([&moves.from]).map(Name::of).collect()
        }
        Operation::Alter(Alter::Column(change)) => {
            let mut names = changed_not_null(world, change, &change.from);
            if change.to.identity.is_none() {
                names.extend(identity_names(&change.table, &change.from));
            }
            names
        }
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    };
    if let Operation::Drop(object) = operation {
        names.extend(primary_keys(world, object));
    }
    names.extend(key_of_partition(operation, Change::Goes));
    names.extend(constraints_of_partition(world, operation, Change::Goes));
    if let Operation::Drop(object) = operation {
        names.extend(in_partitions(world, object));
        names.extend(index_of_partition(object));
    }
    if let (Some(before), _) = partition_sides(operation) {
        names.extend(place_of(world, before));
    }
    names.into_iter().map(|name| name.folded(world.dialect)).collect()
}

/// Returns the names that the NOT NULL constraint of a column has on one side of a change that makes it,
/// drops it or gives it another name.
fn changed_not_null(world: &World<'_>, change: &ColumnChange, side: &Column) -> Vec<Name> {
    let [from, to] = [&change.from, &change.to]
        .map(|column| (column.nullable, column.not_null_name(&change.table)));
    if from == to { Vec::new() } else { not_null_names(world, &change.table, side) }
}

/// Returns the names that the NOT NULL constraints of a new or dropped table or column have. Those in a table come
/// and go with it.
fn made_not_null(world: &World<'_>, object: &Object) -> Vec<Name> {
    let id = object.id();
    let names = |table| {
        let columns = object.columns().iter();
        columns.flat_map(move |column| not_null_names(world, table, column))
    };
    let is_there = |name: &Name| id.kind == Kind::Column || matches!(name, Name::NotNull(_));
    id.table_name().into_iter().flat_map(names).filter(is_there).collect()
}

/// Returns the names that the NOT NULL constraint of a column has in its table and among the
/// constraints of the schema.
fn not_null_names(world: &World<'_>, table: &QualifiedName, column: &Column) -> Vec<Name> {
    if !world.pair.target.names_not_null || column.nullable {
        return Vec::new();
    }
    let name = column.not_null_name(table);
    let in_schema = table.sibling(name.as_str());
    vec![Name::Constraint(table.clone(), name), Name::NotNull(in_schema)]
}

/// Returns the places of a primary key that is a constraint of its own in the partitions below its table
/// that have one of their own, before or afterwards.
fn primary_keys(world: &World<'_>, object: &Object) -> Vec<Name> {
    match object {
        Object::Constraint { table, constraint }
            if matches!(constraint.kind, ConstraintKind::PrimaryKey { .. }) =>
        {
            let sides = [world.pair.database, world.pair.target];
            let has_one = |name: &&QualifiedName| {
                let mut own = sides.iter().filter_map(|side| side.definitions.get(&part(name)));
                own.any(|own| own.clauses.iter().any(is_primary_key))
            };
            let below = world.and_below(vec![table]).into_iter().filter(has_one);
            below.map(|table| Name::PrimaryKey(table.clone())).collect()
        }
        Object::Constraint { .. }
        | Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Index { .. }
        | Object::Definition(_) => Vec::new(),
    }
}

fn is_primary_key(clause: &Clause) -> bool {
    clause.word == "constraint" && clause.text.spelling().starts_with("PRIMARY KEY")
}

/// The way in which a part of an object changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Comes,
    Goes,
}

/// Returns the place of the primary key that a partition gets or loses of its own.
fn key_of_partition(operation: &Operation, change: Change) -> Option<Name> {
    let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { return None };
    let (with, without) = if change == Change::Comes { (to, from) } else { (from, to) };
    let mut keys = with.clauses.iter().filter(|clause| is_primary_key(clause));
    let changes = keys.any(|clause| !without.clauses.contains(clause));
    (to.id.kind == Kind::Partition && changes).then(|| Name::PrimaryKey(to.id.name.clone()))
}

/// Returns the names of the constraints that a partition gets or loses of its own, in it and in those below it.
fn constraints_of_partition(world: &World<'_>, operation: &Operation, change: Change) -> Vec<Name> {
    let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { return Vec::new() };
    let (with, without) = if change == Change::Comes { (to, from) } else { (from, to) };
    let is_changed =
        |clause: &&Clause| clause.word == "constraint" && !without.clauses.contains(clause);
    let is_partition = with.id.kind == Kind::Partition;
    let changed = with.clauses.iter().filter(|clause| is_partition && is_changed(clause));
    let named = changed.filter_map(|clause| Some((clause, clause.name.as_ref()?)));
    let names = named.flat_map(|(clause, name)| {
        let text = clause.text.spelling();
        let has_index =
            ["UNIQUE", "PRIMARY KEY", "EXCLUDE"].iter().any(|own| text.starts_with(own));
        let index = has_index.then(|| Name::InSchema(with.id.name.sibling(name.as_str())));
        let below = world.and_below(vec![&with.id.name]).into_iter();
        let constraints = below.map(|own| Name::Constraint(own.clone(), name.clone()));
        constraints.chain(index).collect::<Vec<Name>>()
    });
    names.collect()
}

/// Returns the names that an object of a table has in the partitions of the table, too.
fn in_partitions(world: &World<'_>, object: &Object) -> Vec<Name> {
    let partitions = |table| {
        let is_partition = |name: &&QualifiedName| {
            [world.pair.database, world.pair.target]
                .iter()
                .any(|side| side.definitions.contains_key(&part(name)))
        };
        world.and_below(vec![table]).into_iter().skip(1).filter(is_partition).collect::<Vec<_>>()
    };
    match object {
        Object::Constraint { table, constraint } => {
            let name = constraint.name.iter();
            let own = |name: &String| {
                partitions(table)
                    .into_iter()
                    .map(|own| Name::Constraint(own.clone(), name.clone()))
                    .collect::<Vec<_>>()
            };
            name.flat_map(own).collect()
        }
        Object::Index { table, .. } => {
            partitions(table).into_iter().map(|own| Name::IndexOfPartition(own.clone())).collect()
        }
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Column { .. }
        | Object::Definition(_) => Vec::new(),
    }
}

/// Returns the place of an index that a partition has of its own.
fn index_of_partition(object: &Object) -> Option<Name> {
    let id = object.id();
    let is_own = matches!(object, Object::Definition(_)) && id.kind == Kind::Index;
    id.table.filter(|_| is_own).map(Name::IndexOfPartition)
}

/// Returns a partition that an operation takes away from its table, and one that it gives to it.
fn partition_sides(operation: &Operation) -> (Option<&Definition>, Option<&Definition>) {
    match operation {
        Operation::Create(Object::Definition(new)) => (None, Some(new)),
        Operation::Drop(Object::Definition(old)) => (Some(old), None),
        Operation::Alter(Alter::Definition { from, to, .. })
            if bound::bound(from) != bound::bound(to) =>
        {
            (Some(from), Some(to))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => (None, None),
    }
}

fn place_of(world: &World<'_>, partition: &Definition) -> Option<Name> {
    bound::bound(partition)?;
    bound::parent(partition, world.dialect).cloned().map(Name::Partition)
}

/// Returns the names that an object has as `id`, if it is called `from` before a rename.
fn renamed_names(world: &World<'_>, from: &ObjectId, id: &ObjectId) -> Vec<Name> {
    let mut names = vec![Name::of(id)];
    let called = |side: &Metadata, called: &ObjectId| {
        let table = called.table.as_ref().and_then(|name| side.tables.get(name));
        let constraints = table.into_iter().flat_map(|table| &table.constraints);
        let mut same = constraints.filter(|own| own.name.as_ref() == Some(&called.name.name));
        same.any(Constraint::has_index)
    };
    // The index of a key is renamed along with it, which may have had a third name before.
    let is_key = || called(world.pair.database, from) || called(world.pair.target, id);
    if from.kind == Kind::Constraint && is_key() {
        names.push(Name::InSchema(id.name.clone()));
    }
    names
}

fn object_names(object: &Object) -> Vec<Name> {
    match object {
        Object::Table(table) => table_names(table),
        Object::Column { table, column, constraints } => {
            let constraints = constraints.iter().flat_map(|own| constraint_names(table, own));
            column_names(table, column).into_iter().chain(constraints).collect()
        }
        Object::Constraint { table, constraint } => constraint_names(table, constraint),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Index { .. }
        | Object::Definition(_) => vec![Name::of(&object.id())],
    }
}

/// Returns the names of a column in the tables that inherit it, which lose it too.
fn columns_below(world: &World<'_>, object: &Object) -> Vec<Name> {
    let Object::Column { table, column, .. } = object else { return Vec::new() };
    let below = world.and_below(vec![table]).into_iter().skip(1);
    below.map(|heir| Name::Column(heir.clone(), column.name.clone())).collect()
}

/// Returns the tables that go and whose names, or those of constraints, indexes or sequences in them, new
/// tables take.
pub(crate) fn passed_to<'t>(gone: &[&'t Table], new: &[&Table]) -> Vec<&'t Table> {
    let taken: BTreeSet<Name> = new.iter().flat_map(|table| table_names(table)).collect();
    let passes = |table: &&&Table| table_names(table).iter().any(|name| taken.contains(name));
    gone.iter().filter(passes).copied().collect()
}

/// Returns true if the database has a relation or a type of this name.
pub(crate) fn is_there(world: &World<'_>, name: &QualifiedName) -> bool {
    let side = world.pair.database;
    let is_it = Name::InSchema(name.clone());
    let mut tables = side.tables.values();
    tables.any(|table| table_names(table).contains(&is_it))
        || side.sequences.contains_key(name)
        || side.enums.contains_key(name)
        || side.definitions.keys().any(|id| Name::of(id) == is_it)
}

/// Returns the names of a table, and of its columns and parts where they have one that others can take.
pub(crate) fn table_names(table: &Table) -> Vec<Name> {
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

fn identity_names(table: &QualifiedName, column: &Column) -> Vec<Name> {
    column.identity_sequence(table).map(Name::InSchema).into_iter().collect()
}

/// Returns the operations that can't be carried out because another object of the database, such as
/// a view, has the name already.
pub(crate) fn taken(world: &World<'_>, operations: &[Operation]) -> Vec<Impossible> {
    // What has the name by a rename of this plan is not in the way of the rename.
    let renamed: BTreeSet<ObjectId> = operations.iter().filter_map(renamed).collect();
    let database = world.pair.database;
    let definitions = database.definitions.values();
    let definitions = definitions.filter(|own| !bound::is_table(database, own));
    let definitions = definitions.map(|own| &own.id).filter(|id| !renamed.contains(*id));
    let held: Vec<(ObjectId, String)> =
        definitions.map(|id| (id.clone(), id.to_string())).collect();
    held_from(world, operations.iter(), &held)
}

/// Returns the operations that can't be carried out because an object that metadata can't
/// represent, such as a partition, has the name already. The objects are given with what they are
/// called in a message.
pub fn held<'o>(
    dialect: Dialect,
    pair: Pair<&Metadata>,
    operations: impl Iterator<Item = &'o Operation> + Clone,
    objects: &[(ObjectId, String)],
) -> Vec<Impossible> {
    let in_schema = objects.iter().filter(|(id, _)| !id.kind.namespaces().is_empty());
    let in_schema: Vec<(ObjectId, String)> = in_schema.cloned().collect();
    if in_schema.is_empty() || operations.clone().next().is_none() {
        return Vec::new();
    }
    held_from(&World::new(dialect, pair), operations, &in_schema)
}

/// Returns the advice about an object by what it is called, if there is any.
fn remedy(holder: &str) -> String {
    // The reflection calls one so that a CREATE INDEX CONCURRENTLY has left behind.
    let index = holder.strip_prefix("invalid index ").and_then(|rest| rest.split(" of ").next());
    let advice = |index: &str| {
        format!(
            "; `DROP INDEX {index}` takes it away, and `REINDEX INDEX CONCURRENTLY {index}` mends it"
        )
    };
    index.map(advice).unwrap_or_default()
}

fn held_from<'o>(
    world: &World<'_>,
    operations: impl Iterator<Item = &'o Operation> + Clone,
    objects: &[(ObjectId, String)],
) -> Vec<Impossible> {
    let freed: BTreeSet<Name> =
        operations.clone().flat_map(|operation| frees(world, operation)).collect();
    let holders: BTreeMap<Name, &String> =
        objects.iter().map(|(id, called)| (Name::of(id).folded(world.dialect), called)).collect();
    let mut found = Vec::new();
    for operation in operations {
        for name in takes(world, operation).into_iter().filter(|name| !freed.contains(name)) {
            if let Some(holder) = holders.get(&name) {
                let reason = format!(
                    "the database has {holder}, which has the name already{}",
                    remedy(holder)
                );
                found.push(Impossible { object: operation.object(), reason });
            }
        }
    }
    found
}
