//! A trial of views and triggers, for databases that accept one over what is not there.

use std::path::Path;

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode};
use aludel_operations::{Object, Operation};
use aludel_schema::{Column, Definition, Kind, Metadata, Table};

use super::place::{Part, Place};
use super::{DatabaseSide, SpellingError};
use crate::sqlite::trigger_probe;

/// Tries the declared views, triggers and virtual tables of `target` on a copy of its tables in memory. A
/// trigger is tried while there is no other one, because a statement fires all of them.
///
/// # Errors
///
/// Fails with the first one that the database refuses to create or to read from. One that is there and
/// broken already is no error.
pub(super) async fn hold(
    connection: &Connection<'_>,
    dialect: Dialect,
    database: DatabaseSide<'_>,
    target: &Metadata,
) -> Result<(), SpellingError> {
    let moved = columns(target) != columns(database.renamed);
    // A rename does not reach the text of a virtual table.
    let renamed = columns(target) != columns(database.live);
    let is_tried =
        |d: &&Definition| matches!(d.id.kind, Kind::View | Kind::Trigger | Kind::VirtualTable);
    let declared = target.definitions.values().filter(is_tried).filter(|d| d.source.is_some());
    let is_renamed = |d: &Definition| renamed && d.id.kind == Kind::VirtualTable;
    let candidates: Vec<&Definition> =
        declared.filter(|d| moved || is_renamed(d) || !is_there(database.renamed, d)).collect();
    if candidates.is_empty() {
        return Ok(());
    }
    let copy = copy(dialect, target).await?;
    let (mut refused, mut left) = (Vec::new(), Vec::new());
    let definitions = target.definitions.values().filter(|d| d.id.kind != Kind::Trigger);
    let (virtual_tables, views): (Vec<&Definition>, Vec<&Definition>) =
        definitions.partition(|definition| definition.id.kind == Kind::VirtualTable);
    for definition in &virtual_tables {
        if create(&copy, dialect, object(definition)).await.is_err() {
            left.push(*definition);
        }
    }
    add_others(connection, &copy, database.live).await?;
    for definition in views {
        if let Err(error) = create(&copy, dialect, object(definition)).await {
            refused.push((definition, error));
        }
    }
    // The texts of a full-text table may be in a view.
    for definition in left {
        take_away(&copy, dialect, definition).await;
        if let Err(error) = create(&copy, dialect, object(definition)).await {
            refused.push((definition, error));
        }
    }
    for definition in candidates {
        let at = refused.iter().position(|(refused, _)| refused.id == definition.id);
        let failed = match at {
            // The connection may have a module that is not here.
            Some(at) if has_module(connection, &refused[at].1).await? => Ok(()),
            Some(at) => Err(refused.remove(at).1),
            None if definition.id.kind == Kind::Trigger => {
                try_trigger(&copy, dialect, definition).await
            }
            None => probe(&copy, dialect, definition).await,
        };
        if let Err(source) = failed {
            if is_there(database.renamed, definition)
                && probe(connection, dialect, definition).await.is_err()
            {
                continue;
            }
            let place = Place { object: definition.id.clone(), part: Part::Whole };
            return Err(SpellingError { place: Some(place), source });
        }
    }
    Ok(())
}

fn columns(metadata: &Metadata) -> Vec<(&str, &str)> {
    let tables = metadata.tables.values();
    let all = tables.flat_map(|table| table.columns.iter().map(|c| (&*table.name.name, &*c.name)));
    all.collect()
}

fn is_there(database: &Metadata, definition: &Definition) -> bool {
    database.definitions.get(&definition.id).is_some_and(|there| there.says_the_same(definition))
}

fn object(definition: &Definition) -> Object {
    Object::Definition(Box::new(definition.clone()))
}

/// Returns a database in memory with the tables of the target.
async fn copy(dialect: Dialect, target: &Metadata) -> Result<Connection<'static>, DriverError> {
    let copy = open_memory().await?;
    for table in target.tables.values() {
        let whole = table.clone();
        if create(&copy, dialect, Object::Table(Box::new(whole))).await.is_err() {
            // A check may call a function of the application. The names of the columns suffice.
            let bare = |column: &Column| Column::new(column.name.as_str(), "");
            let columns = table.columns.iter().map(bare).collect();
            let bare = Table { columns, ..Table::new(table.name.clone()) };
            create(&copy, dialect, Object::Table(Box::new(bare))).await?;
        }
    }
    Ok(copy)
}

