//! Columns of one table.

use aludel_operations::Operation;
use aludel_schema::{Column, QualifiedName, Table};

use crate::Pair;

/// The changes of a table's columns, and what they mean for the rest of the table.
#[derive(Debug, Default)]
pub(crate) struct ColumnChanges {
    pub(crate) operations: Vec<Operation>,
    /// Columns whose type changes in place.
    pub(crate) retyped: Vec<String>,
    /// Columns that are dropped and added again under the same name.
    pub(crate) renewed: Vec<String>,
}

/// Compares the columns of a table that both sides have. `renew` are generated columns that have to
/// be made again because something they read changes.
/// `moved` are columns that get their default together with a new enum type.
pub(crate) fn compare(tables: Pair<&Table>, renew: &[String], moved: &[String]) -> ColumnChanges {
    let name = &tables.target.name;
    let mut changes = ColumnChanges::default();
    for target in &tables.target.columns {
        match tables.database.column(&target.name) {
            None => changes.operations.push(add(name, target)),
            Some(database) => {
                let mut database = database.clone();
                if moved.contains(&target.name) {
                    database.default.clone_from(&target.default);
                }
                let column = Pair::new(&database, target);
                changes.compare_one(name, column, renew.contains(&target.name));
            }
        }
    }
    let gone = tables.database.columns.iter().filter(|c| tables.target.column(&c.name).is_none());
    changes.operations.extend(gone.map(|column| drop(name, column)));
    changes
}

fn add(table: &QualifiedName, column: &Column) -> Operation {
    Operation::AddColumn { table: table.clone(), column: column.clone(), fill: None }
}

fn drop(table: &QualifiedName, column: &Column) -> Operation {
    Operation::DropColumn { table: table.clone(), column: column.clone() }
}

impl ColumnChanges {
    fn compare_one(&mut self, table: &QualifiedName, column: Pair<&Column>, renew: bool) {
        if renew || (column.differs(|column| &column.generated) && !keeps_its_values(column)) {
            self.renewed.push(column.target.name.clone());
            self.operations.push(drop(table, column.database));
            self.operations.push(add(table, column.target));
            return;
        }
        let retyped = column.differs(|column| (&column.sql_type, &column.collation));
        if retyped {
            self.retyped.push(column.target.name.clone());
        }
        if retyped || column.differs(|c| (c.nullable, &c.default, &c.identity, &c.generated)) {
            self.operations.extend(alter(table, column));
        }
        if column.differs(|column| &column.comment) {
            self.operations.push(Operation::CommentOnColumn {
                table: table.clone(),
                column: column.target.name.clone(),
                comment: column.target.comment.clone(),
            });
        }
    }
}

/// A stored generated column that becomes a plain one keeps what was computed.
fn keeps_its_values(column: Pair<&Column>) -> bool {
    let stored = column.database.generated.as_ref().is_some_and(|generated| generated.stored);
    stored && column.target.generated.is_none()
}

/// One ALTER, or two: what is generated can't be updated; where what feeds the column changes its kind, a sequence of the same name may
/// have to go or come in between; where NULLs are filled with a default of another type, the type
/// has to be there first.
fn alter(table: &QualifiedName, column: Pair<&Column>) -> Vec<Operation> {
    let alter = |from: &Column, to: &Column| Operation::AlterColumn {
        table: table.clone(),
        from: Box::new(from.clone()),
        to: Box::new(to.clone()),
    };
    let Pair { database, target } = column;
    if database.generated.is_some() && target.generated.is_none() {
        let plain = Column { generated: None, ..database.clone() };
        let mut operations = vec![alter(database, &plain)];
        if plain != *target {
            operations.push(alter(&plain, target));
        }
        return operations;
    }
    let changes_feed = (database.default.is_some()
        && target.identity.is_some()
        && database.identity.is_none())
        || (database.identity.is_some() && target.identity.is_none() && target.default.is_some());
    if changes_feed {
        let mut between = database.clone();
        between.default = None;
        between.identity = None;
        return vec![alter(database, &between), alter(&between, target)];
    }
    if column.differs(|column| &column.sql_type)
        && database.nullable
        && !target.nullable
        && target.default.is_some()
    {
        let between = Column { nullable: true, ..target.clone() };
        return vec![alter(database, &between), alter(&between, target)];
    }
    vec![alter(database, target)]
}

/// Whether an alteration only takes away what feeds the column.
pub(crate) fn only_unfeeds(from: &Column, to: &Column) -> bool {
    let feeds = |column: &Column| column.default.is_some() || column.identity.is_some();
    feeds(from)
        && !feeds(to)
        && from.sql_type == to.sql_type
        && from.nullable == to.nullable
        && from.collation == to.collation
}

/// Comments of new columns: ADD COLUMN and CREATE TABLE do not take them.
pub(crate) fn comments(table: &QualifiedName, columns: &[&Column]) -> Vec<Operation> {
    columns
        .iter()
        .filter(|column| column.comment.is_some())
        .map(|column| Operation::CommentOnColumn {
            table: table.clone(),
            column: column.name.clone(),
            comment: column.comment.clone(),
        })
        .collect()
}
