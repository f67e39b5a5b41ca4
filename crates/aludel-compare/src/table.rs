//! Tables: those that are created, those that are dropped, and those that exist on both sides.

use aludel_dialect::{AlterTable, IdentifierCase};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Constraint, Index, ObjectId, QualifiedName, Table};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::pairing::{Both, Tables};
use crate::room::{Room, default_of};
use crate::{column, index, partition};

/// Returns the operations for all tables.
pub(crate) fn operations(tables: &Tables<'_>, world: &World<'_>, room: &Room) -> Vec<Operation> {
    let mut operations = Vec::new();
    let drop = |table: &Table| Operation::Drop(Object::Table(Box::new(table.clone())));
    for both in &tables.both {
        operations.extend(both.operations(world, room, &tables.replaced));
    }
    operations.extend(tables.gone.iter().map(|table| drop(table)));
    operations.extend(tables.new.iter().flat_map(|table| create(table)));
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

/// Returns CREATE TABLE, with the table's indexes and comments.
fn create(table: &Table) -> Vec<Operation> {
    let mut operations = vec![Operation::Create(Object::Table(Box::new(table.clone())))];
    operations.extend(table.indexes.iter().flat_map(|index| index::create(&table.name, index)));
    operations.extend(table.comment.is_some().then(|| comment(table)));
    operations.extend(column::comments(&table.name, &table.columns));
    operations
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
        let options = |table: &Table| {
            let options = &table.options;
            (options.unlogged, options.with.clone(), options.strict, options.without_rowid)
        };
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
        let columns = self.columns.operations(name, renewed, redefaulted, moves);
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
        operations
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