/// Adds the tables of the database that metadata does not hold, such as the version table.
async fn add_others(
    connection: &Connection<'_>,
    copy: &Connection<'_>,
    live: &Metadata,
) -> Result<(), DriverError> {
    let others =
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql <> '' ORDER BY rowid";
    for row in connection.query(others).await? {
        let name = row.text("name")?;
        let mut read = live.tables.keys().chain(live.definitions.keys().map(|id| &id.name));
        if read.all(|read| read.name != name) {
            // A shadow table has come with its virtual table, and a module may be missing. A view over
            // that is then refused by its own name.
            let _ = copy.run(row.text("sql")?).await;
        }
    }
    Ok(())
}

pub(super) async fn create(
    copy: &Connection<'_>,
    dialect: Dialect,
    object: Object,
) -> Result<(), DriverError> {
    // A plan says what it has no statement for.
    let steps = dialect.steps(&[Operation::Create(object)]).unwrap_or_default();
    for sql in steps.iter().flat_map(|step| &step.statements) {
        copy.run(sql).await?;
    }
    Ok(())
}

/// Opens an empty database in memory. Tables refer to others there that are not made: with foreign keys
/// enforced, to drop one that refers to itself would look for them (SQLite's page on foreign keys, section 5).
pub(super) async fn open_memory() -> Result<Connection<'static>, DriverError> {
    let url = DatabaseUrl::parse("sqlite::memory:", Path::new(""))
        .map_err(|_| crate::array::error("", "expected an address of a database in memory"))?;
    let memory = Connection::open(&url, OpenMode::Write).await?;
    memory.run("PRAGMA foreign_keys = OFF").await?;
    Ok(memory)
}

/// Returns true if a virtual table is refused only for want of a module that the connection has.
async fn has_module(connection: &Connection<'_>, error: &DriverError) -> Result<bool, DriverError> {
    let missing =
        error.statement().and_then(|error| error.message.strip_prefix("no such module: "));
    let Some(missing) = missing else { return Ok(false) };
    for row in connection.query("SELECT name FROM pragma_module_list").await? {
        // SQLite compares the names of modules without regard to case.
        if row.text("name")?.eq_ignore_ascii_case(missing) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes away what is left of a virtual table that could be made, but not filled. Nothing may be left of it.
async fn take_away(copy: &Connection<'_>, dialect: Dialect, definition: &Definition) {
    let steps = dialect.steps(&[Operation::Drop(object(definition))]).unwrap_or_default();
    for sql in steps.iter().flat_map(|step| &step.statements) {
        let _ = copy.run(sql).await;
    }
}

/// Makes the database compile a trigger, and takes the trigger away again.
async fn try_trigger(
    copy: &Connection<'_>,
    dialect: Dialect,
    trigger: &Definition,
) -> Result<(), DriverError> {
    create(copy, dialect, object(trigger)).await?;
    let tried = probe(copy, dialect, trigger).await;
    let steps = dialect.steps(&[Operation::Drop(object(trigger))]).unwrap_or_default();
    for sql in steps.iter().flat_map(|step| &step.statements) {
        copy.run(sql).await?;
    }
    tried
}

/// Makes the database compile a view or a trigger.
async fn probe(
    connection: &Connection<'_>,
    dialect: Dialect,
    definition: &Definition,
) -> Result<(), DriverError> {
    let name = dialect.quote(&definition.id.name.name);
    let probe = match (&definition.id.table, &definition.source) {
        (Some(table), Some(source)) => trigger_probe(connection, &table.name, source).await?,
        // A virtual table finds that something is missing when it reads a row.
        _ if definition.id.kind == Kind::VirtualTable => {
            Some(format!("SELECT 1 FROM {name} LIMIT 1"))
        }
        _ => Some(format!("EXPLAIN SELECT * FROM {name}")),
    };
    match probe {
        Some(probe) => connection.query(&probe).await.map(|_| ()),
        None => Ok(()),
    }
}
