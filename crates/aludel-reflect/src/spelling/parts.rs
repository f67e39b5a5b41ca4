//! The parts that pieces are made of.

use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{
    Column, ColumnStorage, Constraint, Generated, ObjectId, QualifiedName, Sequence, SqlText, Table,
};

use super::piece::{PIECE, Piece};
use super::place::{Part, Place};
use super::question::{Question, Subject};

/// The name of the column that a piece has beside those of the models.
pub(super) const ROOM: &str = "aludel_column";

/// Returns the change by which a column gets its storage.
pub(super) fn store(table: &QualifiedName, column: Column, storage: ColumnStorage) -> Operation {
    let to = Column { storage: Some(Box::new(storage)), ..column.clone() };
    change(table, column, to)
}

/// Returns the change of a column that has no others in its table.
pub(super) fn change(table: &QualifiedName, from: Column, to: Column) -> Operation {
    Operation::Alter(Alter::Column(ColumnChange {
        table: table.clone(),
        from: Box::new(from),
        to: Box::new(to),
        from_base: None,
        to_base: None,
        cast: None,
        seed: false,
        has_others: false,
    }))
}

/// Asks for a sequence.
pub(super) fn sequence(sequence: &Sequence) -> Question {
    let piece = Sequence { name: named(0).name, options: sequence.options.clone(), owned_by: None };
    let operations = vec![Operation::Create(Object::Sequence(piece))];
    let names = vec![sequence.name.name.clone()];
    asked(sequence.id(), Piece { operations, names })
}

/// Asks for tables that are created, each with the name that it stands for.
pub(super) fn created(object: ObjectId, tables: Vec<Table>, names: &[&String]) -> Question {
    created_and(object, tables, names, Vec::new())
}

/// Asks for tables that are created, and for what is done with them.
pub(super) fn created_and(
    object: ObjectId,
    tables: Vec<Table>,
    names: &[&String],
    done: Vec<Operation>,
) -> Question {
    let tables = tables.into_iter().map(|table| Operation::Create(Object::Table(Box::new(table))));
    let operations = tables.chain(done).collect();
    let names = names.iter().copied().cloned().collect();
    asked(object, Piece { operations, names })
}

fn asked(object: ObjectId, piece: Piece) -> Question {
    let place = Place { object, part: Part::Whole };
    Question { columns: Vec::new(), subject: Subject::Piece(piece), row: None, place }
}

/// Returns a piece without columns.
pub(super) fn named(number: usize) -> Table {
    Table::new(QualifiedName::unqualified(format!("{PIECE}{number}")))
}

/// Returns a column that has no more than its type. The server merges it with an inherited one.
pub(super) fn bare(column: &Column) -> Column {
    Column {
        sql_type: SqlText::new(column.sql_type.written.as_str()),
        collation: column.collation.clone(),
        ..Column::new(column.name.as_str(), "")
    }
}

/// Returns the columns of these names. The generated ones are generated from nothing.
pub(super) fn columns_of(table: &Table, names: &[&str]) -> Vec<Column> {
    let columns = names.iter().filter_map(|name| table.column(name)).map(|column| {
        let generated = column.generated.as_ref().map(|own| {
            let expression = SqlText::new(format!("CAST(NULL AS {})", column.sql_type.written));
            Box::new(Generated { expression, stored: own.stored })
        });
        Column { generated, ..bare(column) }
    });
    // A table needs a column that is not generated.
    columns.chain([Column::new(ROOM, "integer")]).collect()
}

/// Returns a constraint that gets its name from the server.
pub(super) fn unnamed(constraint: &Constraint) -> Constraint {
    Constraint { name: None, comment: None, index_comment: None, ..constraint.clone() }
}
