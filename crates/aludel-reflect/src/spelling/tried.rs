//! A trial of texts, for databases whose spelling is not asked for.

use aludel_dialect::{Dialect, name_columns};
use aludel_driver::{Connection, DriverError, StatementError};
use aludel_operations::{Object, Operation};
use aludel_schema::{Column, Constraint, ConstraintKind, Index, Metadata, ObjectId, Table};

use super::created::created;
use super::piece::{PIECE, Piece};
use super::place::{Part, Place};
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
    let made: Vec<&Table> =
        target.tables.values().filter(|table| is_made(database.renamed, table)).collect();
    let converted = conversions(dialect, database.renamed, target);
    if asked.is_empty() && made.is_empty() && converted.is_empty() {
        return Ok(());
    }
    let memory = open_memory().await?;
    for question in &asked {
        let refused = |source| SpellingError { place: Some(question.place.clone()), source };
        if let Subject::Piece(piece) = &question.subject {
            let tried = try_piece(&memory, dialect, &piece.operations).await;
            tried.map_err(|error| refused(named(error, piece)))?;
            continue;
        }
        let owner = question.place.object.table.as_ref().and_then(|name| target.tables.get(name));
        let Some(owner) = owner else { continue };
        let alone = with_text(dialect, owner, question);
        let table = Object::Table(Box::new(alone.clone()));
        if let Err(error) = create(&memory, dialect, table.clone()).await {
            // A check that is refused for itself is asked about apart.
            let without = Table { constraints: Vec::new(), ..alone };
            let default = matches!(question.subject, Subject::Default { .. });
            let without = Object::Table(Box::new(without));
            if default && create(&memory, dialect, without.clone()).await.is_ok() {
                drop_table(&memory, dialect, without).await?;
                continue;
            }
            return Err(refused(error));
        }
        if let Subject::Default { .. } = question.subject {
            let insert = format!("INSERT INTO {} DEFAULT VALUES", dialect.quote_name(&owner.name));
            let inserted = memory.run(&insert).await;
            // The default may call a function that only the application has.
            let is_violation = |error: &DriverError| {
                error.statement().is_some_and(|error| error.code.starts_with("SQLITE_CONSTRAINT"))
            };
            inserted.err().filter(is_violation).map_or(Ok(()), |error| Err(refused(error)))?;
        }
        let is_own = |index: &&Index| index.id(&owner.name) == question.place.object;
        if let Some(index) = owner.indexes.iter().find(is_own) {
            let (table, index) = (owner.name.clone(), Box::new(index.clone()));
            create(&memory, dialect, Object::Index { table, index }).await.map_err(refused)?;
        }
        drop_table(&memory, dialect, table).await?;
    }
    try_tables(&memory, dialect, &made).await?;
    try_conversions(&memory, dialect, &converted).await
}

/// Gives whole tables to the database.
async fn try_tables(
    memory: &Connection<'_>,
    dialect: Dialect,
    tables: &[&Table],
) -> Result<(), SpellingError> {
    for table in tables {
        let object = Object::Table(Box::new((*table).clone()));
        match create(memory, dialect, object.clone()).await {
            Ok(()) => drop_table(memory, dialect, object).await?,
            Err(source) if is_of_the_application(&source) => {}
            Err(source) => {
                let place = Place { object: ObjectId::table(&table.name), part: Part::Whole };
                return Err(SpellingError { place: Some(place), source });
            }
        }
    }
    Ok(())
}

/// Gives conversions to the database.
async fn try_conversions(
    memory: &Connection<'_>,
    dialect: Dialect,
    converted: &[(&Table, &Column, &str)],
) -> Result<(), SpellingError> {
    for (before, column, using) in converted {
        if let Err(source) = try_conversion(memory, dialect, before, using).await {
            let object = ObjectId::column(&before.name, column.name.as_str());
            return Err(SpellingError { place: Some(Place { object, part: Part::Using }), source });
        }
    }
    Ok(())
}

/// Returns the conversions of the models that matter, each with its column and the table of before.
fn conversions<'m>(
    dialect: Dialect,
    database: &'m Metadata,
    target: &'m Metadata,
) -> Vec<(&'m Table, &'m Column, &'m str)> {
    let both = target.tables.values();
    let both = both.filter_map(|table| Some((database.tables.get(&table.name)?, table)));
    let found = both.flat_map(|(before, table)| {
        let converted = table.columns.iter();
        let converted = converted.filter(|own| dialect.is_converted(before, table, own));
        converted.filter_map(move |own| Some((before, own, own.using.as_deref()?)))
    });
    found.collect()
}

