//! A trial of texts, for databases whose spelling is not asked for.

use aludel_dialect::Dialect;
use aludel_operations::{Object, Operation};
use aludel_schema::{Column, Index, Metadata, ObjectId, Table};

use super::created::created;
use super::question::{Question, Side, Subject, questions};
use super::trial::{create, open_memory};
use super::{DatabaseSide, SpellingError};

/// Gives the texts of the target that the database does not have to a database in memory, each in a
/// table that has nothing else.
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
    for question in &asked {
        let refused = |source| SpellingError { place: Some(question.place.clone()), source };
        let owner = question.place.object.table.as_ref().and_then(|name| target.tables.get(name));
        let Some(owner) = owner else { continue };
        let table = Object::Table(Box::new(with_text(owner, question)));
        create(&memory, dialect, table.clone()).await.map_err(refused)?;
        let is_own = |index: &&Index| index.id(&owner.name) == question.place.object;
        if let Some(index) = owner.indexes.iter().find(is_own) {
            let (table, index) = (owner.name.clone(), Box::new(index.clone()));
            create(&memory, dialect, Object::Index { table, index }).await.map_err(refused)?;
        }
        let steps = dialect.steps(&[Operation::Drop(table)]).unwrap_or_default();
        for sql in steps.iter().flat_map(|step| &step.statements) {
            memory.run(sql).await?;
        }
    }
    Ok(())
}

/// Returns a table with its columns and a text, and with nothing else that could be refused.
fn with_text(owner: &Table, question: &Question) -> Table {
    let is_own = |id: ObjectId| id == question.place.object;
    let column = |column: &Column| {
        let mut own = Column::new(column.name.as_str(), "");
        own.sql_type.clone_from(&column.sql_type);
        own.collation.clone_from(&column.collation);
        if is_own(ObjectId::column(&owner.name, &*column.name)) {
            match &question.subject {
                Subject::Default { .. } => own.default.clone_from(&column.default),
                Subject::Generated { .. } => own.generated.clone_from(&column.generated),
                Subject::Type(_)
                | Subject::Using { .. }
                | Subject::Check(_)
                | Subject::Exclusion(_)
                | Subject::Index(_) => {}
            }
        }
        own
    };
    let mut table = Table::new(owner.name.clone());
    // A table needs a column that is not generated.
    table.columns.push(Column::new("aludel_column", ""));
    table.columns.extend(owner.columns.iter().map(column));
    let constraints = owner.constraints.iter().filter(|own| is_own(own.id(&owner.name)));
    table.constraints.extend(constraints.cloned());
    table
}
