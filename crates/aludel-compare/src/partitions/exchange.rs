//! Tables that become partitions, and partitions that become tables.
//!
//! The rows stay where they are: DETACH PARTITION makes a table of a partition, and ATTACH PARTITION takes
//! a table that is like the one above it. For a comparison, such a partition is a table of its own, beside
//! a definition with the same name that has no more than its place. What differs between the two tables is
//! then found as for any other table, and the definition comes or goes by one statement.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, partitioned};
use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{
    Definition, Hint, Kind, Metadata, ObjectId, OwnerColumn, QualifiedName, Sequence, Table,
};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::partitions::bound;
use crate::partitions::bound::{TRIGGER, comes, is_table, leaves, part};
use crate::renaming::hints;

/// Returns the partitions of the database that the target has as tables of their own, perhaps under other
/// names, and those that it has as partitions of other tables.
pub fn leaving(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<QualifiedName> {
    let default = database.default_schema.as_deref();
    let asked: Vec<(ObjectId, Hint)> = hints::of_objects(target).collect();
    let is_part = |name: &QualifiedName| {
        database.definitions.contains_key(&part(name)) && !database.tables.contains_key(name)
    };
    let stays = |name: &QualifiedName| target.definitions.contains_key(&part(name));
    let found = target.tables.keys().filter(|name| !database.tables.contains_key(*name));
    let found = found.filter_map(|name| {
        let id = ObjectId::table(name);
        let hint = asked.iter().find(|(own, _)| *own == id).map(|(_, hint)| hint);
        // Another one may take the old name of a rename that is asked for once.
        let former = hint.map(|hint| (hint.former(name, default), hint.once));
        let mut names = [(name.clone(), false)].into_iter().chain(former);
        let found = names.find(|(name, once)| is_part(name) && (*once || !stays(name)));
        found.map(|(name, _)| name)
    });
    found.chain(moving(dialect, database, target)).collect()
}

/// Returns the partitions that the target has as partitions of other tables.
fn moving<'m>(
    dialect: Dialect,
    database: &'m Metadata,
    target: &'m Metadata,
) -> impl Iterator<Item = QualifiedName> + 'm {
    let default = database.default_schema.as_deref();
    let asked: Vec<(ObjectId, Hint)> = hints::of_objects(target).collect();
    let is_other = move |own: &&Definition| {
        let before = database.definitions.get(&own.id);
        let before = before.and_then(|before| bound::parent(before, dialect));
        let after = declared_above(dialect, target, &own.id.name, default);
        before.zip(after).is_some_and(|(before, after)| {
            let ids = [ObjectId::table(&after), part(&after)];
            let hint = asked.iter().find(|(own, _)| ids.contains(own)).map(|(_, hint)| hint);
            // The table or partition above may have another name by then.
            let former = hint.map(|hint| hint.former(&after, default));
            after != *before && former.as_ref() != Some(before)
        })
    };
    let partitions = target.definitions.values().filter(|own| own.id.kind == Kind::Partition);
    partitions.filter(is_other).map(|own| own.id.name.clone())
}

/// Returns true if an object is a table, or a partition that is taken for one, in the database, and under its
/// new name a table, or a partition of another table, in the target.
pub(crate) fn changes_as_table(
    dialect: Dialect,
    sides: Pair<&Metadata>,
    names: Pair<&QualifiedName>,
) -> bool {
    let is_there = Pair::new(
        sides.database.tables.contains_key(names.database),
        sides.target.tables.contains_key(names.target)
            || sides.target.definitions.contains_key(&part(names.target)),
    );
    let leaves = || leaving(dialect, sides.database, sides.target).contains(names.database);
    is_there.target && (is_there.database || leaves())
}

/// Returns the table of a name in the target, or the one above all if that is a partition there, as its
/// statement says.
pub(crate) fn declared<'m>(
    dialect: Dialect,
    target: &'m Metadata,
    name: &QualifiedName,
    default_schema: Option<&str>,
) -> Option<&'m Table> {
    let above = |name: &QualifiedName| declared_above(dialect, target, name, default_schema);
    let names = std::iter::successors(Some(name.clone()), |name| above(name));
    // Statements may say that partitions are above each other.
    let mut names = names.take(target.definitions.len() + 1);
    names.find_map(|name| target.tables.get(&name))
}

/// Returns the table or partition that a partition of the target is one of.
fn declared_above(
    dialect: Dialect,
    target: &Metadata,
    name: &QualifiedName,
    default_schema: Option<&str>,
) -> Option<QualifiedName> {
    let own = target.definitions.get(&part(name))?;
    let above = partitioned(own.source.as_deref()?, dialect)?;
    Some(above.short(default_schema))
}

