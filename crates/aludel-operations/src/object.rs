//! Objects with their whole definitions.

use aludel_schema::{
    Column, Constraint, Definition, EnumType, Extension, Index, Kind, ObjectId, QualifiedName,
    Sequence, Table,
};

/// An object with its whole definition, as CREATE and DROP need it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the variants name the kind, their fields the parts of it")]
pub enum Object {
    Schema(String),
    Extension(Extension),
    Enum(EnumType),
    Sequence(Sequence),
    /// A table with those of its columns and constraints that are part of its CREATE statement.
    Table(Box<Table>),
    Column {
        table: QualifiedName,
        column: Box<Column>,
        /// The constraints that come with it in the same statement.
        constraints: Vec<Constraint>,
    },
    Constraint {
        table: QualifiedName,
        constraint: Box<Constraint>,
    },
    Index {
        table: QualifiedName,
        index: Box<Index>,
    },
    /// An object of a kind that is data, such as a view.
    Definition(Box<Definition>),
}

impl Object {
    /// Returns the object's identity.
    pub fn id(&self) -> ObjectId {
        match self {
            Self::Schema(name) => {
                ObjectId::new(Kind::Schema, QualifiedName::unqualified(name.clone()))
            }
            Self::Extension(extension) => extension.id(),
            Self::Enum(enum_type) => enum_type.id(),
            Self::Sequence(sequence) => sequence.id(),
            Self::Table(table) => ObjectId::table(&table.name),
            Self::Column { table, column, .. } => ObjectId::column(table, column.name.as_str()),
            Self::Constraint { table, constraint } => constraint.id(table),
            Self::Index { table, index } => index.id(table),
            Self::Definition(definition) => definition.id.clone(),
        }
    }

    /// Returns the columns of a table, or the column that the object is; none for any other object.
    pub fn columns(&self) -> &[Column] {
        match self {
            Self::Table(table) => &table.columns,
            Self::Column { column, .. } => std::slice::from_ref(column),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enum(_)
            | Self::Sequence(_)
            | Self::Constraint { .. }
            | Self::Index { .. }
            | Self::Definition(_) => &[],
        }
    }

    /// Returns the kind and the name in words: `foreign key a_fkey of posts`.
    pub fn describe(&self) -> String {
        match self {
            Self::Constraint { table, constraint } => {
                format!("{} {} of {table}", constraint.noun(), constraint.label())
            }
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enum(_)
            | Self::Sequence(_)
            | Self::Table(_)
            | Self::Column { .. }
            | Self::Index { .. }
            | Self::Definition(_) => self.id().to_string(),
        }
    }
}
