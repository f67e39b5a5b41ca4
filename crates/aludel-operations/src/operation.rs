//! Operations: the changes to a schema, by verb.

use aludel_schema::{
    Belongings, CastContext, Column, Constraint, Definition, Extension, IndexRoles, IndexSettings,
    Kind, ObjectId, OwnerColumn, QualifiedName, Sequence, SequenceOptions, SqlText, Table,
    TableOptions,
};

use crate::object::Object;

/// A change to a schema.
///
/// The enum is exhaustive on purpose: a new operation does not compile until every dialect handles
/// it.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Creates an object.
    Create(Object),
    /// Drops an object, whose former definition it contains.
    Drop(Object),
    /// Gives an object another name, in the same schema or table.
    #[expect(missing_docs, reason = "named by the variant")]
    Rename { from: ObjectId, to: String },
    /// Changes an object in place.
    Alter(Alter),
    /// Adds a dropped column again. Its values are not restored.
    Restore(RestoredColumn),
    /// Sets or removes a comment.
    #[expect(missing_docs, reason = "named by the variant")]
    Comment { on: ObjectId, comment: Option<String> },
}

/// An object that gets another schema; or another name in its schema, if one of both names states the
/// schema and the other one does not.
#[derive(Clone, Debug)]
pub struct Move {
    /// The object in its old schema.
    pub from: ObjectId,
    /// The new name.
    pub to: QualifiedName,
    /// The new schema, which `to` leaves out if it is the default one.
    pub schema: String,
    /// The indexes and sequences of a table, which move with it, in the old schema.
    pub along: Vec<ObjectId>,
}

impl Move {
    /// Returns the identity of an object that moves, in the new schema.
    pub fn moved(&self, id: &ObjectId) -> ObjectId {
        let name = match *id == self.from {
            true => self.to.clone(),
            false => self.to.sibling(id.name.name.as_str()),
        };
        let table = id.table.as_ref().map(|_| self.to.clone());
        ObjectId { name, table, ..id.clone() }
    }
}

/// A change in place, by kind of object.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the operands that the variants' names call for")]
pub enum Alter {
    /// Moves an object to another schema.
    Move(Move),
    /// Adds a label to an enum type, before another label or at the end.
    EnumLabel {
        name: QualifiedName,
        label: String,
        before: Option<String>,
        /// True if the same plan uses the label, so that the label has to be committed before the
        /// rest.
        used_at_once: bool,
    },
    /// Gives a label of an enum type, or of the column that holds it as a text, another name; values
    /// follow.
    RenameLabel {
        of: ObjectId,
        from: String,
        to: String,
    },
    /// Gives an attribute of a composite type another name; values and what reads them follow.
    RenameAttribute {
        of: ObjectId,
        from: String,
        to: String,
        /// The tables whose columns are the attributes of the type.
        typed: Vec<QualifiedName>,
    },
    /// Creates a new type of the same name and moves every column of the old type to it.
    ReplaceType(Box<TypeReplacement>),
    Sequence {
        from: Box<Sequence>,
        to: Box<Sequence>,
    },
    /// Sets the column that a sequence belongs to. With `seed`, the sequence continues after the
    /// values of the existing rows.
    SequenceOwner {
        sequence: Box<Sequence>,
        /// The column that the sequence belongs to before.
        from: Option<OwnerColumn>,
        seed: bool,
    },
    /// Makes a sequence continue where another one stands, which is dropped afterwards.
    Counter(Counter),
    /// Brings an extension from the installed version to the one that is asked for.
    Extension {
        extension: Extension,
        from: String,
        to: String,
    },
    TableOptions {
        table: QualifiedName,
        from: Box<TableOptions>,
        to: Box<TableOptions>,
    },
    /// Chooses the indexes that have a part in a whole table.
    IndexRoles {
        table: QualifiedName,
        from: Box<IndexRoles>,
        to: Box<IndexRoles>,
    },
    /// Changes the settings of an index, which may be that of a constraint of the same name.
    IndexSettings {
        table: QualifiedName,
        index: String,
        from: Box<IndexSettings>,
        to: Box<IndexSettings>,
    },
    /// Makes a unique index the index of a primary key or unique constraint of the same name and columns.
    KeyOfIndex {
        table: QualifiedName,
        constraint: Box<Constraint>,
    },
    /// Copies a table into its new shape, for changes that ALTER TABLE can't make.
    Rebuild(Box<TableRebuild>),
    Column(ColumnChange),
    /// Changes whether and when a foreign key is enforced.
    Enforcement {
        table: QualifiedName,
        from: Box<Constraint>,
        to: Box<Constraint>,
    },
    /// Checks the existing rows against a constraint that is `NOT VALID`.
    Validate {
        table: QualifiedName,
        constraint: Box<Constraint>,
    },
    /// Changes the owner and the privileges of an object. A new owner is named; of what it was granted
    /// before, `from` has what outlasts that.
    Access {
        on: ObjectId,
        from: Box<Belongings>,
        to: Box<Belongings>,
    },
    /// Changes an object of a kind that is data, by CREATE OR REPLACE or clause by clause.
    Definition {
        from: Box<Definition>,
        to: Box<Definition>,
        /// The tables with columns of the type, if the object is a type.
        used_by: Vec<QualifiedName>,
        /// The tables whose columns are the attributes of the type.
        typed: Vec<QualifiedName>,
        /// The values that rows of a partition get in columns that are to have no NULL, and have only that.
        fills: Vec<ColumnFill>,
    },
}

