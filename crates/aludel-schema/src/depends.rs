//! What the objects of a table rest on.
//!
//! The names that stand in columns, keys and references are known; the columns that an SQL text
//! reads are told by whoever has a lexer for it.

use crate::{
    Column, Constraint, ConstraintKind, Index, Kind, ObjectId, QualifiedName, SqlText, Table,
};

/// Tells which columns of a table an SQL text may read.
pub type Reads<'a> = dyn Fn(&SqlText, &Table) -> Vec<String> + 'a;

impl Column {
    /// The columns that a generated column is computed from, and its table.
    pub fn depends_on(&self, table: &Table, reads: &Reads<'_>) -> Vec<ObjectId> {
        let mut on = vec![ObjectId::table(&table.name)];
        if let Some(generated) = &self.generated {
            let read = reads(&generated.expression, table);
            let read = read.into_iter().filter(|name| *name != self.name);
            on.extend(read.map(|name| ObjectId::column(&table.name, name)));
        }
        on
    }
}

impl Constraint {
    /// The columns that the constraint looks at, on both ends of a foreign key, and its table.
    pub fn depends_on(&self, table: &Table, reads: &Reads<'_>) -> Vec<ObjectId> {
        let own = |name: &String| ObjectId::column(&table.name, name.as_str());
        let mut on = vec![ObjectId::table(&table.name)];
        match &self.kind {
            ConstraintKind::PrimaryKey { columns, include }
            | ConstraintKind::Unique { columns, include, .. } => {
                on.extend(columns.iter().chain(include).map(own));
            }
            ConstraintKind::ForeignKey(key) => {
                on.extend(key.columns.iter().map(own));
                on.push(ObjectId::table(&key.references));
                let there = key.referenced_columns.iter();
                on.extend(there.map(|name| ObjectId::column(&key.references, name.as_str())));
            }
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => {
                on.extend(reads(text, table).iter().map(own));
            }
        }
        on
    }

    /// The constraint's identity in its table.
    pub fn id(&self, table: &QualifiedName) -> ObjectId {
        ObjectId::within(Kind::Constraint, table, self.label())
    }

    /// Whether the constraint keeps an index of its own name.
    pub fn has_index(&self) -> bool {
        match self.kind {
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => true,
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => false,
        }
    }

    /// The columns that it makes unique, sorted; `None` if it makes none so.
    pub fn key_columns(&self) -> Option<Vec<String>> {
        match &self.kind {
            ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                let mut columns = columns.clone();
                columns.sort();
                Some(columns)
            }
            ConstraintKind::ForeignKey(_)
            | ConstraintKind::Check { .. }
            | ConstraintKind::Exclusion { .. } => None,
        }
    }
}

impl Index {
    /// The columns that the index holds or reads, and its table.
    pub fn depends_on(&self, table: &Table, reads: &Reads<'_>) -> Vec<ObjectId> {
        let mut on = vec![ObjectId::table(&table.name)];
        on.extend(self.columns().map(|name| ObjectId::column(&table.name, name)));
        for text in self.expressions() {
            on.extend(reads(text, table).into_iter().map(|n| ObjectId::column(&table.name, n)));
        }
        on
    }

    /// The index's identity in its table.
    pub fn id(&self, table: &QualifiedName) -> ObjectId {
        ObjectId::within(Kind::Index, table, self.name.as_str())
    }

    /// The columns that it makes unique, sorted; `None` if it makes none so.
    pub fn key_columns(&self) -> Option<Vec<String>> {
        let mut columns: Vec<String> = self.columns().map(str::to_owned).collect();
        columns.sort();
        self.unique.then_some(columns)
    }
}
