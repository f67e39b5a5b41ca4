//! Tables: those that are created, those that are dropped, and those that exist on both sides.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{AlterTable, IdentifierCase};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, IndexRoles, Kind, Metadata, ObjectId, QualifiedName,
    ReplicaIdentity, Table, TableOptions,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::inheritance::{inherit, typed};
use crate::making_room::reached;
use crate::making_room::room::{Room, default_of};
use crate::not_nulls::{heir_names, passed_on};
use crate::ordering::table_options;
use crate::pair::Pair;
use crate::pairing::{Both, Tables};
use crate::partitions::partition;
use crate::sequences::sequence;
use crate::tables::{column, constraint, index};
use crate::types::holder::holder_of_rows;
use crate::types::replacement::moves;

/// Returns the operations for all tables.
pub(crate) fn operations(tables: &Tables<'_>, world: &World<'_>, room: &Room) -> Vec<Operation> {
    let mut operations = Vec::new();
    let drop = |table: &Table| Operation::Drop(Object::Table(Box::new(table.clone())));
    for both in &tables.both {
        operations.extend(both.operations(world, room, &tables.replaced));
    }
    operations.extend(tables.gone.iter().map(|table| drop(table)));
    operations.extend(tables.new.iter().flat_map(|table| create(world, table)));
    operations
}

/// Leaves the defaults that call a function which is made again to operations of their own, because the function
/// goes before the replacement and comes after it.
pub(crate) fn leave_defaults(operations: &mut [Operation], room: &Room) {
    for operation in operations {
        let Operation::Alter(Alter::ReplaceType(replacement)) = operation else { continue };
        for moved in &mut replacement.columns {
            let is_remade = room.remade.contains_key(&default_of(&moved.table, &moved.column.name));
            let calls = moved.default.as_ref().and_then(|default| default.calls.as_ref());
            if is_remade && calls.is_some_and(|calls| !calls.is_empty()) {
                moved.default = None;
                moved.column.default = None;
            }
        }
    }
}

/// Returns the differences that no operation can remove.
pub(crate) fn impossible(tables: &Tables<'_>, world: &World<'_>) -> Vec<Impossible> {
    let mut found = Vec::new();
    for both in &tables.both {
        found.extend(partition::impossible(world, both, &tables.replaced));
        found.extend(both.columns_of_one_name(world));
        found.extend(both.columns_under_rows(world, &tables.replaced));
    }
    for table in &tables.new {
        found.extend(only_case(world, table));
    }
    found.extend(inherit::impossible(world));
    found.extend(passed_on::impossible(world));
    found.extend(heir_names::impossible(world));
    found.extend(typed::unordered(world));
    found
}

/// Leaves out the expressions that the columns of a new heir have from tables above too. PostgreSQL before 16 takes
/// none of the heir's own, and gives it that one.
fn leave_expressions(target: &Metadata, heir: &mut Table) {
    let parents = heir.options.inherits.iter().filter_map(|name| target.tables.get(name));
    let parents: Vec<&Table> = parents.collect();
    for column in heir.columns.iter_mut().filter(|own| own.generated.is_some()) {
        let mut above = parents.iter().filter_map(|parent| parent.column(&column.name));
        if above.any(|above| above.generated == column.generated) {
            column.generated = None;
        }
    }
}

