use crate::{Column, Constraint, ConstraintKind, ForeignKey, Index, Parameters, QualifiedName};

/// A table with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: QualifiedName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its constraints, in order.
    pub constraints: Vec<Constraint>,
    /// Its indexes other than those of constraints.
    pub indexes: Vec<Index>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The name that it had before, if the models say so.
    pub renamed_from: Option<String>,
    /// What stands outside the parentheses of CREATE TABLE.
    pub options: TableOptions,
    /// SQLite: triggers that a rebuild of the table has to restore. Never compared.
    pub triggers: Vec<Trigger>,
    /// SQLite: clauses of its text that metadata has no place for, and that a rebuild would lose.
    pub unsaid: Vec<String>,
}

/// What stands outside the parentheses of CREATE TABLE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// PostgreSQL: not written to the log, empty after a crash.
    pub unlogged: bool,
    /// PostgreSQL: storage parameters.
    pub with: Parameters,
    /// PostgreSQL: `RANGE (created_at)`.
    pub partition_by: Option<String>,
    /// SQLite: column types are enforced.
    pub strict: bool,
    /// SQLite: stored by its primary key.
    pub without_rowid: bool,
}

/// A trigger, by its whole definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// The CREATE TRIGGER statement.
    pub sql: String,
}

impl Table {
    /// An empty table.
    pub fn new(name: QualifiedName) -> Self {
        Self {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            renamed_from: None,
            options: TableOptions::default(),
            triggers: Vec::new(),
            unsaid: Vec::new(),
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The index of that name.
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// The primary key's columns; empty without one.
    pub fn primary_key(&self) -> &[String] {
        self.constraints
            .iter()
            .find_map(|constraint| match &constraint.kind {
                ConstraintKind::PrimaryKey { columns, .. } => Some(columns.as_slice()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Its foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
        self.constraints.iter().filter_map(|c| c.foreign_key().map(|key| (c, key)))
    }
}