/// A sequence that takes over the counter of another one.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The column that the sequence that continues numbers, if there is one. It continues behind the values
    /// of the column, too.
    pub column: Option<OwnerColumn>,
    /// The sequence with the counter.
    pub from: QualifiedName,
    /// The sequence that continues.
    pub to: QualifiedName,
    /// True if the sequence that continues is the one behind the column, which is an identity.
    pub to_identity: bool,
    /// The options of the sequence with the counter, with its bounds in any case.
    pub before: SequenceOptions,
    /// The options of the sequence that continues, with its bounds in any case.
    pub after: SequenceOptions,
    /// The type of the column.
    pub data_type: String,
}

/// A change to a column in place.
#[derive(Clone, Debug)]
pub struct ColumnChange {
    /// The table of the column.
    pub table: QualifiedName,
    /// The column before the change.
    pub from: Box<Column>,
    /// The column after the change.
    pub to: Box<Column>,
    /// The type below the domain that the column is of before the change; `None` for no domain.
    pub from_base: Option<SqlText>,
    /// The type below the domain that the column is of after the change; `None` for no domain.
    pub to_base: Option<SqlText>,
    /// The context of the server's own cast between the two types, if it is known to have one.
    pub cast: Option<CastContext>,
    /// True if a new identity begins behind the values of the existing rows; false if it takes over
    /// a counter, in a step of its own.
    pub seed: bool,
    /// True if other sequences belong to the column, beside the one of its identity.
    pub has_others: bool,
}

impl ColumnChange {
    /// Creates the change of a column that is of no domain, changes by no cast of the server, and has no
    /// sequence but that of its identity, which begins behind the values.
    pub fn new(table: QualifiedName, from: Column, to: Column) -> Self {
        Self {
            table,
            from: Box::new(from),
            to: Box::new(to),
            from_base: None,
            to_base: None,
            cast: None,
            seed: true,
            has_others: false,
        }
    }
}

/// A column that a downgrade adds again.
#[derive(Clone, Debug)]
pub struct RestoredColumn {
    /// The table of the column.
    pub table: QualifiedName,
    /// The column to add.
    pub column: Box<Column>,
    /// The value for existing rows, as an SQL expression.
    pub fill: String,
    /// True if columns of other tables hold rows of the table, so that the column is added before it
    /// gets the value.
    pub in_steps: bool,
}

/// The replacement of a type by another one of the same name.
#[derive(Clone, Debug)]
pub struct TypeReplacement {
    /// The type before the change.
    pub from: Object,
    /// The type after the change.
    pub to: Object,
    /// The type below a domain and those that it is over, before the change.
    pub from_base: Option<SqlText>,
    /// The same after the change.
    pub to_base: Option<SqlText>,
    /// The columns that move to the new type.
    pub columns: Vec<TypeColumn>,
    /// The attributes of a new composite type, if the values pass on one by one; otherwise none.
    pub attributes: Vec<AttributeChange>,
}

/// An attribute of a composite type that is replaced, with what its values come from.
#[derive(Clone, Debug)]
pub struct AttributeChange {
    /// The name, which is the same before and after.
    pub name: String,
    /// The type before the change; `None` for a new attribute.
    pub from: Option<SqlText>,
    /// The type after the change.
    pub to: SqlText,
    /// The type below the domain that the attribute is of before the change; `None` for no domain.
    pub from_base: Option<SqlText>,
    /// The same after the change.
    pub to_base: Option<SqlText>,
    /// The context of the server's own cast between the two types, if it is known to have one.
    pub cast: Option<CastContext>,
}

