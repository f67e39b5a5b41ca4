use aludel_schema::{
    Column, Constraint, EnumType, Extension, Index, QualifiedName, Sequence, SqlText, Table,
    TableOptions,
};

/// One change to a schema.
///
/// Exhaustive on purpose: a new operation has to be thought of by every dialect.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are the operands that the variants' names call for")]
pub enum Operation {
    CreateSchema {
        name: String,
    },
    DropSchema {
        name: String,
    },
    CreateExtension {
        extension: Extension,
    },
    DropExtension {
        extension: Extension,
    },

    CreateEnum {
        enum_type: EnumType,
    },
    DropEnum {
        enum_type: EnumType,
    },
    /// Adds a label before another one, or at the end.
    AddEnumLabel {
        name: QualifiedName,
        label: String,
        before: Option<String>,
        used_at_once: bool,
    },
    /// Makes a new type of the same name and moves every column of the old one to it.
    ReplaceEnum {
        from: EnumType,
        to: EnumType,
        columns: Vec<EnumColumn>,
    },

    CreateSequence {
        sequence: Sequence,
    },
    AlterSequence {
        from: Sequence,
        to: Sequence,
    },
    /// Says which column a sequence belongs to; `seed` lets it continue behind the rows' values.
    OwnSequence {
        sequence: Sequence,
        seed: bool,
    },
    DropSequence {
        sequence: Sequence,
    },
    RenameSequence {
        from: QualifiedName,
        to: QualifiedName,
    },

    /// The table with all its columns and constraints except `later`, which come on their own.
    CreateTable {
        table: Box<Table>,
        later: Vec<Constraint>,
    },
    DropTable {
        table: Box<Table>,
    },
    RenameTable {
        from: QualifiedName,
        to: QualifiedName,
    },
    AlterTableOptions {
        table: QualifiedName,
        from: TableOptions,
        to: TableOptions,
    },
    /// SQLite: a new table, the rows of the old one, and the old one's name.
    RebuildTable(Box<TableRebuild>),

    /// `fill` is what rows that are there get, where the column itself has nothing for them.
    AddColumn {
        table: QualifiedName,
        column: Column,
        fill: Option<String>,
    },
    DropColumn {
        table: QualifiedName,
        column: Column,
    },
    RenameColumn {
        table: QualifiedName,
        from: String,
        to: String,
    },
    AlterColumn {
        table: QualifiedName,
        from: Box<Column>,
        to: Box<Column>,
    },

    AddConstraint {
        table: QualifiedName,
        constraint: Constraint,
    },
    DropConstraint {
        table: QualifiedName,
        constraint: Constraint,
    },
    RenameConstraint {
        table: QualifiedName,
        from: String,
        to: String,
    },
    ValidateConstraint {
        table: QualifiedName,
        constraint: Constraint,
    },

    CreateIndex {
        table: QualifiedName,
        index: Box<Index>,
    },
    DropIndex {
        table: QualifiedName,
        index: Box<Index>,
    },
    RenameIndex {
        table: QualifiedName,
        from: String,
        to: String,
    },

    CommentOnTable {
        table: QualifiedName,
        comment: Option<String>,
    },
    CommentOnColumn {
        table: QualifiedName,
        column: String,
        comment: Option<String>,
    },
    CommentOnIndex {
        table: QualifiedName,
        index: String,
        comment: Option<String>,
    },
    CommentOnEnum {
        name: QualifiedName,
        comment: Option<String>,
    },
}

/// A column whose type is an enum that gets replaced.
#[derive(Clone, Debug)]
pub struct EnumColumn {
    /// Its table.
    pub table: QualifiedName,
    /// The column as it is; its type may be an array of the enum.
    pub column: Column,
    /// The default that it gets with the new type.
    pub default: Option<SqlText>,
}

/// A table that is copied into its new shape.
#[derive(Clone, Debug)]
pub struct TableRebuild {
    /// As it is (after renames).
    pub from: Table,
    /// As it shall be.
    pub to: Table,
    /// What rows that are there get in new columns that have nothing for them.
    pub fills: Vec<(String, String)>,
}

impl Operation {
    /// The table it works on, if it works on one.
    pub fn table(&self) -> Option<&QualifiedName> {
        match self {
            Self::CreateTable { table, .. } | Self::DropTable { table } => Some(&table.name),
            Self::RenameTable { to, .. } => Some(to),
            Self::RebuildTable(rebuild) => Some(&rebuild.to.name),
            Self::AlterTableOptions { table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::AddConstraint { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::ValidateConstraint { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::CommentOnTable { table, .. }
            | Self::CommentOnColumn { table, .. }
            | Self::CommentOnIndex { table, .. } => Some(table),
            Self::CreateSchema { .. }
            | Self::DropSchema { .. }
            | Self::CreateExtension { .. }
            | Self::DropExtension { .. }
            | Self::CreateEnum { .. }
            | Self::DropEnum { .. }
            | Self::AddEnumLabel { .. }
            | Self::ReplaceEnum { .. }
            | Self::CreateSequence { .. }
            | Self::AlterSequence { .. }
            | Self::OwnSequence { .. }
            | Self::DropSequence { .. }
            | Self::RenameSequence { .. }
            | Self::CommentOnEnum { .. } => None,
        }
    }

    /// What is lost for good when this runs, in words; `None` if nothing is.
    pub fn destroys(&self) -> Option<String> {
        match self {
            Self::DropTable { table } => Some(format!("drops table {} and its rows", table.name)),
            Self::DropColumn { table, column } if column.generated.is_none() => {
                Some(format!("drops column {table}.{} and its values", column.name))
            }
            Self::DropSchema { name } => Some(format!("drops schema {name}")),
            Self::DropExtension { extension } => {
                Some(format!("drops extension {}", extension.name))
            }
            Self::RebuildTable(rebuild) => {
                let gone: Vec<&str> = rebuild
                    .from
                    .columns
                    .iter()
                    .filter(|c| c.generated.is_none() && rebuild.to.column(&c.name).is_none())
                    .map(|column| column.name.as_str())
                    .collect();
                (!gone.is_empty()).then(|| {
                    format!(
                        "drops {} of table {} with their values",
                        gone.join(", "),
                        rebuild.to.name
                    )
                })
            }
            _ => None,
        }
    }
}
