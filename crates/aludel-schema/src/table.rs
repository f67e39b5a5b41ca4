//! Tables.

use crate::column::Column;
use crate::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::index::Index;
use crate::name::QualifiedName;
use crate::parameters::Parameters;
use crate::sql_text::SqlText;

/// A table with its columns, constraints and indexes.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name of the table.
    pub name: QualifiedName,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The constraints, in order.
    pub constraints: Vec<Constraint>,
    /// The indexes other than those of constraints.
    pub indexes: Vec<Index>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The former name of the table, if the models declare a rename.
    pub renamed_from: Option<String>,
    /// The options outside the parentheses of CREATE TABLE.
    pub options: TableOptions,
    /// PostgreSQL: the indexes that have a part in the whole table.
    pub roles: IndexRoles,
    /// SQLite: the clauses of its CREATE TABLE statement that metadata can't represent and that a
    /// rebuild would lose.
    pub unsaid: Vec<String>,
}

/// The options outside the parentheses of CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// PostgreSQL: true if the table is `UNLOGGED`, and so empty after a crash.
    pub unlogged: bool,
    /// PostgreSQL: the storage parameters.
    pub with: Parameters,
    /// PostgreSQL: the partition key, such as `RANGE (created_at)`.
    pub partition_by: Option<SqlText>,
    /// PostgreSQL: the tables from which the table inherits columns and checks, in order.
    pub inherits: Vec<QualifiedName>,
    /// PostgreSQL: the composite type that gives the table its columns (`OF`).
    pub of_type: Option<QualifiedName>,
    /// PostgreSQL: the tablespace, if it is not that of the database.
    pub tablespace: Option<String>,
    /// PostgreSQL: the access method, if it is not `heap`.
    pub access_method: Option<String>,
    /// PostgreSQL: true if policies limit the rows that a role sees.
    pub row_security: bool,
    /// PostgreSQL: true if policies apply to the owner of the table too.
    pub force_row_security: bool,
    /// SQLite: true if the table is `STRICT`, so that column types are enforced.
    pub strict: bool,
    /// SQLite: true if the table is `WITHOUT ROWID`, so that rows are stored by primary key.
    pub without_rowid: bool,
}

/// The indexes that have a part in a whole table. The index of a constraint counts too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexRoles {
    /// The way in which logical replication identifies a row.
    pub replica_identity: ReplicaIdentity,
    /// The index by which CLUSTER sorts the rows.
    pub clustered_on: Option<String>,
}

/// The way in which logical replication identifies a row that is updated or deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// By the primary key.
    #[default]
    PrimaryKey,
    /// By all columns.
    Full,
    /// Not at all.
    Nothing,
    /// By the columns of a unique index.
    Index(String),
}

impl Table {
    /// Returns the sequences behind its identity columns.
    pub fn counters(&self) -> impl Iterator<Item = QualifiedName> {
        self.columns.iter().filter_map(|column| column.identity_sequence(&self.name))
    }

    /// Creates a table without columns.
    pub fn new(name: QualifiedName) -> Self {
        Self {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            renamed_from: None,
            options: TableOptions::default(),
            roles: IndexRoles::default(),
            unsaid: Vec::new(),
        }
    }

    /// Returns the column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Returns the index of that name.
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Returns the columns of the primary key; empty if there is none.
    pub fn primary_key(&self) -> &[String] {
        self.constraints
            .iter()
            .find_map(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns, .. } => Some(columns.as_slice()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Iterates over the foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
        self.constraints.iter().filter_map(|c| c.foreign_key().map(|key| (c, key)))
    }
}