/// Takes partitions of the database for tables, which are those that DETACH PARTITION makes of them.
pub fn detach(database: &mut Metadata, tables: Vec<Table>) {
    for mut table in tables {
        let name = table.name.clone();
        let Some(mut own) = database.definitions.remove(&part(&name)) else { continue };
        table.comment = own.comment.take();
        let belongings = std::mem::take(&mut own.belongings);
        database.belongings.insert(ObjectId::table(&name), belongings);
        // The indexes that the partition has of its own are among those of the table.
        let is_index = |id: &ObjectId| id.kind == Kind::Index && id.table.as_ref() == Some(&name);
        database.definitions.retain(|id, _| !is_index(id));
        reduce(&mut own, &[]);
        say_in_table(database, &name);
        database.add_definition(own);
        rest_on_table(database, &name);
        database.add_table(table);
    }
}

/// The words for a constraint of a partition, and for what is said about it.
const OF_CONSTRAINTS: [&str; 5] = [
    "constraint",
    "comment on constraint",
    "comment on index",
    "clustered",
    "replica identity index",
];

/// Leaves a partition its place, the states of triggers that it has from above, and the constraints of these
/// names. All else is said by its table.
pub(crate) fn reduce(partition: &mut Definition, constraints: &[String]) {
    let is_kept = |name: Option<&String>| name.is_some_and(|name| constraints.contains(name));
    partition.clauses.retain(|clause| {
        ["bound", TRIGGER].contains(&clause.word.as_str())
            || (OF_CONSTRAINTS.contains(&clause.word.as_str()) && is_kept(clause.name.as_ref()))
    });
    if constraints.is_empty() {
        partition.depends_on.retain(|id| matches!(id.kind, Kind::Table | Kind::Partition));
    }
    partition.comment = None;
    partition.column_comments.clear();
    partition.belongings = Default::default();
}

/// Takes away the comments on the checks of a partition, which its table says.
pub(crate) fn say_in_table(side: &mut Metadata, name: &QualifiedName) {
    let is_said = |id: &ObjectId| id.kind == Kind::Constraint && id.table.as_ref() == Some(name);
    side.comments.retain(|id, _| !is_said(id));
}

/// Lets what rests on a partition rest on the table of its name.
pub(crate) fn rest_on_table(side: &mut Metadata, name: &QualifiedName) {
    let (from, to) = (part(name), ObjectId::table(name));
    for definition in side.definitions.values_mut() {
        definition.depends_on.iter_mut().filter(|on| **on == from).for_each(|on| *on = to.clone());
    }
}

/// A partition that becomes a table, or the reverse, with the table above all.
pub(crate) struct Exchanged {
    pub(crate) table: QualifiedName,
    pub(crate) top: QualifiedName,
    /// True if the table becomes a partition.
    pub(crate) comes: bool,
}

/// Returns what becomes a table or a partition by some operations.
pub(crate) fn all(world: &World<'_>, operations: &[Operation]) -> Vec<Exchanged> {
    let exchanges = operations.iter().filter_map(|operation| Exchange::of(world, operation));
    let all = exchanges.filter_map(|own| {
        let top = own.above.last().copied().cloned()?;
        Some(Exchanged { table: own.table.clone(), top, comes: own.comes })
    });
    all.collect()
}

/// Lets the counter of a new partitioned table begin behind the rows of the tables that become its
/// partitions, if they have no counter to pass on: its columns become identities when the rows are there.
pub(crate) fn number_on(world: &World<'_>, operations: &mut Vec<Operation>) {
    let all = all(world, operations).into_iter();
    let filled: BTreeSet<QualifiedName> = all.filter(|own| own.comes).map(|own| own.top).collect();
    let counters = operations.iter().filter_map(|operation| match operation {
        Operation::Alter(Alter::Counter(counter)) => Some(counter.to.clone()),
        _ => None,
    });
    let counters: BTreeSet<QualifiedName> = counters.collect();
    let mut later = Vec::new();
    for operation in &mut *operations {
        let Operation::Create(Object::Table(table)) = operation else { continue };
        if !filled.contains(&table.name) {
            continue;
        }
        let name = table.name.clone();
        let columns = table.columns.iter_mut().filter(|column| {
            column.identity_sequence(&name).is_some_and(|own| !counters.contains(&own))
        });
        for column in columns {
            let to = column.clone();
            column.identity = None;
            let change = ColumnChange::new(name.clone(), column.clone(), to);
            later.push(Operation::Alter(Alter::Column(change)));
        }
    }
    operations.extend(later);
}

