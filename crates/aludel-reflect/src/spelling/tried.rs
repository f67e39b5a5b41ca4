//! A trial of texts, for databases whose spelling is not asked for.

use aludel_dialect::Dialect;
use aludel_operations::Object;
use aludel_schema::{
    Column, Constraint, ConstraintKind, Generated, Index, Metadata, ObjectId, QualifiedName,
    SqlText, Table,
};

use super::created::created;
use super::question::{Question, Side, Subject, questions};
use super::scratch::table_name;
use super::trial::{create, open_memory};
use super::{DatabaseSide, SpellingError};

/// Gives the texts of the target that the database does not have to a database in memory, each in a
/// table of its own.
///
/// # Errors
///
/// Fails with the first text that is refused.
pub(super) async fn hold(
    dialect: Dialect,
    database: DatabaseSide<'_>,
    target: &Metadata,
) -> Result<(), SpellingError> {
    let mut asked = questions(dialect, database.renamed, target, Side::Target);
    asked.extend(created(dialect, database.renamed, target));
    if asked.is_empty() {
        return Ok(());
    }
    let memory = open_memory().await?;
    for (at, question) in asked.iter().enumerate() {
        let refused = |source| SpellingError { place: Some(question.place.clone()), source };
        let name = QualifiedName::unqualified(table_name(at));
        let owner = question.place.object.table.as_ref().and_then(|name| target.tables.get(name));
        let Some(owner) = owner else { continue };
        let table = table(name.clone(), owner, question);
        create(&memory, dialect, Object::Table(Box::new(table))).await.map_err(refused)?;
        if let Subject::Index(index) = &question.subject {
            let index = Box::new(Index { name: format!("{}_index", name.name), ..*index.clone() });
            let index = Object::Index { table: name, index };
            create(&memory, dialect, index).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Returns a table with a text, and with the columns that the text may read.
fn table(name: QualifiedName, owner: &Table, question: &Question) -> Table {
    let bare = |column: &Column| {
        let own = Column::new(column.name.as_str(), "");
        Column { sql_type: column.sql_type.clone(), collation: column.collation.clone(), ..own }
    };
    let is_own =
        |column: &Column| ObjectId::column(&owner.name, &*column.name) == question.place.object;
    let column = |column: &Column| match &question.subject {
        Subject::Default { .. } if is_own(column) => {
            Column { default: column.default.clone(), ..bare(column) }
        }
        Subject::Generated { expression, stored, .. } if is_own(column) => {
            let generated =
                Generated { expression: SqlText::new(expression.as_str()), stored: *stored };
            Column { generated: Some(Box::new(generated)), ..bare(column) }
        }
        _ => bare(column),
    };
    let mut table = Table::new(name);
    // A table needs a column that is not generated.
    table.columns.push(Column::new("aludel_column", ""));
    table.columns.extend(owner.columns.iter().map(column));
    if let Subject::Check(text) = &question.subject {
        let kind = ConstraintKind::check(SqlText::new(text.as_str()));
        table.constraints.push(Constraint::new(None, kind));
    }
    table
}
