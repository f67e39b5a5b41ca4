//! Tables: those that are created, those that are dropped, and those that exist on both sides.

use std::collections::BTreeMap;

use aludel_dialect::{AlterTable, IdentifierCase};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Constraint, Index, IndexRoles, ObjectId, QualifiedName, ReplicaIdentity, Table, TableOptions,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::pair::Pair;
use crate::pairing::{Both, Tables};
use crate::room::{Room, default_of};
use crate::{column, constraint, index, inherit, partition, sequence};

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

/// Returns the differences that no operation can remove.
pub(crate) fn impossible(tables: &Tables<'_>, world: &World<'_>) -> Vec<Impossible> {
    let mut found = Vec::new();
    for both in &tables.both {
        found.extend(partition::impossible(world, both, &tables.replaced));
        found.extend(both.columns_of_one_name(world));
    }
    for table in &tables.new {
        found.extend(only_case(world, table));
    }
    found
}

/// Returns CREATE TABLE, with the table's indexes, and with what the statement can't say.
fn create(world: &World<'_>, table: &Table) -> Vec<Operation> {
    let mut operations = vec![Operation::Create(Object::Table(Box::new(table.clone())))];
    operations.extend(table.indexes.iter().flat_map(|index| index::create(&table.name, index)));
    operations.extend(table.comment.is_some().then(|| comment(table)));
    let (inherited, own): (Vec<_>, Vec<_>) = table.columns.iter().partition(|c| c.inherited);
    operations.extend(column::additions(&table.name, own));
    for column in inherited {
        let parents = table.options.inherits.iter();
        let mut parents = parents.filter_map(|name| world.pair.target.tables.get(name));
        if let Some(parent) = parents.find_map(|parent| parent.column(&column.name)) {
            let made = inherit::inherited(parent);
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
        let options = |table: &Table| TableOptions { partition_by: None, ..table.options.clone() };
        if self.tables.differs(options) {
            operations.push(Operation::Alter(Alter::TableOptions {
                table: name.clone(),
                from: Box::new(self.tables.database.options.clone()),
                to: Box::new(self.tables.target.options.clone()),
            }));
        }
        let renewed = |id: &ObjectId| {
            let own = self.columns.both.iter().find(|c| c.target.name == id.name.name);
            room.remade.contains_key(id) || own.is_some_and(|column| column::is_renewed(*column))
        };
        let moves = |column: &aludel_schema::Column| {
            world.type_of(column).is_some_and(|id| replaced.contains(id))
        };
        let in_place = world.dialect.capabilities().alter_table == AlterTable::InPlace;
        let rests =
            |constraint: &Constraint| in_place && room.remade.contains_key(&constraint.id(name));
        let redefaulted = |column: &aludel_schema::Column| {
            in_place && room.remade.contains_key(&default_of(name, &column.name))
        };
        let mut columns = self.columns.operations(name, renewed, redefaulted, moves);
        sequence::take_along(self.tables, &mut columns);
        let constraints = self.constraints.operations(name, rests);
        let rests = |index: &Index| in_place && room.remade.contains_key(&index.id(name));
        let indexes = self.indexes.operations(name, rests);
        let is_drop = |operation: &Operation| matches!(operation, Operation::Drop(_));
        let (drops, others): (Vec<_>, Vec<_>) =
            constraints.into_iter().chain(indexes).partition(is_drop);
        operations.extend(drops);
        operations.extend(columns);
        operations.extend(others);
        operations.extend(self.tables.differs(|t| &t.comment).then(|| comment(self.tables.target)));
        let kept = self.roles(|id| in_place && room.remade.contains_key(id));
        operations.extend(roles(name, &kept, &self.tables.target.roles));
        operations
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
        let names: BTreeMap<String, String> = constraints.chain(indexes).collect();
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
