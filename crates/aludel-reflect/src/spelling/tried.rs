//! A trial of texts, for databases whose spelling is not asked for.

use aludel_dialect::{Dialect, as_default};
use aludel_operations::Object;
use aludel_schema::{Column, Index, Metadata, ObjectId, QualifiedName, Table};

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
        let name = table_name(at);
        let owner = question.place.object.table.as_ref().and_then(|name| target.tables.get(name));
        let Some(owner) = owner else { continue };
        memory.run(&table(dialect, &name, owner, question)).await.map_err(refused)?;
        if let Subject::Index(index) = &question.subject {
            let table = QualifiedName::unqualified(name);
            let index = Box::new(Index { name: format!("{}_index", table.name), ..*index.clone() });
            create(&memory, dialect, Object::Index { table, index }).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Returns the statement that creates a table with a text, and with the columns that the text may read.
fn table(dialect: Dialect, name: &str, owner: &Table, question: &Question) -> String {
    let own = dialect.quote(&question.place.object.name.name);
    let text = match &question.subject {
        Subject::Type(sql_type) => Some(format!("{own} {sql_type}")),
        Subject::Default { sql_type, expression } => {
            Some(format!("{own} {sql_type} DEFAULT {}", as_default(expression, dialect)))
        }
        Subject::Generated { sql_type, expression, stored } => {
            let kind = if *stored { "STORED" } else { "VIRTUAL" };
            Some(format!("{own} {sql_type} GENERATED ALWAYS AS ({expression}) {kind}"))
        }
        Subject::Check(expression) => Some(format!("CHECK ({expression})")),
        Subject::Using { .. } | Subject::Exclusion(_) | Subject::Index(_) => None,
    };
    let is_own =
        |column: &&Column| ObjectId::column(&owner.name, &*column.name) == question.place.object;
    let column = |column: &Column| {
        let collation = column.collation.as_ref();
        let collation = collation.map(|name| format!(" COLLATE {}", dialect.collation_name(name)));
        let name = dialect.quote(&column.name);
        format!("{name} {}{}", column.sql_type.written, collation.unwrap_or_default())
    };
    let lines = owner.columns.iter().filter(|column| !is_own(column)).map(column);
    // A table needs a column that is not generated.
    let lines: Vec<String> =
        ["aludel_column".to_owned()].into_iter().chain(lines).chain(text).collect();
    format!("CREATE TABLE {} ({})", dialect.quote(name), lines.join(", "))
}