/// Returns CREATE TABLE, with the table's indexes, and with what the statement can't say.
fn create(world: &World<'_>, table: &Table) -> Vec<Operation> {
    let (mut first, key) = match inherit::key_comes_later(world, table) {
        true => without_primary_key(table),
        false => (table.clone(), None),
    };
    heir_names::say_own(world, &mut first);
    leave_expressions(world.pair.target, &mut first);
    let primary_key = first.primary_key().to_vec();
    let mut operations = vec![Operation::Create(Object::Table(Box::new(first)))];
    operations.extend(key.map(|constraint| {
        let constraint = Box::new(constraint);
        Operation::Create(Object::Constraint { table: table.name.clone(), constraint })
    }));
    operations.extend(table.indexes.iter().flat_map(|index| index::create(&table.name, index)));
    operations.extend(table.comment.is_some().then(|| comment(table)));
    let (inherited, own): (Vec<_>, Vec<_>) = table.columns.iter().partition(|c| c.inherited);
    let parents = table.options.inherits.iter();
    let parents = parents.filter_map(|name| world.pair.target.tables.get(name));
    let parents: Vec<&Table> = parents.collect();
    let above = |own: &Column| parents.iter().find_map(|parent| parent.column(&own.name));
    operations.extend(column::additions(&table.name, own.iter().copied()));
    for column in own {
        // A column of its own that says no default has that of the one above.
        let is_plain = column.generated.is_none() && column.identity.is_none();
        let default = above(column).and_then(|above| above.default.clone());
        if column.default.is_none() && default.is_some() && is_plain {
            let made = Column { default, ..column.clone() };
            operations.extend(column::changes(&table.name, Pair::new(&made, column)));
        }
    }
    for column in inherited {
        if let Some(mut made) = inherit::made(world, table, column, inherit::inherited) {
            if heir_names::is_own(world, table, column) {
                made.not_null.clone_from(&column.not_null);
            } else if world.pair.target.names_not_null && primary_key.contains(&column.name) {
                // A primary key comes with constraints of its own, under their usual names.
                made.not_null = None;
            }
            operations.extend(column::changes(&table.name, Pair::new(&made, column)));
        } else {
            operations.extend(column::additions(&table.name, [column]));
        }
    }
    let constraints = table.constraints.iter();
    operations.extend(constraints.flat_map(|own| constraint::additions(&table.name, own)));
    operations.extend(roles(&table.name, &IndexRoles::default(), &table.roles));
    operations
}

/// Returns a table without its primary key, and the key.
fn without_primary_key(table: &Table) -> (Table, Option<Constraint>) {
    let mut table = table.clone();
    let is_key = |own: &Constraint| matches!(own.kind, ConstraintKind::PrimaryKey { .. });
    let at = table.constraints.iter().position(is_key);
    let key = at.map(|at| table.constraints.remove(at));
    (table, key)
}

/// Returns the choice of the indexes that have a part in a whole table, if it changes.
fn roles(table: &QualifiedName, from: &IndexRoles, to: &IndexRoles) -> Option<Operation> {
    let change = || Alter::IndexRoles {
        table: table.clone(),
        from: Box::new(from.clone()),
        to: Box::new(to.clone()),
    };
    (from != to).then(|| Operation::Alter(change()))
}

fn comment(table: &Table) -> Operation {
    Operation::Comment { on: ObjectId::table(&table.name), comment: table.comment.clone() }
}

/// Reports a new table whose name differs from an existing one only in case, if the database
/// ignores case.
fn only_case(world: &World<'_>, table: &Table) -> Option<Impossible> {
    if world.dialect.capabilities().identifier_case == IdentifierCase::Sensitive {
        return None;
    }
    let mut names = world.pair.database.tables.keys();
    let same = names.find(|name| name.name.eq_ignore_ascii_case(&table.name.name))?;
    Some(Impossible {
        object: ObjectId::table(&table.name),
        reason: format!("the database has it as {same}, which is the same name there; write it so"),
    })
}

