//! Databases with some DDL in them, and what reflection says of them.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock};

use aludel_dialect::{Dialect, split};
use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_operations::{Alter, Object, Operation};
use aludel_reflect::{Reflection, reflect};
use aludel_schema::{Column, Metadata, ObjectId, QualifiedName, Table};
use aludel_testkit::{TestDatabase, server};

thread_local! {
    // A connection lives on the runtime that opened it.
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
}

pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

fn open(url: &str) -> Connection<'static> {
    let url = DatabaseUrl::parse(url, Path::new(".")).unwrap();
    wait(Connection::open(&url, OpenMode::Write)).unwrap()
}

/// A database in memory with DDL in it.
pub(crate) fn sqlite(ddl: &str) -> Connection<'static> {
    let connection = open("sqlite::memory:");
    for statement in split(ddl, Dialect::Sqlite).unwrap() {
        wait(connection.run(statement.sql)).unwrap();
    }
    connection
}

pub(crate) fn sqlite_reflection(ddl: &str) -> Reflection {
    wait(reflect(&sqlite(ddl), &[])).unwrap()
}

/// The PostgreSQL database of these tests, for one case at a time.
pub(crate) struct Postgres {
    database: MutexGuard<'static, TestDatabase>,
    pub(crate) connection: Connection<'static>,
}

impl Postgres {
    /// The database with nothing but DDL in it.
    pub(crate) fn with(ddl: &str) -> Self {
        static DATABASE: OnceLock<Mutex<TestDatabase>> = OnceLock::new();
        let database = DATABASE.get_or_init(|| Mutex::new(server().database()));
        // A case that failed leaves nothing behind that the next one would mind.
        let database = database.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let clean = "SET client_min_messages = warning; DROP SCHEMA IF EXISTS public, app CASCADE; CREATE SCHEMA public;
             DROP PUBLICATION IF EXISTS p; DROP FOREIGN DATA WRAPPER IF EXISTS far, far1, far2, far3 CASCADE;
             ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT EXECUTE ON FUNCTIONS TO PUBLIC;\n";
        database.sql(&format!("{clean}{ddl}"));
        let connection = open(&database.url());
        Self { database, connection }
    }

    pub(crate) fn reflection(&self) -> Reflection {
        wait(reflect(&self.connection, &[])).unwrap()
    }

    pub(crate) fn sql(&self, sql: &str) -> String {
        self.database.sql(sql)
    }
}

pub(crate) fn postgres_reflection(ddl: &str) -> Reflection {
    Postgres::with(ddl).reflection()
}

/// Holds DDL of SQLite against what its reflection would be made with.
pub(crate) fn sqlite_says<const N: usize>(cases: [(&str, &str, &[&str]); N]) {
    for (name, ddl, expected) in cases {
        let reflection = sqlite_reflection(ddl);
        assert_eq!(statements(Dialect::Sqlite, &reflection.metadata), expected, "{name}");
        assert!(reflection.leftovers.is_empty(), "{name}: {:?}", reflection.leftovers);
    }
}

/// Holds DDL of PostgreSQL against what its reflection would be made with.
pub(crate) fn postgres_says<const N: usize>(cases: [(&str, &str, &[&str]); N]) {
    for (name, ddl, expected) in cases {
        let reflection = postgres_reflection(ddl);
        assert_eq!(statements(Dialect::Postgres, &reflection.metadata), expected, "{name}");
        assert!(reflection.leftovers.is_empty(), "{name}: {:?}", reflection.leftovers);
    }
}

/// The leftovers in words.
pub(crate) fn leftovers(reflection: &Reflection) -> Vec<String> {
    reflection.leftovers.iter().map(ToString::to_string).collect()
}

pub(crate) fn table(reflection: &Reflection, name: &str) -> Table {
    reflection.metadata.tables[&QualifiedName::parse(name)].clone()
}

pub(crate) fn column(reflection: &Reflection, name: &str) -> Column {
    let (table_name, name) = name.rsplit_once('.').unwrap();
    table(reflection, table_name).column(name).unwrap().clone()
}

/// The statements that would make all of it, without regard for their order between objects.
pub(crate) fn statements(dialect: Dialect, metadata: &Metadata) -> Vec<String> {
    let mut operations = Vec::new();
    let create = |object| Operation::Create(object);
    operations.extend(metadata.schemas.iter().cloned().map(Object::Schema).map(create));
    operations.extend(metadata.extensions.values().cloned().map(Object::Extension).map(create));
    for enum_type in metadata.enums.values().cloned() {
        let (id, comment) = (enum_type.id(), enum_type.comment.clone());
        operations.push(create(Object::Enum(enum_type)));
        operations.extend(commented(id, comment.as_ref()));
    }
    for sequence in metadata.sequences.values().cloned() {
        let owned =
            Alter::SequenceOwner { sequence: Box::new(sequence.clone()), from: None, seed: false };
        let is_owned = sequence.owned_by.is_some();
        operations.push(create(Object::Sequence(sequence)));
        operations.extend(is_owned.then_some(Operation::Alter(owned)));
    }
    metadata.tables.values().for_each(|table| operations.extend(of_table(table)));
    for definition in metadata.definitions.values() {
        operations.push(create(Object::Definition(Box::new(definition.clone()))));
        operations.extend(commented(definition.id.clone(), definition.comment.as_ref()));
        for (column, comment) in &definition.column_comments {
            let id = ObjectId::column(&definition.id.name, column.as_str());
            operations.extend(commented(id, Some(comment)));
        }
    }
    let steps = dialect.steps(&operations).unwrap();
    steps.into_iter().flat_map(|step| step.statements).collect()
}

fn of_table(own: &Table) -> Vec<Operation> {
    let mut operations = vec![Operation::Create(Object::Table(Box::new(own.clone())))];
    operations.extend(commented(ObjectId::table(&own.name), own.comment.as_ref()));
    for column in &own.columns {
        let id = ObjectId::column(&own.name, column.name.as_str());
        operations.extend(commented(id, column.comment.as_ref()));
    }
    for index in &own.indexes {
        let (table, index) = (own.name.clone(), Box::new(index.clone()));
        let (id, comment) = (index.id(&table), index.comment.clone());
        operations.push(Operation::Create(Object::Index { table, index }));
        operations.extend(commented(id, comment.as_ref()));
    }
    operations
}

fn commented(on: ObjectId, comment: Option<&String>) -> Option<Operation> {
    comment.map(|comment| Operation::Comment { on, comment: Some(comment.clone()) })
}
