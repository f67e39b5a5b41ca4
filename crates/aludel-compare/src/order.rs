//! The order of a plan: one graph of what must come before what.
//!
//! An operation needs some objects as they shall be, and gives up others as they are. Whoever makes,
//! renames or alters what another one needs comes before it; whoever gives something up comes before
//! the one that drops or alters it; whoever frees a name comes before the one that takes it. All
//! other ties keep the order in which the comparison found the operations. A circle of foreign keys
//! is cut by adding one of them on its own.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Constraint, ConstraintKind, Kind, ObjectId, QualifiedName, Table};

use crate::depends::World;
use crate::graph::Graph;
use crate::name::{self, Name};
use crate::{constraint, enum_type};

/// The operations in an order in which each finds what it needs.
pub(crate) fn ordered(world: &World<'_>, operations: Vec<Operation>) -> Vec<Operation> {
    let operations = cut_circles(world, operations);
    let orderer = Orderer::new(world, &operations);
    let mut graph = Graph::new(operations.len());
    orderer.needs(&mut graph);
    orderer.names(&mut graph);
    orderer.extensions(&mut graph);
    let order = graph.order();
    let mut left: Vec<Option<Operation>> = operations.into_iter().map(Some).collect();
    // Numbers beyond the operations are the gates of extensions.
    order.into_iter().filter_map(|at| left.get_mut(at)?.take()).collect()
}

/// What is known of the operations, by their numbers.
struct Orderer<'o, 'm> {
    world: &'o World<'m>,
    operations: &'o [Operation],
    /// Operations after which an object is as it shall be.
    makers: BTreeMap<ObjectId, Vec<usize>>,
    /// Operations before which an object is as it was.
    breakers: BTreeMap<ObjectId, Vec<usize>>,
}

impl<'o, 'm> Orderer<'o, 'm> {
    fn new(world: &'o World<'m>, operations: &'o [Operation]) -> Self {
        let mut makers: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
        let mut breakers: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
        for (at, operation) in operations.iter().enumerate() {
            made(operation).into_iter().for_each(|id| makers.entry(id).or_default().push(at));
            broken(operation).into_iter().for_each(|id| breakers.entry(id).or_default().push(at));
        }
        Self { world, operations, makers, breakers }
    }

    /// Edges from makers to those who need what they make, and from those who give something up to
    /// those who break it.
    fn needs(&self, graph: &mut Graph) {
        for (at, operation) in self.operations.iter().enumerate() {
            for id in self.needed(operation) {
                let makers = self.makers.get(&id).into_iter().flatten();
                // Of operations on one object each comes after those before it.
                let own = id == operation.object();
                makers.filter(|maker| !own || **maker < at).for_each(|m| graph.edge(*m, at));
            }
            for id in self.given_up(operation) {
                let breakers = self.breakers.get(&id).into_iter().flatten();
                let own = id == operation.object();
                breakers.filter(|b| !own || **b > at).for_each(|b| graph.edge(at, *b));
            }
        }
    }

    /// Edges from those who free a name to those who take it.
    fn names(&self, graph: &mut Graph) {
        let mut freed: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (at, operation) in self.operations.iter().enumerate() {
            name::frees(operation).into_iter().for_each(|n| freed.entry(n).or_default().push(at));
        }
        for (at, operation) in self.operations.iter().enumerate() {
            for name in name::takes(operation) {
                let free = freed.get(&name).into_iter().flatten();
                free.filter(|free| **free != at).for_each(|free| graph.edge(*free, at));
            }
        }
    }

    /// An extension may be needed by anything, so that it comes before everything that may use it
    /// and goes after everything that may have used it.
    fn extensions(&self, graph: &mut Graph) {
        let of = |wanted: fn(&Operation) -> bool| -> Vec<usize> {
            (0..self.operations.len()).filter(|at| wanted(&self.operations[*at])).collect()
        };
        let created = of(|op| matches!(op, Operation::Create(Object::Extension(_))));
        let dropped = of(|op| matches!(op, Operation::Drop(Object::Extension(_))));
        let users = of(|op| !is_apart(op));
        if !created.is_empty() {
            let ready = graph.add();
            created.iter().for_each(|at| graph.edge(*at, ready));
            users.iter().for_each(|at| graph.edge(ready, *at));
        }
        if !dropped.is_empty() {
            let done = graph.add();
            users.iter().for_each(|at| graph.edge(*at, done));
            dropped.iter().for_each(|at| graph.edge(done, *at));
        }
    }