/// A column whose type is replaced.
#[derive(Clone, Debug)]
pub struct TypeColumn {
    /// The table of the column.
    pub table: QualifiedName,
    /// The column before the change. Its type may be an array of the replaced type.
    pub column: Column,
    /// The default of the column with the new type.
    pub default: Option<SqlText>,
    /// The values of the column with the new type, if the models say them.
    pub using: Option<String>,
}

/// A table that is copied into its new shape.
#[derive(Clone, Debug)]
pub struct TableRebuild {
    /// The table before the change, but after renames.
    pub from: Table,
    /// The table after the change.
    pub to: Table,
    /// The name of the new table until the old one is gone.
    pub temporary: String,
    /// The values for existing rows in new columns that have no default.
    pub fills: Vec<ColumnFill>,
    /// The labels that get other names, in order.
    pub labels: Vec<LabelValue>,
    /// The triggers of the table that stay. They go with the old table and have to be made again.
    pub triggers: Vec<Definition>,
}

/// A label that a column holds as a text, under both of its names.
#[derive(Clone, Debug)]
pub struct LabelValue {
    /// The column's name.
    pub column: String,
    /// The label before the change.
    pub from: String,
    /// The label after the change.
    pub to: String,
}

/// A value for a column in existing rows.
#[derive(Clone, Debug)]
pub struct ColumnFill {
    /// The column's name.
    pub column: String,
    /// The value, as an SQL expression.
    pub value: String,
}

impl Operation {
    /// Returns the object that the operation affects; for a rename, under its old name.
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

    /// Returns the table that the operation affects, under its new name; `None` if there is none.
    pub fn table(&self) -> Option<QualifiedName> {
        match self {
            Self::Rename { from, to } if from.kind == Kind::Table => Some(from.name.sibling(to)),
            Self::Alter(Alter::Move(moves)) if moves.from.kind == Kind::Table => {
                Some(moves.to.clone())
            }
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
    /// Returns the object that changes.
    pub fn object(&self) -> ObjectId {
        match self {
            Self::Move(moves) => moves.from.clone(),
            Self::EnumLabel { name, .. } => ObjectId::new(Kind::Enum, name.clone()),
            Self::RenameLabel { of, .. } | Self::RenameAttribute { of, .. } => of.clone(),
            Self::ReplaceType(replacement) => replacement.to.id(),
            Self::Extension { extension, .. } => extension.id(),
            Self::Sequence { to: sequence, .. } | Self::SequenceOwner { sequence, .. } => {
                sequence.id()
            }
            Self::TableOptions { table, .. } | Self::IndexRoles { table, .. } => {
                ObjectId::table(table)
            }
            Self::IndexSettings { table, index, .. } => {
                ObjectId::within(Kind::Index, table, index.as_str())
            }
            Self::Counter(Counter { column: Some(column), to_identity: true, .. }) => column.id(),
            Self::Counter(counter) => ObjectId::new(Kind::Sequence, counter.to.clone()),
            Self::Rebuild(rebuild) => ObjectId::table(&rebuild.to.name),
            Self::Column(change) => ObjectId::column(&change.table, change.to.name.as_str()),
            Self::KeyOfIndex { table, constraint }
            | Self::Validate { table, constraint }
            | Self::Enforcement { table, to: constraint, .. } => constraint.id(table),
            Self::Definition { to, .. } => to.id.clone(),
            Self::Access { on, .. } => on.clone(),
        }
    }
}

impl TypeReplacement {
    /// Returns the labels of the old enum type that the new one lacks.
    pub fn lost_labels(&self) -> Vec<&str> {
        match (&self.from, &self.to) {
            (Object::Enum(from), Object::Enum(to)) => {
                let lost = from.labels.iter().filter(|label| !to.labels.contains(label));
                lost.map(String::as_str).collect()
            }
            // Only enum types have labels.
            _ => Vec::new(),
        }
    }

    /// Returns the expression of the models for the values of a column. It matters only where a label goes.
    pub fn conversion<'c>(&self, moved: &'c TypeColumn) -> Option<&'c str> {
        moved.using.as_deref().filter(|_| !self.lost_labels().is_empty())
    }
}
