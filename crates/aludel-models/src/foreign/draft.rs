//! Tables while they are put together, and what their source does not say.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Identity, Index, IndexKey, IndexSettings,
    KeyPart, QualifiedName, SequenceOptions, Table, object_name,
};

use crate::error::ModelError;
use crate::foreign::ForeignModels;

/// Metadata that is put together, with notes and problems.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) models: ForeignModels,
    pub(crate) problems: Vec<ModelError>,
    notes: BTreeSet<String>,
}

impl Draft {
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.insert(note.into());
    }

    pub(crate) fn finish(mut self) -> Result<ForeignModels, Vec<ModelError>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        self.models.notes.extend(self.notes);
        Ok(self.models)
    }
}

/// Adds a primary key with PostgreSQL's own name.
pub(crate) fn primary_key(table: &mut Table, columns: Vec<String>) {
    if !columns.is_empty() {
        let name = object_name(&table.name.name, "", "pkey");
        let kind = ConstraintKind::primary_key(columns);
        table.constraints.push(Constraint::new(Some(name), kind));
    }
}

/// Adds a unique constraint with PostgreSQL's own name.
pub(crate) fn unique(table: &mut Table, columns: Vec<String>) {
    let name = object_name(&table.name.name, &columns.join("_"), "key");
    table.constraints.push(Constraint::new(Some(name), ConstraintKind::unique(columns)));
}

/// Adds a foreign key with PostgreSQL's own name.
pub(crate) fn foreign_key(table: &mut Table, key: ForeignKey) {
    let name = object_name(&table.name.name, &key.columns.join("_"), "fkey");
    table.constraints.push(Constraint::new(Some(name), ConstraintKind::ForeignKey(key)));
}

/// Adds an index of one column with PostgreSQL's own name.
pub(crate) fn index(table: &mut Table, column: &str) {
    table.indexes.push(Index {
        name: object_name(&table.name.name, column, "idx"),
        keys: vec![IndexKey::new(KeyPart::Column(column.to_owned()))],
        unique: false,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: None,
        settings: IndexSettings::default(),
        comment: None,
        canonical: None,
    });
}

/// Makes a column count up.
pub(crate) fn identity(column: &mut Column) {
    let options = SequenceOptions::default();
    column.identity = Some(Box::new(Identity { always: false, sequence: None, options }));
}

/// Returns true for a type that can count up.
pub(crate) fn counts(sql_type: &str) -> bool {
    matches!(sql_type, "smallint" | "integer" | "bigint")
}

/// Returns the columns of a table's primary key.
pub(crate) fn key_of(table: &Table) -> Vec<String> {
    let keys = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } => Some(columns.clone()),
        ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => None,
    });
    keys.flatten().collect()
}

/// Returns a type in the words of a dialect.
pub(crate) fn in_dialect(sql_type: &str, dialect: Dialect) -> String {
    if dialect.capabilities().schemas {
        return sql_type.to_owned();
    }
    let base = sql_type.split('(').next().unwrap_or(sql_type);
    match base {
        "smallint" | "integer" | "bigint" => "INTEGER",
        "real" | "double precision" => "REAL",
        "boolean" => "BOOLEAN",
        "bytea" | "uuid" => "BLOB",
        "numeric" => "NUMERIC",
        _ => "TEXT",
    }
    .to_owned()
}

/// Returns a name with its schema; an empty schema is none.
pub(crate) fn qualified(schema: Option<&str>, name: &str) -> QualifiedName {
    QualifiedName::new(schema.filter(|s| !s.is_empty() && *s != "public").map(str::to_owned), name)
}