    /// The objects that an operation needs as they shall be.
    fn needed(&self, operation: &Operation) -> Vec<ObjectId> {
        let mut needed = match operation {
            Operation::Create(object) => self.rests_on(object, Side::Target),
            Operation::Restore(restored) => self.column(&restored.table, &restored.column),
            Operation::Alter(alter) => self.needed_to_alter(alter),
            Operation::Comment { on, .. } => self.relations(on.table.as_ref()),
            Operation::Drop(_) | Operation::Rename { .. } => Vec::new(),
        };
        let own = operation.object();
        // Statements call a table by its new name.
        needed.extend(own.table.as_ref().map(ObjectId::table));
        needed.push(own);
        needed
    }

    /// Whatever may have that name and columns: a table has more kin than one kind.
    fn relations(&self, name: Option<&QualifiedName>) -> Vec<ObjectId> {
        let kinds = self.world.dialect.kinds();
        let ids = name
            .into_iter()
            .flat_map(|name| kinds.iter().map(|facts| ObjectId::new(facts.kind, name.clone())));
        ids.collect()
    }

    fn needed_to_alter(&self, alter: &Alter) -> Vec<ObjectId> {
        match alter {
            Alter::Column(change) => self.column(&change.table, &change.to),
            Alter::SequenceOwner { sequence, .. } => {
                let owner = sequence.owned_by.iter();
                owner.flat_map(|o| [o.id(), ObjectId::table(&o.table)]).collect()
            }
            Alter::Definition { to, .. } => to.depends_on.clone(),
            Alter::Rebuild(rebuild) => self.table(&rebuild.to),
            Alter::ReplaceType(replacement) => self.rests_on(&replacement.to, Side::Target),
            Alter::EnumLabel { .. }
            | Alter::Sequence { .. }
            | Alter::TableOptions { .. }
            | Alter::Validate { .. } => Vec::new(),
        }
    }

    /// The objects that an operation gives up, as they are.
    fn given_up(&self, operation: &Operation) -> Vec<ObjectId> {
        match operation {
            Operation::Drop(object) => {
                let mut given_up = self.rests_on(object, Side::Database);
                given_up.push(object.id());
                given_up
            }
            Operation::Alter(Alter::Column(change)) => {
                let mut given_up = self.column(&change.table, &change.from);
                given_up.retain(|id| !matches!(id.kind, Kind::Table | Kind::Column));
                self.with_replaced(&mut given_up);
                given_up
            }
            Operation::Alter(Alter::Definition { from, to, .. }) => {
                let kept = |id: &&ObjectId| !to.depends_on.contains(id);
                from.depends_on.iter().filter(kept).cloned().collect()
            }
            Operation::Alter(Alter::SequenceOwner { sequence, .. }) => {
                let before = self.world.pair.database.sequences.get(&sequence.name);
                let owner = before.and_then(|before| before.owned_by.as_ref());
                owner.into_iter().flat_map(|o| [o.id(), ObjectId::table(&o.table)]).collect()
            }
            Operation::Alter(Alter::TableOptions { table, to, .. }) => {
                self.logged_before(table, to.unlogged)
            }
            Operation::Create(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => Vec::new(),
        }
    }

    /// What is logged refers to nothing that is not: the tables whose logging changes after that of
    /// `table`.
    fn logged_before(&self, table: &QualifiedName, unlogged: bool) -> Vec<ObjectId> {
        let tables = &self.world.pair.target.tables;
        if unlogged {
            let own = tables.get(table).into_iter().flat_map(Table::foreign_keys);
            return own.map(|(_, key)| ObjectId::table(&key.references)).collect();
        }
        let refers = |other: &&Table| other.foreign_keys().any(|(_, key)| key.references == *table);
        tables.values().filter(refers).map(|other| ObjectId::table(&other.name)).collect()
    }

    /// What an object rests on.
    fn rests_on(&self, object: &Object, side: Side) -> Vec<ObjectId> {
        let mut on = match object {
            Object::Schema(_) | Object::Enum(_) | Object::Sequence(_) => Vec::new(),
            Object::Extension(extension) => {
                let schema = extension.schema.iter();
                schema.map(|name| schema_id(name.as_str())).collect()
            }
            Object::Table(table) => self.table(table),
            Object::Column { table, column } => self.column(table, column),
            Object::Constraint { table, constraint } => self.constraint(table, constraint, side),
            Object::Index { table, index } => match self.table_of(table, side) {
                Some(table) => self.world.index(table, index),
                None => Vec::new(),
            },
            Object::Definition(definition) => definition.depends_on.clone(),
        };
        on.extend(object.id().name.schema.as_deref().map(schema_id));
        if side == Side::Database {
            self.with_replaced(&mut on);
        }
        on
    }

    fn table_of(&self, table: &QualifiedName, side: Side) -> Option<&'m Table> {
        match side {
            Side::Database => self.world.pair.database.tables.get(table),
            Side::Target => self.world.pair.target.tables.get(table),
        }
    }

