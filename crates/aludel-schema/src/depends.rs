//! The dependencies of constraints, indexes and generated columns.
//!
//! Columns that a key or a reference names are known from the metadata. The columns that an SQL
//! text reads come from a function of type [`Reads`], because this crate has no lexer.

use crate::column::Column;
use crate::constraint::{Constraint, ConstraintKind};
use crate::index::{Index, KeyPart};
use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};
use crate::sql_text::SqlText;
use crate::table::{Table, TableOptions};

/// Returns the columns of a table that an SQL text may read.
pub type Reads<'a> = dyn Fn(&SqlText, &Table) -> Vec<String> + 'a;

impl Column {
    /// Returns the column's table, and the columns from which a generated column is computed.
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

impl TableOptions {
    /// Returns the tables and the type from which a table has columns.
    pub fn depends_on(&self) -> Vec<ObjectId> {
        let of_type = self.of_type.iter();
        let of_type = of_type.map(|name| ObjectId::new(Kind::CompositeType, name.clone()));
        self.inherits.iter().map(ObjectId::table).chain(of_type).collect()
    }
}

impl Constraint {
    /// Returns the constraint's table, and the columns that it reads; for a foreign key, also the
    /// referenced table and columns.
    pub fn depends_on(&self, table: &Table, reads: &Reads<'_>) -> Vec<ObjectId> {
        let own = |name: &String| ObjectId::column(&table.name, name.as_str());
        let mut on = vec![ObjectId::table(&table.name)];
        match &self.kind {
            ConstraintKind::PrimaryKey { columns, include, .. }
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

    /// Returns the SQL text of a check or an exclusion; `None` for any other constraint.
    pub fn text(&self) -> Option<&SqlText> {
        match &self.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => Some(text),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => None,
        }
    }

    /// Returns the SQL text of a check or an exclusion, to change it; `None` for any other constraint.
    pub fn text_mut(&mut self) -> Option<&mut SqlText> {
        match &mut self.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => Some(text),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => None,
        }
    }

    /// Returns the constraint's identity.
    pub fn id(&self, table: &QualifiedName) -> ObjectId {
        ObjectId::within(Kind::Constraint, table, self.label())
    }

    /// Returns true if the constraint has an index, which bears its name.
    pub fn has_index(&self) -> bool {
        match self.kind {
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => true,
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => false,
        }
    }

    /// Returns the columns of a primary key or unique constraint, sorted; `None` for any other
    /// constraint.
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
    /// Returns the index's table, and the columns that it contains or reads.
    pub fn depends_on(&self, table: &Table, reads: &Reads<'_>) -> Vec<ObjectId> {
        let mut on = vec![ObjectId::table(&table.name)];
        on.extend(self.columns().map(|name| ObjectId::column(&table.name, name)));
        for text in self.expressions() {
            on.extend(reads(text, table).into_iter().map(|n| ObjectId::column(&table.name, n)));
        }
        on
    }

    /// Returns the index's identity.
    pub fn id(&self, table: &QualifiedName) -> ObjectId {
        ObjectId::within(Kind::Index, table, self.name.as_str())
    }

    /// Returns the columns of a unique index over columns alone, sorted; `None` for any other index.
    pub fn key_columns(&self) -> Option<Vec<String>> {
        let columns = self.keys.iter().map(|key| match &key.part {
            KeyPart::Column(name) => Some(name.clone()),
            KeyPart::Expression(_) => None,
        });
        let mut columns = columns.collect::<Option<Vec<String>>>()?;
        columns.sort();
        (self.unique && self.predicate.is_none()).then_some(columns)
    }
}
