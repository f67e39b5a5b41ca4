//! Names of NOT NULL constraints in tables that inherit from others, and in partitions.
//!
//! An inherited constraint has the name that it has above, and follows it when that changes. The server
//! refuses a new name while a table below has the constraint under another one, or from two tables.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Clause, Column, Definition, Kind, Metadata, NotNull, ObjectId, QualifiedName, Table, path,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::not_nulls::loosened;
use crate::not_nulls::not_null::{called, is_name_alone, is_numbered};
use crate::not_nulls::part_kept::{self, NOT_NULL_NAME};
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::partitions::bound::{self, part};

/// Gives the inherited columns of a side the names that their NOT NULL constraints have, unless they are
/// said.
pub fn name_inherited(side: &mut Metadata) {
    if !side.names_not_null {
        return;
    }
    for name in from_the_top(side) {
        let Some(table) = side.tables.get(&name) else { continue };
        let inherited = table.columns.iter().filter(|own| own.inherited && is_unsaid(own));
        let names = inherited.filter_map(|own| Some((own.name.clone(), above(side, table, own)?)));
        set_names(side, &name, names.collect());
    }
    leave_usual_unsaid(side);
}

/// Gives columns of the target, whose models do not say how their NOT NULL constraints are called, the
/// names that those have or that the server has chosen, wherever they can't or need not change.
pub(crate) fn carry_over(database: &Metadata, target: &mut Metadata, dialect: Dialect) {
    let below = Below::of(database);
    for name in from_the_top(target) {
        let Some(table) = target.tables.get(&name) else { continue };
        let before = database.tables.get(&name);
        let names = table.columns.iter().filter(|own| is_unsaid(own)).filter_map(|own| {
            let wanted = own.inherited.then(|| above(target, table, own)).flatten();
            let before = before.and_then(|before| before.column(&own.name));
            let before = before.filter(|before| !before.nullable);
            let sides = Pair::new(database, target);
            let kept = before.and_then(|before| kept(dialect, sides, &below, table, before, own));
            kept.or(wanted).map(|chosen| (own.name.clone(), chosen))
        });
        let names = names.collect();
        set_names(target, &name, names);
    }
    leave_usual_unsaid(target);
}

/// Leaves the usual names unsaid, so that equal names are equal.
fn leave_usual_unsaid(side: &mut Metadata) {
    for table in side.tables.values_mut() {
        let own = table.name.clone();
        let said = table.columns.iter_mut().filter(|column| !column.nullable && !is_unsaid(column));
        said.for_each(|column| call(column, &own, column.not_null_name(&own)));
    }
}

/// Returns the name that the constraint of a column has in the database and keeps; `None` if it gets the
/// usual one.
fn kept(
    dialect: Dialect,
    sides: Pair<&Metadata>,
    below: &Below<'_>,
    table: &Table,
    before: &Column,
    own: &Column,
) -> Option<String> {
    if below.is_empty() && is_unsaid(before) {
        return None;
    }
    let name = before.not_null_name(&table.name);
    // PostgreSQL gives no constraint of a typed table another name.
    let is_typed = |table: &Table| table.options.of_type.is_some();
    if is_typed(table) && sides.database.tables.get(&table.name).is_some_and(is_typed) {
        return Some(name);
    }
    let held = held_by(sides, &table.name, &own.name);
    let mut above = held.iter().map(|parent| sides.map(|side| called(side, parent, &own.name)));
    if let Some(followed) = above.find(|called| called.database.as_ref() == Some(&name)) {
        return followed.target.or(Some(name));
    }
    let is_chosen = match own.inherited {
        true => !held.is_empty(),
        false => is_numbered(&table.name, own, &name),
    };
    let is_loose = |table: &QualifiedName| loosened::can_be(sides, table, &own.name);
    let is_other = |own: &str| own != name;
    let others = || below.others(dialect, sides, &table.name, &own.name, is_other);
    let is_fixed = || {
        !held.iter().all(|parent| is_loose(parent))
            || !others().is_empty() && !is_loose(&table.name)
    };
    (is_chosen || is_fixed()).then_some(name)
}