    fn table(&self, table: &Table) -> Vec<ObjectId> {
        let own = ObjectId::table(&table.name);
        let columns = table.columns.iter().flat_map(|column| self.world.column(table, column));
        let mut on: Vec<ObjectId> = columns.filter(|id| *id != own).collect();
        on.retain(|id| id.table.as_ref() != Some(&table.name));
        for (_, key) in table.foreign_keys().filter(|(_, key)| key.references != table.name) {
            on.extend(self.key(&key.references, &key.referenced_columns));
        }
        on
    }

    fn column(&self, table: &QualifiedName, column: &aludel_schema::Column) -> Vec<ObjectId> {
        // The names in a generation expression are those of the target, which may have new columns.
        let sides = [Side::Target, Side::Database];
        let mut on: Vec<ObjectId> = sides
            .into_iter()
            .filter_map(|side| self.table_of(table, side))
            .flat_map(|table| self.world.column(table, column))
            .collect();
        on.sort();
        on.dedup();
        on
    }

    fn constraint(
        &self,
        table: &QualifiedName,
        constraint: &Constraint,
        side: Side,
    ) -> Vec<ObjectId> {
        let Some(table) = self.table_of(table, side) else { return Vec::new() };
        let mut on = self.world.constraint(table, constraint);
        if let Some(key) = constraint.foreign_key() {
            on.extend(self.key(&key.references, &key.referenced_columns));
        }
        on
    }

    /// A table with the columns of a key, and whatever makes these unique on either side.
    fn key(&self, table: &QualifiedName, columns: &[String]) -> Vec<ObjectId> {
        let mut on = vec![ObjectId::table(table)];
        on.extend(columns.iter().map(|name| ObjectId::column(table, name.as_str())));
        let mut wanted = columns.to_vec();
        wanted.sort();
        let sides = [Side::Target, Side::Database];
        for table in sides.into_iter().filter_map(|side| self.table_of(table, side)) {
            let constraints = table.constraints.iter();
            let constraints = constraints.filter(|c| c.key_columns().as_ref() == Some(&wanted));
            on.extend(constraints.map(|constraint| constraint.id(&table.name)));
            let indexes = table.indexes.iter();
            let indexes = indexes.filter(|index| index.key_columns().as_ref() == Some(&wanted));
            on.extend(indexes.map(|index| index.id(&table.name)));
        }
        on
    }

    /// A type that is replaced goes under another name.
    fn with_replaced(&self, ids: &mut Vec<ObjectId>) {
        let replaced = |id: &ObjectId| {
            let makers = self.makers.get(id).into_iter().flatten();
            let mut makers = makers.map(|at| &self.operations[*at]);
            makers.any(|operation| matches!(operation, Operation::Alter(Alter::ReplaceType(_))))
        };
        let old = ids.iter().filter(|id| replaced(id)).cloned().map(|mut id| {
            id.name = enum_type::old_name(&id.name);
            id
        });
        let old: Vec<ObjectId> = old.collect();
        ids.extend(old);
    }
}