impl Both<'_> {
    fn name(&self) -> &QualifiedName {
        &self.tables.target.name
    }

    fn operations(&self, world: &World<'_>, room: &Room, replaced: &[ObjectId]) -> Vec<Operation> {
        let name = self.name();
        let mut operations = Vec::new();
        let options =
            self.tables.map(|table| TableOptions { partition_by: None, ..table.options.clone() });
        let between = table_options::meanwhile(Pair::new(&options.database, &options.target));
        let alter = |from: &TableOptions, to: &TableOptions| {
            let (from, to) = (Box::new(from.clone()), Box::new(to.clone()));
            Operation::Alter(Alter::TableOptions { table: name.clone(), from, to })
        };
        operations
            .extend((options.database != between).then(|| alter(&options.database, &between)));
        let renewed = |id: &ObjectId| self.is_made_again(world, room, id);
        let moves = |column: &Column| {
            let is_of_one = world.type_of(column).is_some_and(|id| replaced.contains(id));
            is_of_one && !reached::follows(world, name, &column.name)
        };
        let in_place = world.dialect.capabilities().alter_table == AlterTable::InPlace;
        let rests =
            |constraint: &Constraint| in_place && room.remade.contains_key(&constraint.id(name));
        let redefaulted =
            |column: &Column| in_place && room.remade.contains_key(&default_of(name, &column.name));
        let returns =
            |column: &Column| inherit::made(world, self.tables.target, column, inherit::added);
        let reset = |column: &Column| {
            let remade = |parent: &QualifiedName| {
                room.remade.contains_key(&default_of(parent, &column.name))
            };
            let reset = reached::reset_default(world, &remade, name, &column.name);
            reset.filter(|_| in_place && column.generated.is_none())
        };
        let ways = column::Ways {
            renewed: &renewed,
            returns: &returns,
            redefaulted: &redefaulted,
            reset: &reset,
            moves: &moves,
        };
        let mut columns = self.columns.operations(name, &ways);
        sequence::take_along(self.tables, &mut columns);
        let constraints = self.constraints.operations(name, rests);
        let rests = |index: &Index| in_place && room.remade.contains_key(&index.id(name));
        let indexes = self.indexes.operations(name, rests);
        let keys = self.keys.iter().flat_map(|own| own.operations(name, renewed));
        let is_drop = |operation: &Operation| matches!(operation, Operation::Drop(_));
        let (drops, others): (Vec<_>, Vec<_>) =
            constraints.into_iter().chain(keys).chain(indexes).partition(is_drop);
        operations.extend(drops);
        operations.extend(columns);
        operations.extend(others);
        let checks = self.checks_to_inherit(world);
        operations.extend(checks.iter().map(|own| constraint::add(name, own)));
        operations.extend((between != options.target).then(|| alter(&between, &options.target)));
        operations.extend(self.tables.differs(|t| &t.comment).then(|| comment(self.tables.target)));
        let kept = self.roles(|id| in_place && self.is_made_again(world, room, id));
        operations.extend(roles(name, &kept, &self.tables.target.roles));
        operations
    }

    /// Returns true for a part that is dropped and added again: to make room, or a column that no ALTER can change.
    fn is_made_again(&self, world: &World<'_>, room: &Room, id: &ObjectId) -> bool {
        let is_it =
            |own: &&Pair<&Column>| id.kind == Kind::Column && own.target.name == id.name.name;
        let own = self.columns.both.iter().find(is_it);
        room.remade.contains_key(id)
            || own.is_some_and(|column| column::is_renewed(world, self.name(), *column))
    }

    /// Returns the checks of the tables that the table begins to inherit from, and that it has to have
    /// before.
    fn checks_to_inherit(&self, world: &World<'_>) -> Vec<Constraint> {
        let parents = self.new_parents(world).into_iter();
        parents.flat_map(|parent| inherit::missing(parent, self.tables.target)).collect()
    }

    /// Returns the tables that the table begins to inherit from, at any height. It has what one has already from which
    /// it goes on to inherit.
    fn new_parents<'w>(&self, world: &World<'w>) -> Vec<&'w Table> {
        let Pair { database, target } = self.tables.map(|table| &table.options.inherits);
        let side = world.pair.target;
        let new = target.iter().filter(|parent| !database.contains(parent));
        let with_above = |parent: &QualifiedName| {
            let own = side.tables.get(parent);
            own.into_iter().flat_map(|own| inherit::above(side, own).into_iter().chain([own]))
        };
        let stays = target.iter().filter(|parent| database.contains(parent));
        let stays: BTreeSet<&QualifiedName> =
            stays.flat_map(with_above).map(|own| &own.name).collect();
        new.flat_map(with_above).filter(|own| !stays.contains(&own.name)).collect()
    }

    /// Returns the roles of indexes after all other operations, under the names of the target. An
    /// index that is made again has lost its roles.
    fn roles(&self, is_remade: impl Fn(&ObjectId) -> bool) -> IndexRoles {
        let name = self.name();
        let constraints = self.constraints.kept.iter().chain(&self.constraints.renamed);
        let constraints = constraints.filter(|pair| !is_remade(&pair.target.id(name)));
        let constraints = constraints.map(|pair| (pair.database.label(), pair.target.label()));
        let indexes = self.indexes.kept.iter().filter(|pair| !is_remade(&pair.target.id(name)));
        let indexes = indexes.map(|pair| (pair.database.name.clone(), pair.target.name.clone()));
        let keys = self.keys.iter().filter_map(|own| own.names(name, &is_remade));
        let names: BTreeMap<String, String> = constraints.chain(indexes).chain(keys).collect();
        let before = &self.tables.database.roles;
        IndexRoles {
            replica_identity: match &before.replica_identity {
                ReplicaIdentity::Index(index) => match names.get(index) {
                    Some(now) => ReplicaIdentity::Index(now.clone()),
                    None => ReplicaIdentity::Nothing,
                },
                other => other.clone(),
            },
            clustered_on: before.clustered_on.as_ref().and_then(|index| names.get(index).cloned()),
        }
    }

    /// Reports columns that get another type, or a value in all rows, while columns of other tables hold
    /// rows of their table.
    fn columns_under_rows(&self, world: &World<'_>, replaced: &[ObjectId]) -> Vec<Impossible> {
        let own = ObjectId::table(self.name());
        let change_of = |column: &Pair<&Column>| {
            if column::is_retyped(*column) {
                Some("change its type")
            } else if moves(world, replaced, *column) {
                Some("give it the new form of its type")
            } else {
                None
            }
        };
        let retyped = self.columns.both.iter();
        let retyped = retyped.filter_map(|column| Some((column.target, change_of(column)?)));
        // Also a value for the rows that are there would have to get into the other ones.
        let has_value = |column: &&Column| {
            column.default.is_some() || column.generated.is_some() || column.identity.is_some()
        };
        let new = self.columns.new.iter().copied().filter(has_value);
        let new = new.map(|column| (column, "add it with a value for all rows"));
        let refused: Vec<(&Column, &str)> = retyped.chain(new).collect();
        if refused.is_empty() {
            return Vec::new();
        }
        let Some(holder) = holder_of_rows(world, self.name()) else { return Vec::new() };
        let refused = refused.into_iter().map(|(column, what)| Impossible {
            object: ObjectId::column(self.name(), column.name.as_str()),
            reason: format!(
                "PostgreSQL does not {what} while {holder} holds rows of {own}; write this revision by \
                 hand"
            ),
        });
        refused.collect()
    }

    /// Reports new columns whose names differ from existing ones only in case, if the database
    /// ignores case.
    fn columns_of_one_name(&self, world: &World<'_>) -> Vec<Impossible> {
        if world.dialect.capabilities().identifier_case == IdentifierCase::Sensitive {
            return Vec::new();
        }
        let new = self.columns.new.iter().filter_map(|column| {
            let mut olds = self.tables.database.columns.iter();
            let old = olds.find(|old| old.name.eq_ignore_ascii_case(&column.name))?;
            let reason = format!(
                "the database has column {} as {}, which is the same name there; write it so",
                column.name, old.name
            );
            Some(Impossible { object: ObjectId::table(self.name()), reason })
        });
        new.collect()
    }
}
