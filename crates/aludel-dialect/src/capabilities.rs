//! Capabilities: the simple facts in which databases differ.

use aludel_schema::MAX_IDENTIFIER;

/// The capabilities of a database, as data: a database that resembles PostgreSQL needs another
/// value of this type rather than a dialect of its own.
///
/// Each field answers the single question that its name states.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// True if objects live in schemas (namespaces).
    pub schemas: bool,
    /// True if `CREATE TYPE … AS ENUM` exists. Otherwise an enum is a text column with a check.
    pub enums: bool,
    /// True if sequences are objects of their own.
    pub sequences: bool,
    /// The mechanism that numbers the rows of an identity column.
    pub identity: IdentityColumns,
    /// True if `CREATE EXTENSION` exists.
    pub extensions: bool,
    /// True if objects have owners and privileges.
    pub roles: bool,
    /// True if `COMMENT ON` exists. Otherwise comments stay in the models.
    pub comments: bool,
    /// The length of the longest name that the server keeps, in bytes; `None` for no limit.
    pub longest_name: Option<usize>,
    /// The columns that every table has and that no model can declare.
    pub system_columns: &'static [&'static str],
    /// The beginning of the names of schemas that the server keeps for itself.
    pub system_schemas: Option<&'static str>,
    /// True if a table may have no column at all.
    pub tables_without_columns: bool,
    /// The treatment of names that differ only in case.
    pub identifier_case: IdentifierCase,
    /// The way in which columns and constraints of an existing table change.
    pub alter_table: AlterTable,
    /// True if every constraint has a name, chosen by its author or by the server.
    pub constraint_names: bool,
    /// True if `ALTER INDEX … RENAME` exists.
    pub rename_index: bool,
    /// True if `ADD CONSTRAINT … USING INDEX` exists.
    pub key_of_index: bool,
    /// True if a rename fails for a view or trigger that would no longer work.
    pub renames_read_views: bool,
    /// The way in which two spellings of an expression are compared.
    pub spelling: Spelling,
    /// True if the referenced table must exist when a foreign key is created.
    pub foreign_keys_need_target: bool,
    /// True if foreign keys support `MATCH FULL`, `NOT VALID` and a column list for `SET NULL`.
    pub full_foreign_keys: bool,
    /// True if there are exclusion constraints.
    pub exclusion_constraints: bool,
    /// True if indexes have access methods, included columns and storage parameters.
    pub index_methods: bool,
    /// True if ROLLBACK undoes every DDL statement, except those that can't run in a transaction.
    pub transactional_ddl: bool,
    /// The lock that keeps other runners out.
    pub lock: RunnerLock,
    /// True if statements can be sent before the results of earlier ones arrive, and if no
    /// statement after a failed one takes effect.
    pub pipelining: bool,
    /// True if a session has settings that a revision may change (`SET`, a role, a search path).
    pub session_settings: bool,
    /// True if PREPARE stores a plan in the session.
    pub prepared_statements: bool,
    /// True if string literals may contain backslash escapes (`E'\n'`).
    pub escape_strings: bool,
    /// True if a table may be unlogged, be partitioned, inherit, be of a type, limit its rows by
    /// policies, or have storage parameters, a tablespace and a replica identity.
    pub table_storage: bool,
    /// True if a column may have a storage mode, a compression method, a statistics target and
    /// options.
    pub column_storage: bool,
    /// True if a NOT NULL constraint may have a name and be `NOT VALID` or `NO INHERIT`.
    pub not_null_constraints: bool,
    /// True if a table may be STRICT or WITHOUT ROWID.
    pub table_typing: bool,
    /// The statement that begins a transaction with writes.
    pub begin: &'static str,
}

/// The mechanism that numbers the rows of an identity column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityColumns {
    /// A sequence, for any integer column.
    Sequence,
    /// The table itself, for an integer column that is the whole primary key.
    AutoIncrement,
}

/// The treatment of names that differ only in case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierCase {
    /// Quoted names that differ in case are different names.
    Sensitive,
    /// Names that differ only in case are equal.
    Insensitive,
}

/// The way in which an existing table changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlterTable {
    /// All changes are made in place.
    InPlace,
    /// A few changes are made in place. For all others, a new table takes over the rows.
    Rebuild,
}

/// The way in which two spellings of an expression are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The server parses the text, and its own spelling is read back.
    AskServer,
    /// The tokens are compared.
    CompareTokens,
}

/// The lock that keeps other runners out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunnerLock {
    /// A session-level lock of the server.
    Advisory,
    /// A lock on a file beside the database, because the database's own lock ends with each
    /// transaction.
    File,
}

/// The capabilities of PostgreSQL 14 and later.
pub(crate) const POSTGRES: Capabilities = Capabilities {
    schemas: true,
    enums: true,
    sequences: true,
    identity: IdentityColumns::Sequence,
    extensions: true,
    roles: true,
    comments: true,
    longest_name: Some(MAX_IDENTIFIER),
    system_columns: &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"],
    system_schemas: Some("pg_"),
    tables_without_columns: true,
    identifier_case: IdentifierCase::Sensitive,
    alter_table: AlterTable::InPlace,
    constraint_names: true,
    rename_index: true,
    key_of_index: true,
    renames_read_views: false,
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
    column_storage: true,
    not_null_constraints: true,
    table_typing: false,
    begin: "BEGIN",
};

/// The capabilities of SQLite 3.35 and later.
pub(crate) const SQLITE: Capabilities = Capabilities {
    schemas: false,
    enums: false,
    sequences: false,
    identity: IdentityColumns::AutoIncrement,
    extensions: false,
    roles: false,
    comments: false,
    longest_name: None,
    system_columns: &[],
    system_schemas: None,
    tables_without_columns: false,
    identifier_case: IdentifierCase::Insensitive,
    alter_table: AlterTable::Rebuild,
    constraint_names: false,
    rename_index: false,
    key_of_index: false,
    renames_read_views: true,
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
    column_storage: false,
    not_null_constraints: false,
    table_typing: true,
    begin: "BEGIN IMMEDIATE",
};