/// Adds edges around ATTACH and DETACH PARTITION of tables: a table is made like the one above it before it
/// comes, and changes after it has left.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let Some(exchange) = Exchange::of(world, operation) else { continue };
        for (other, operation) in operations.iter().enumerate() {
            match exchange.order(operation) {
                Some(Order::Before) => graph.edge(other, at),
                Some(Order::After) => graph.edge(at, other),
                None => {}
            }
        }
    }
}

/// A partition that becomes a table, or the reverse.
struct Exchange<'o> {
    table: &'o QualifiedName,
    /// The tables that it is a partition of, from the nearest one on.
    above: Vec<&'o QualifiedName>,
    /// True if the table becomes a partition.
    comes: bool,
}

/// The place of an operation, as seen from ATTACH or DETACH PARTITION.
enum Order {
    Before,
    After,
}

impl<'o> Exchange<'o> {
    fn of(world: &World<'o>, operation: &'o Operation) -> Option<Self> {
        let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { return None };
        let comes = comes(from, to);
        let side = if comes { world.pair.target } else { world.pair.database };
        let own = if comes { to } else { from };
        if !(comes || leaves(from, to)) || !is_table(side, own) {
            return None;
        }
        let mut above = Vec::new();
        let mut parent = bound::parent(own, world.dialect);
        while let Some(name) = parent {
            above.push(name);
            let definition = side.definitions.get(&part(name));
            parent = definition.and_then(|own| bound::parent(own, world.dialect));
        }
        Some(Self { table: &own.id.name, above, comes })
    }

    fn order(&self, operation: &Operation) -> Option<Order> {
        let (like, later) = match self.comes {
            true => (Order::Before, Order::After),
            false => (Order::After, Order::Before),
        };
        let is_above = |name: &QualifiedName| self.above.contains(&name);
        if let Operation::Drop(Object::Definition(own)) = operation {
            // A partition that goes takes those below it along.
            let takes_along = own.id.kind == Kind::Partition && is_above(&own.id.name);
            return (takes_along && !self.comes).then_some(Order::After);
        }
        if self.refers_above(operation) || self.continues(operation) {
            return Some(later);
        }
        if let Operation::Alter(Alter::ReplaceType(replacement)) = operation {
            let mut columns = replacement.columns.iter();
            let is_about = columns.any(|of| of.table == *self.table || is_above(&of.table));
            return is_about.then_some(like);
        }
        let table = operation.table()?;
        let object = operation.object();
        if object.kind == Kind::Table && object.table_name() != Some(&table) {
            // Both tables are addressed by their new names.
            return (table == *self.table || is_above(&table)).then_some(Order::Before);
        }
        let shapes =
            matches!(object.kind, Kind::Table | Kind::Column | Kind::Constraint | Kind::Index);
        (table == *self.table || (is_above(&table) && shapes)).then_some(like)
    }

    /// Returns true for a foreign key to a table above, whose rows it finds or holds.
    fn refers_above(&self, operation: &Operation) -> bool {
        let (Operation::Create(object) | Operation::Drop(object)) = operation else { return false };
        let is_made = matches!(operation, Operation::Create(_));
        let constraints = match object {
            Object::Table(table) => table.constraints.as_slice(),
            Object::Column { constraints, .. } => constraints.as_slice(),
            Object::Constraint { constraint, .. } => std::slice::from_ref(&**constraint),
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enum(_)
            | Object::Sequence(_)
            | Object::Index { .. }
            | Object::Definition(_) => &[],
        };
        let mut keys = constraints.iter().filter_map(|own| own.foreign_key());
        is_made == self.comes
            && object.id().table_name().is_none_or(|name| name != self.table)
            && keys.any(|key| self.above.contains(&&key.references))
    }

    /// Returns true if an operation makes a counter of a table above continue behind its rows.
    fn continues(&self, operation: &Operation) -> bool {
        let table = match operation {
            Operation::Alter(Alter::Column(change)) if change.seed => {
                let is_new = change.from.identity.is_none() && change.to.identity.is_some();
                is_new.then_some(&change.table)
            }
            Operation::Alter(Alter::SequenceOwner { sequence, seed: true, .. }) => owner(sequence),
            _ => None,
        };
        self.comes && table.is_some_and(|table| self.above.contains(&table))
    }
}

fn owner(sequence: &Sequence) -> Option<&QualifiedName> {
    sequence.owned_by.as_ref().map(|OwnerColumn { table, .. }| table)
}

/// Returns a partition that the target has while the database has a table of that name.
pub(crate) fn joins<'m>(
    database: &Metadata,
    target: &'m Metadata,
    dialect: Dialect,
) -> Vec<&'m Definition> {
    let parts = target.definitions.values().filter(|own| {
        database.tables.contains_key(&own.id.name)
            && !target.tables.contains_key(&own.id.name)
            && bound::parent(own, dialect).is_some()
    });
    parts.collect()
}