/// The side of the comparison that an object stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Database,
    Target,
}

fn schema_id(name: &str) -> ObjectId {
    ObjectId::new(Kind::Schema, QualifiedName::unqualified(name))
}

/// Whether an operation can't use an extension, or must not wait for one.
fn is_apart(operation: &Operation) -> bool {
    matches!(operation.object().kind, Kind::Schema | Kind::Extension)
        || matches!(operation, Operation::Alter(Alter::EnumLabel { used_at_once: true, .. }))
}

/// The objects that are as they shall be after an operation.
fn made(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Create(Object::Table(table)) => {
            let mut made = vec![ObjectId::table(&table.name)];
            let columns = table.columns.iter();
            made.extend(columns.map(|c| ObjectId::column(&table.name, c.name.as_str())));
            made.extend(table.constraints.iter().map(|constraint| constraint.id(&table.name)));
            made
        }
        Operation::Create(object) => vec![object.id()],
        Operation::Restore(_) => vec![operation.object()],
        Operation::Rename { from, to } => {
            let mut id = from.clone();
            id.name = id.name.sibling(to);
            vec![id]
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let columns = replacement.columns.iter();
            let columns = columns.map(|c| ObjectId::column(&c.table, c.column.name.as_str()));
            let mut old = replacement.from.id();
            old.name = enum_type::old_name(&old.name);
            columns.chain([replacement.to.id(), old]).collect()
        }
        Operation::Alter(Alter::Rebuild(rebuild)) => {
            let table = &rebuild.to;
            let columns = table.columns.iter();
            let columns = columns.map(|c| ObjectId::column(&table.name, c.name.as_str()));
            columns.chain([ObjectId::table(&table.name)]).collect()
        }
        // A default may draw from a sequence before that belongs to the column.
        Operation::Alter(Alter::SequenceOwner { .. }) => Vec::new(),
        Operation::Alter(alter) => vec![alter.object()],
        Operation::Drop(_) | Operation::Comment { .. } => Vec::new(),
    }
}

/// The objects that are as they were until an operation.
fn broken(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Drop(Object::Table(table)) => {
            let mut broken = vec![ObjectId::table(&table.name)];
            let columns = table.columns.iter();
            broken.extend(columns.map(|c| ObjectId::column(&table.name, c.name.as_str())));
            broken.extend(table.constraints.iter().map(|constraint| constraint.id(&table.name)));
            broken.extend(table.indexes.iter().map(|index| index.id(&table.name)));
            broken
        }
        Operation::Drop(object) => vec![object.id()],
        // What rests on a type does not mind that it gets a label.
        Operation::Alter(Alter::EnumLabel { .. }) => Vec::new(),
        Operation::Alter(_) => made(operation),
        Operation::Create(_)
        | Operation::Rename { .. }
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    }
}

/// Takes those constraints out of CREATE TABLE that can't be made, or would not be kept, there, and
/// drops those keys first that hold a circle of dropped tables together.
fn cut_circles(world: &World<'_>, operations: Vec<Operation>) -> Vec<Operation> {
    if !world.dialect.capabilities().foreign_keys_need_target {
        return operations;
    }
    let created: Vec<&Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Create(Object::Table(table)) => Some(table.as_ref()),
            _ => None,
        })
        .collect();
    let dropped: Vec<&Table> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Drop(Object::Table(table)) => Some(table.as_ref()),
            _ => None,
        })
        .collect();
    let (creation, destruction) = (Ranks::of(&created), Ranks::of(&dropped));
    let mut later: BTreeMap<QualifiedName, Vec<Constraint>> = BTreeMap::new();
    for table in &created {
        let constraints = table.constraints.iter().filter(|c| creation.comes_later(table, c));
        later.insert(table.name.clone(), constraints.cloned().collect());
    }
    let mut first = Vec::new();
    let mut sooner: BTreeMap<QualifiedName, Vec<Constraint>> = BTreeMap::new();
    for table in &dropped {
        let circular = table
            .foreign_keys()
            .filter(|(_, key)| destruction.closes_circle(table, &key.references));
        let circular: Vec<Constraint> = circular.map(|(own, _)| own.clone()).collect();
        first.extend(circular.iter().map(|own| constraint::drop(&table.name, own)));
        sooner.insert(table.name.clone(), circular);
    }
    let (mut out, mut last) = (first, Vec::new());
    for operation in operations {
        match operation {
            Operation::Create(Object::Table(mut table)) => {
                let later = later.remove(&table.name).unwrap_or_default();
                table.constraints.retain(|constraint| !later.contains(constraint));
                last.extend(later.iter().map(|own| constraint::add(&table.name, own)));
                out.push(Operation::Create(Object::Table(table)));
            }
            Operation::Drop(Object::Table(mut table)) => {
                let sooner = sooner.remove(&table.name).unwrap_or_default();
                table.constraints.retain(|constraint| !sooner.contains(constraint));
                out.push(Operation::Drop(Object::Table(table)));
            }
            other => out.push(other),
        }
    }
    out.extend(last);
    out
}

