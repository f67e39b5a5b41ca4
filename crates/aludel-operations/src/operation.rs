use aludel_schema::{
    Column, Constraint, Definition, Kind, ObjectId, QualifiedName, Sequence, SqlText, Table,
    TableOptions,
};

use crate::Object;

/// One change to a schema.
///
/// The enum is exhaustive on purpose: every dialect has to think of a new operation.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Makes an object.
    Create(Object),
    /// Drops an object; the definition is what it was.
    Drop(Object),
    /// Gives an object another name, in the same schema or table.
    #[expect(missing_docs, reason = "named by the variant")]
    Rename { from: ObjectId, to: String },
    /// Changes an object in place.
    Alter(Alter),
    /// Brings back a column whose values are gone.
    Restore(RestoredColumn),
    /// Sets or removes a comment.
    #[expect(missing_docs, reason = "named by the variant")]
    Comment { on: ObjectId, comment: Option<String> },
}

/// A change in place, by kind.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the operands that the variants' names call for")]
pub enum Alter {
    /// Adds a label to an enum type, before another one or at the end.
    EnumLabel {
        name: QualifiedName,
        label: String,
        before: Option<String>,
        /// The same plan uses the label, so that it has to be committed before the rest.
        used_at_once: bool,
    },
    /// Makes a new type of the same name and moves every column of the old one to it.
    ReplaceType(Box<TypeReplacement>),
    Sequence {
        from: Box<Sequence>,
        to: Box<Sequence>,
    },
    /// Says which column a sequence belongs to; `seed` lets it continue behind the rows' values.
    SequenceOwner {
        sequence: Box<Sequence>,
        seed: bool,
    },
    TableOptions {
        table: QualifiedName,
        from: Box<TableOptions>,
        to: Box<TableOptions>,
    },
    /// Copies a table into its new shape, where ALTER TABLE can't change it.
    Rebuild(Box<TableRebuild>),
    Column(ColumnChange),
    /// Has the rows of a constraint that is NOT VALID checked.
    Validate {
        table: QualifiedName,
        constraint: Box<Constraint>,
    },
    /// Changes an object of a kind that is data, by CREATE OR REPLACE or clause by clause.
    Definition {
        from: Box<Definition>,
        to: Box<Definition>,
        /// The tables with columns of the type, if it is one.
        used_by: Vec<QualifiedName>,
    },
}

/// A column that changes in place.
#[derive(Clone, Debug)]
pub struct ColumnChange {
    /// Its table.
    pub table: QualifiedName,
    /// As it is.
    pub from: Box<Column>,
    /// As it shall be.
    pub to: Box<Column>,
}

/// A column that a downgrade adds again.
#[derive(Clone, Debug)]
pub struct RestoredColumn {
    /// Its table.
    pub table: QualifiedName,
    /// The column.
    pub column: Box<Column>,
    /// What the rows that are there get: an expression of SQL.
    pub fill: String,
}

/// A type that is replaced by another one of the same name.
#[derive(Clone, Debug)]
pub struct TypeReplacement {
    /// As it is.
    pub from: Object,
    /// As it shall be.
    pub to: Object,
    /// The columns that move to the new type.
    pub columns: Vec<TypeColumn>,
}

/// A column whose type is replaced.
#[derive(Clone, Debug)]
pub struct TypeColumn {
    /// Its table.
    pub table: QualifiedName,
    /// The column as it is; its type may be an array of the one that is replaced.
    pub column: Column,
    /// The default that it gets with the new type.
    pub default: Option<SqlText>,
}

/// A table that is copied into its new shape.
#[derive(Clone, Debug)]
pub struct TableRebuild {
    /// As it is, after renames.
    pub from: Table,
    /// As it shall be.
    pub to: Table,
    /// What rows that are there get in new columns that have nothing for them.
    pub fills: Vec<ColumnFill>,
}

/// A value for a column that has none.
#[derive(Clone, Debug)]
pub struct ColumnFill {
    /// The column's name.
    pub column: String,
    /// An expression of SQL.
    pub value: String,
}

impl Operation {
    /// The object that the operation is about; of a rename, under its old name.
    pub fn object(&self) -> ObjectId {
        match self {
            Self::Create(object) | Self::Drop(object) => object.id(),
            Self::Rename { from, .. } => from.clone(),
            Self::Alter(alter) => alter.object(),
            Self::Restore(restored) => {
                ObjectId::column(&restored.table, restored.column.name.as_str())
            }
            Self::Comment { on, .. } => on.clone(),
        }
    }

    /// The table that the operation works on, under its new name; `None` if it works on none.
    pub fn table(&self) -> Option<QualifiedName> {
        match self {
            Self::Rename { from, to } if from.kind == Kind::Table => Some(from.name.sibling(to)),
            Self::Create(_)
            | Self::Drop(_)
            | Self::Rename { .. }
            | Self::Alter(_)
            | Self::Restore(_)
            | Self::Comment { .. } => self.object().table_name().cloned(),
        }
    }
}

impl Alter {
    /// The object that changes.
    pub fn object(&self) -> ObjectId {
        match self {
            Self::EnumLabel { name, .. } => ObjectId::new(Kind::Enum, name.clone()),
            Self::ReplaceType(replacement) => replacement.to.id(),
            Self::Sequence { to: sequence, .. } | Self::SequenceOwner { sequence, .. } => {
                sequence.id()
            }
            Self::TableOptions { table, .. } => ObjectId::table(table),
            Self::Rebuild(rebuild) => ObjectId::table(&rebuild.to.name),
            Self::Column(change) => ObjectId::column(&change.table, change.to.name.as_str()),
            Self::Validate { table, constraint } => constraint.id(table),
            Self::Definition { to, .. } => to.id.clone(),
        }
    }
}

impl TypeReplacement {
    /// The labels of an enum type that the new one does not have.
    pub fn lost_labels(&self) -> Vec<&str> {
        match (&self.from, &self.to) {
            (Object::Enum(from), Object::Enum(to)) => {
                let lost = from.labels.iter().filter(|label| !to.labels.contains(label));
                lost.map(String::as_str).collect()
            }
            // Only an enum type has labels.
            _ => Vec::new(),
        }
    }
}