/// Reports new names that the server refuses.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let sides = world.pair;
    let mut found = Vec::new();
    let below = Below::of(sides.database);
    let kept = part_kept::kept(world);
    for table in sides.target.tables.values().filter(|_| sides.target.names_not_null) {
        let Some(before) = sides.database.tables.get(&table.name) else { continue };
        for own in table.columns.iter().filter(|own| !own.nullable) {
            let Some(before) = before.column(&own.name).filter(|own| !own.nullable) else {
                continue;
            };
            let [old, new] = [before, own].map(|column| column.not_null_name(&table.name));
            let unfollowed = Pair::new(world.unfollowed, sides.target);
            if old == new || loosened::can_be(unfollowed, &table.name, &own.name) {
                continue;
            }
            // Names of their own make way.
            let mut others = below.others(world.dialect, sides, &table.name, &own.name, |_| false);
            others.retain(|id| !kept.iter().any(|kept| kept.is_of(id, &table.name, &own.name)));
            found.extend(others.into_iter().next().map(|other| Impossible {
                object: ObjectId::column(&table.name, own.name.as_str()),
                reason: format!(
                    "its NOT NULL constraint {old} can't be called {new}, because PostgreSQL has it in \
                     {other} too, under a name of its own or from another table as well"
                ),
            }));
        }
    }
    found
}

/// Adds edges around the new name of a NOT NULL constraint: tables and partitions that have it under
/// another name go before and come behind.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let renames = operations.iter().enumerate().filter_map(|(at, operation)| match operation {
        Operation::Alter(Alter::Column(change)) if is_name_alone(change) => Some((at, change)),
        _ => None,
    });
    for (at, change) in renames {
        let below = world.and_below(vec![&change.table]);
        let is_below = |name: &QualifiedName| below.iter().skip(1).any(|own| *own == name);
        for (other, operation) in operations.iter().enumerate() {
            match operation {
                Operation::Create(Object::Definition(own)) if is_below(&own.id.name) => {
                    graph.soft_edge(at, other);
                }
                Operation::Create(Object::Table(own)) if is_below(&own.name) => {
                    graph.soft_edge(at, other);
                }
                Operation::Drop(Object::Definition(own)) if is_below(&own.id.name) => {
                    graph.soft_edge(other, at);
                }
                Operation::Drop(Object::Table(own)) if is_below(&own.name) => {
                    graph.soft_edge(other, at);
                }
                Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => {}
            }
        }
    }
}

/// Returns the tables of a side, each behind those that it inherits from.
fn from_the_top(side: &Metadata) -> Vec<QualifiedName> {
    fn visit<'m>(
        side: &'m Metadata,
        table: &'m Table,
        seen: &mut BTreeSet<&'m QualifiedName>,
        order: &mut Vec<QualifiedName>,
    ) {
        if !seen.insert(&table.name) {
            return;
        }
        let parents = table.options.inherits.iter().filter_map(|name| side.tables.get(name));
        parents.for_each(|parent| visit(side, parent, seen, order));
        order.push(table.name.clone());
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    side.tables.values().for_each(|table| visit(side, table, &mut seen, &mut order));
    order
}

fn is_unsaid(column: &Column) -> bool {
    !column.nullable && column.not_null.as_ref().is_none_or(|own| own.name.is_none())
}

/// Returns the name that the NOT NULL constraint of a column has in the tables above.
fn above(side: &Metadata, table: &Table, column: &Column) -> Option<String> {
    let mut parents = table.options.inherits.iter();
    parents.find_map(|parent| called(side, parent, &column.name))
}

/// Returns the tables from which a table has the NOT NULL constraint of a column on both sides.
fn held_by<'m>(
    sides: Pair<&'m Metadata>,
    table: &QualifiedName,
    column: &str,
) -> Vec<&'m QualifiedName> {
    let own = sides.map(|side| side.tables.get(table));
    let (Some(database), Some(target)) = (own.database, own.target) else { return Vec::new() };
    let parents = target.options.inherits.iter();
    let kept = parents.filter(|parent| database.options.inherits.contains(parent));
    let passes = |side: &Metadata, parent: &QualifiedName| called(side, parent, column).is_some();
    kept.filter(|parent| passes(sides.database, parent) && passes(sides.target, parent)).collect()
}