/// Gives a conversion to the database, over a table that has the columns of before. The conversion may read
/// tables and views that are not here.
async fn try_conversion(
    memory: &Connection<'_>,
    dialect: Dialect,
    before: &Table,
    using: &str,
) -> Result<(), DriverError> {
    let bare = |column: &Column| Column::new(column.name.as_str(), "");
    let columns = before.columns.iter().map(bare).collect();
    let table = Table { columns, ..Table::new(before.name.clone()) };
    let table = Object::Table(Box::new(table));
    create(memory, dialect, table.clone()).await?;
    let rows = format!("EXPLAIN SELECT ({using}) FROM {}", dialect.quote_name(&before.name));
    let tried = memory.run(&rows).await;
    drop_table(memory, dialect, table).await?;
    let is_elsewhere = |error: &DriverError| {
        let is_missing = |own: &StatementError| own.message.contains("no such table");
        is_of_the_application(error) || error.statement().is_some_and(is_missing)
    };
    tried.err().filter(|error| !is_elsewhere(error)).map_or(Ok(()), Err)
}

/// Returns true if a table is new, or has other columns or options.
fn is_made(database: &Metadata, table: &Table) -> bool {
    let names = |table: &Table| table.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    database
        .tables
        .get(&table.name)
        .is_none_or(|before| before.options != table.options || names(before) != names(table))
}

/// Returns true for an error about a function or a collation, which the application may bring.
fn is_of_the_application(error: &DriverError) -> bool {
    let says = |words: &str| error.statement().is_some_and(|error| error.message.contains(words));
    says("no such function") || says("no such collation")
}

async fn drop_table(
    memory: &Connection<'_>,
    dialect: Dialect,
    table: Object,
) -> Result<(), DriverError> {
    let steps = dialect.steps(&[Operation::Drop(table)]).unwrap_or_default();
    for sql in steps.iter().flat_map(|step| &step.statements) {
        memory.run(sql).await?;
    }
    Ok(())
}

/// Gives a piece to the database, and takes its tables away again.
async fn try_piece(
    memory: &Connection<'_>,
    dialect: Dialect,
    operations: &[Operation],
) -> Result<(), DriverError> {
    memory.run("BEGIN").await?;
    let mut tried = Ok(());
    let steps = dialect.steps(operations).unwrap_or_default();
    let statements = steps.into_iter().flat_map(|step| step.statements);
    // Columns that are generated from each other are refused when they are read or computed.
    let uses = ["SELECT * FROM", "INSERT INTO"].into_iter().zip(["", " DEFAULT VALUES"]);
    let uses = uses.map(|(start, end)| format!("EXPLAIN {start} {PIECE}0{end}"));
    for sql in statements.chain(uses) {
        if tried.is_ok() {
            tried = memory.run(&sql).await.map(|_| ());
        }
    }
    memory.run("ROLLBACK").await?;
    tried
}

/// Returns an error with the names of the models in place of those of a piece.
fn named(mut error: DriverError, piece: &Piece) -> DriverError {
    if let DriverError::Statement(refused) = &mut error {
        refused.message = Piece::original(&piece.names, PIECE, &refused.message);
    }
    error
}

/// Returns a table with its columns and a text, and with nothing else that could be refused.
fn with_text(dialect: Dialect, owner: &Table, question: &Question) -> Table {
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
                | Subject::Index(_)
                | Subject::PartitionKey(_)
                | Subject::Piece(_)
                | Subject::Role { .. } => {}
            }
        }
        own
    };
    let mut table = Table::new(owner.name.clone());
    // A table needs a column that is not generated.
    table.columns.push(Column::new("aludel_column", ""));
    table.columns.extend(owner.columns.iter().map(column));
    let names = owner.columns.iter().map(|column| column.name.as_str());
    // A default has to fulfil the checks that read nothing else.
    let is_of_default = |own: &Constraint| match (&question.subject, &own.kind) {
        (Subject::Default { .. }, ConstraintKind::Check { expression, .. }) => {
            let read = name_columns(expression.spelling(), names.clone(), dialect);
            read == [question.place.object.name.name.as_str()]
        }
        _ => false,
    };
    let constraints = owner.constraints.iter();
    let own = constraints.filter(|own| is_own(own.id(&owner.name)) || is_of_default(own));
    table.constraints.extend(own.cloned());
    table
}
