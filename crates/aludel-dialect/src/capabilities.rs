/// What a database can do. Data, so that a relative of PostgreSQL is a profile and not a fork.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Objects live in schemas.
    pub schemas: bool,
    /// `CREATE TYPE … AS ENUM`; without it an enum is text with a check.
    pub enums: bool,
    /// `COMMENT ON`; without it comments stay in the models.
    pub comments: bool,
    /// Columns and constraints can be altered in place; without it a table is rebuilt.
    pub alter_table: bool,
    /// Every constraint has a name, given or chosen by the server.
    pub constraint_names: bool,
    /// Expressions can be spelt by the server (`pg_get_expr`); without it tokens are compared.
    pub canonical_expressions: bool,
    /// Foreign keys need an existing table to refer to.
    pub foreign_keys_need_target: bool,
    /// Access methods for indexes.
    pub index_methods: bool,
    /// A lock of the application's own keeps other runners away; without it they meet at BEGIN.
    pub advisory_locks: bool,
    /// What begins a transaction that writes.
    pub begin: &'static str,
}

/// PostgreSQL 13 and later.
pub(crate) const POSTGRES: Capabilities = Capabilities {
    schemas: true,
    enums: true,
    comments: true,
    alter_table: true,
    constraint_names: true,
    canonical_expressions: true,
    foreign_keys_need_target: true,
    index_methods: true,
    advisory_locks: true,
    begin: "BEGIN",
};

/// SQLite 3.35 and later.
pub(crate) const SQLITE: Capabilities = Capabilities {
    schemas: false,
    enums: false,
    comments: false,
    alter_table: false,
    constraint_names: false,
    canonical_expressions: false,
    foreign_keys_need_target: false,
    index_methods: false,
    advisory_locks: false,
    begin: "BEGIN IMMEDIATE",
};