/// The tables and partitions of the database that may have the NOT NULL constraints of others.
struct Below<'m> {
    /// The tables that inherit.
    heirs: Vec<&'m Table>,
    /// The partitions with names of their own for such constraints.
    parts: Vec<&'m Definition>,
}

impl<'m> Below<'m> {
    fn of(database: &'m Metadata) -> Self {
        let heirs = database.tables.values().filter(|table| !table.options.inherits.is_empty());
        let parts =
            database.definitions.values().filter(|own| not_null_names(own).next().is_some());
        Self { heirs: heirs.collect(), parts: parts.collect() }
    }

    fn is_empty(&self) -> bool {
        self.heirs.is_empty() && self.parts.is_empty()
    }

    /// Returns those below a table, before and afterwards, that have the NOT NULL constraint of a column
    /// under another name, or from another table as well.
    fn others(
        &self,
        dialect: Dialect,
        sides: Pair<&Metadata>,
        table: &QualifiedName,
        column: &str,
        is_other: impl Fn(&str) -> bool,
    ) -> Vec<ObjectId> {
        let mut found = Vec::new();
        let mut below = vec![table];
        let mut at = 0;
        while let Some(above) = below.get(at).copied() {
            at += 1;
            for heir in &self.heirs {
                let parents = held_by(sides, &heir.name, column);
                if parents.contains(&above) && !below.contains(&&heir.name) {
                    let own = heir.column(column).map(|own| own.not_null_name(&heir.name));
                    let is_other = parents.len() > 1 || own.is_some_and(|own| is_other(&own));
                    found.extend(is_other.then(|| ObjectId::table(&heir.name)));
                    below.push(&heir.name);
                }
            }
        }
        found.extend(self.parts(dialect, sides, table, column));
        found
    }

    /// Returns the partitions of a table that have the NOT NULL constraint of a column under names of their own.
    fn parts(
        &self,
        dialect: Dialect,
        sides: Pair<&Metadata>,
        table: &QualifiedName,
        column: &str,
    ) -> Vec<ObjectId> {
        let parts = self.parts.iter().filter(|own| {
            let stays = sides.target.definitions.contains_key(&own.id);
            stays && names_column(own, column) && is_below(sides.database, own, table, dialect)
        });
        parts.map(|own| own.id.clone()).collect()
    }
}

/// Returns true if a partition has a name of its own for the NOT NULL constraint of a column.
fn names_column(own: &Definition, column: &str) -> bool {
    let is_it = |clause: &Clause| {
        let name = path(clause.text.spelling()).and_then(|mut path| path.pop());
        name.as_deref() == Some(column)
    };
    not_null_names(own).any(is_it)
}

/// Returns the names of its own that a partition has for NOT NULL constraints.
fn not_null_names(own: &Definition) -> impl Iterator<Item = &Clause> {
    let clauses = own.clauses.iter().filter(|clause| clause.word == NOT_NULL_NAME);
    clauses.filter(|_| own.id.kind == Kind::Partition)
}

fn is_below(side: &Metadata, own: &Definition, table: &QualifiedName, dialect: Dialect) -> bool {
    let mut parent = bound::parent(own, dialect);
    while let Some(name) = parent {
        if name == table {
            return true;
        }
        let above = side.definitions.get(&part(name));
        parent = above.and_then(|above| bound::parent(above, dialect));
    }
    false
}

fn set_names(side: &mut Metadata, table: &QualifiedName, names: Vec<(String, String)>) {
    let Some(own) = side.tables.get_mut(table) else { return };
    for (column, name) in names {
        let columns = own.columns.iter_mut().filter(|own| own.name == column);
        columns.for_each(|own| call(own, table, name.clone()));
    }
}

/// Gives the NOT NULL constraint of a column a name.
pub(crate) fn call(column: &mut Column, table: &QualifiedName, name: String) {
    let mut not_null = column.not_null.take().unwrap_or_default();
    not_null.name = None;
    column.not_null = Some(not_null.clone()).filter(|own| **own != NotNull::default());
    if column.not_null_name(table) != name {
        not_null.name = Some(name);
        column.not_null = Some(not_null);
    }
}