/// Tables by an order in which each comes after those that it refers to, as far as there is one.
struct Ranks<'t> {
    tables: BTreeMap<&'t QualifiedName, &'t Table>,
    ranks: BTreeMap<&'t QualifiedName, usize>,
}

impl<'t> Ranks<'t> {
    /// Goes depth first along the foreign keys, in the order of the names; a key that closes a
    /// circle is not followed.
    fn of(tables: &[&'t Table]) -> Self {
        let tables: BTreeMap<_, _> = tables.iter().map(|t| (&t.name, *t)).collect();
        let mut ranks = BTreeMap::new();
        let mut entered: BTreeSet<&QualifiedName> = BTreeSet::new();
        for start in tables.keys() {
            // A stack of our own: a chain of keys may be longer than the thread's stack allows.
            let mut stack = vec![(*start, false)];
            while let Some((name, done)) = stack.pop() {
                if done {
                    let rank = ranks.len();
                    ranks.entry(name).or_insert(rank);
                } else if entered.insert(name) {
                    stack.push((name, true));
                    let parents = tables[name].foreign_keys().map(|(_, key)| &key.references);
                    let mut parents: Vec<&QualifiedName> = parents
                        .filter_map(|parent| tables.get_key_value(parent).map(|(name, _)| *name))
                        .filter(|parent| !entered.contains(parent))
                        .collect();
                    parents.sort();
                    parents.dedup();
                    stack.extend(parents.into_iter().rev().map(|parent| (parent, false)));
                }
            }
        }
        Self { tables, ranks }
    }

    /// Whether a key of `table` leads to a table that comes after it.
    fn closes_circle(&self, table: &Table, references: &QualifiedName) -> bool {
        self.ranks.get(references) > self.ranks.get(&table.name)
    }

    /// Whether a constraint of a new table is better added on its own.
    fn comes_later(&self, table: &Table, constraint: &Constraint) -> bool {
        match &constraint.kind {
            // CREATE TABLE takes NOT VALID and forgets it.
            ConstraintKind::Check { not_valid, .. } => *not_valid,
            ConstraintKind::ForeignKey(key) if key.not_valid => true,
            ConstraintKind::ForeignKey(key) => match self.tables.get(&key.references) {
                // The key may be an index, which is made after its table.
                Some(target) => {
                    self.closes_circle(table, &key.references)
                        || !has_key(target, &key.referenced_columns)
                }
                None => false,
            },
            ConstraintKind::Unique { .. } => repeats_a_key(table, constraint),
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Exclusion { .. } => false,
        }
    }
}

/// Whether a constraint of CREATE TABLE, and not an index that comes after it, makes these columns
/// unique.
fn has_key(table: &Table, columns: &[String]) -> bool {
    let mut wanted = columns.to_vec();
    wanted.sort();
    table.constraints.iter().any(|constraint| constraint.key_columns().as_ref() == Some(&wanted))
}

/// CREATE TABLE makes one index of a UNIQUE that repeats the columns of a key before it.
fn repeats_a_key(table: &Table, unique: &Constraint) -> bool {
    table
        .constraints
        .iter()
        .take_while(|constraint| *constraint != unique)
        .any(|other| other.foreign_key().is_none() && other.columns() == unique.columns())
}
