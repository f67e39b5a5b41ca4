/// What a database can do, as data: a relative of PostgreSQL is a profile, not a fork.
///
/// Each field answers the question in its own name and stands for nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Whether objects live in schemas (namespaces).
    pub schemas: bool,
    /// Whether `CREATE TYPE … AS ENUM` exists; without it an enum is text with a check.
    pub enums: bool,
    /// Whether sequences are objects of their own.
    pub sequences: bool,
    /// What numbers the rows of an identity column.
    pub identity: IdentityColumns,
    /// Whether `CREATE EXTENSION` exists.
    pub extensions: bool,
    /// Whether `COMMENT ON` exists; without it comments stay in the models.
    pub comments: bool,
    /// Whether two names that differ only in case are one name.
    pub identifier_case: IdentifierCase,
    /// How the columns and constraints of a table that is there are changed.
    pub alter_table: AlterTable,
    /// Whether every constraint has a name, given or chosen by the server.
    pub constraint_names: bool,
    /// Whether `ALTER INDEX … RENAME` exists.
    pub rename_index: bool,
    /// How it is found out that two spellings mean the same.
    pub spelling: Spelling,
    /// Whether a foreign key needs a table to refer to when it is made.
    pub foreign_keys_need_target: bool,
    /// Whether a partial column list, `MATCH FULL` and `NOT VALID` of foreign keys mean something.
    pub full_foreign_keys: bool,
    /// Whether there are exclusion constraints.
    pub exclusion_constraints: bool,
    /// Whether there are other indexes than trees: access methods, included columns, parameters.
    pub index_methods: bool,
    /// Whether every DDL statement is undone by ROLLBACK, except those that refuse a transaction.
    pub transactional_ddl: bool,
    /// What keeps other runners away.
    pub lock: RunnerLock,
    /// Whether statements can be on their way before the answers to earlier ones are back, with
    /// nothing taking effect behind a failure.
    pub pipelining: bool,
    /// Whether a session has settings (`SET`, a role, a search path) that a revision may change.
    pub session_settings: bool,
    /// Whether PREPARE keeps a plan in the session.
    pub prepared_statements: bool,
    /// Whether a string may be written with backslash escapes (`E'\n'`).
    pub escape_strings: bool,
    /// Whether a table may be unlogged, partitioned, or have storage parameters.
    pub table_storage: bool,
    /// Whether a table may be STRICT or WITHOUT ROWID.
    pub table_typing: bool,
    /// What begins a transaction that writes.
    pub begin: &'static str,
}

/// What numbers the rows of an identity column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityColumns {
    /// A sequence behind the column, which may be any.
    Sequence,
    /// The table itself, in an integer column that is the whole primary key.
    AutoIncrement,
}

/// Whether case tells names apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierCase {
    /// Names in quotes that differ in case are two names.
    Sensitive,
    /// They are one name.
    Insensitive,
}

/// How a table that is there is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlterTable {
    /// In place.
    InPlace,
    /// A few changes in place; for the others a new table takes the rows.
    Rebuild,
}

/// How it is found out that two spellings mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The server is given the text and asked how it spells it.
    AskServer,
    /// The tokens are compared.
    CompareTokens,
}

/// What keeps other runners away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunnerLock {
    /// A lock of the server that the whole session holds.
    Advisory,
    /// A file beside the database; the database's own lock ends with each transaction.
    File,
}

/// PostgreSQL 14 and later.
pub(crate) const POSTGRES: Capabilities = Capabilities {
    schemas: true,
    enums: true,
    sequences: true,
    identity: IdentityColumns::Sequence,
    extensions: true,
    comments: true,
    identifier_case: IdentifierCase::Sensitive,
    alter_table: AlterTable::InPlace,
    constraint_names: true,
    rename_index: true,
    spelling: Spelling::AskServer,
    foreign_keys_need_target: true,
    full_foreign_keys: true,
    exclusion_constraints: true,
    index_methods: true,
    transactional_ddl: true,
    lock: RunnerLock::Advisory,
    pipelining: true,
    session_settings: true,
    prepared_statements: true,
    escape_strings: true,
    table_storage: true,
    table_typing: false,
    begin: "BEGIN",
};

/// SQLite 3.35 and later.
pub(crate) const SQLITE: Capabilities = Capabilities {
    schemas: false,
    enums: false,
    sequences: false,
    identity: IdentityColumns::AutoIncrement,
    extensions: false,
    comments: false,
    identifier_case: IdentifierCase::Insensitive,
    alter_table: AlterTable::Rebuild,
    constraint_names: false,
    rename_index: false,
    spelling: Spelling::CompareTokens,
    foreign_keys_need_target: false,
    full_foreign_keys: false,
    exclusion_constraints: false,
    index_methods: false,
    transactional_ddl: true,
    lock: RunnerLock::File,
    pipelining: false,
    session_settings: false,
    prepared_statements: false,
    escape_strings: false,
    table_storage: false,
    table_typing: true,
    begin: "BEGIN IMMEDIATE",
};
