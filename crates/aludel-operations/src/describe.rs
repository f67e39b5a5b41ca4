//! One line of English for each operation, as `check` and `revision` print them.

use std::fmt;

use aludel_schema::Column;

use crate::Operation;

impl fmt::Display for Operation {
    #[expect(clippy::too_many_lines, reason = "one line for each operation")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateSchema { name } => write!(f, "create schema {name}"),
            Self::DropSchema { name } => write!(f, "drop schema {name}"),
            Self::CreateExtension { extension } => write!(f, "create extension {}", extension.name),
            Self::DropExtension { extension } => write!(f, "drop extension {}", extension.name),
            Self::CreateEnum { enum_type } => write!(f, "create enum {}", enum_type.name),
            Self::DropEnum { enum_type } => write!(f, "drop enum {}", enum_type.name),
            Self::AddEnumLabel { name, label, .. } => {
                write!(f, "add label '{label}' to enum {name}")
            }
            Self::ReplaceEnum { from, to, .. } => write!(
                f,
                "change the labels of enum {} from ({}) to ({})",
                to.name,
                from.labels.join(", "),
                to.labels.join(", ")
            ),
            Self::CreateSequence { sequence } => write!(f, "create sequence {}", sequence.name),
            Self::AlterSequence { to, .. } => write!(f, "alter sequence {}", to.name),
            Self::OwnSequence { sequence, .. } => {
                write!(f, "set the owner of sequence {}", sequence.name)
            }
            Self::DropSequence { sequence } => write!(f, "drop sequence {}", sequence.name),
            Self::RenameSequence { from, to } => write!(f, "rename sequence {from} to {to}"),
            Self::CreateTable { table, .. } => write!(f, "create table {}", table.name),
            Self::DropTable { table } => write!(f, "drop table {}", table.name),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::AlterTableOptions { table, .. } => {
                write!(f, "alter the options of table {table}")
            }
            Self::RebuildTable(rebuild) => write!(f, "rebuild table {}", rebuild.to.name),
            Self::AddColumn { table, column, .. } => {
                write!(f, "add column {table}.{}", column.name)
            }
            Self::DropColumn { table, column } => write!(f, "drop column {table}.{}", column.name),
            Self::RenameColumn { table, from, to } => {
                write!(f, "rename column {table}.{from} to {to}")
            }
            Self::AlterColumn { table, from, to } => {
                write!(f, "alter column {table}.{}: {}", to.name, column_changes(from, to))
            }
            Self::AddConstraint { table, constraint } => {
                write!(f, "add {} {} to {table}", constraint.noun(), constraint.label())
            }
            Self::DropConstraint { table, constraint } => {
                write!(f, "drop {} {} of {table}", constraint.noun(), constraint.label())
            }
            Self::RenameConstraint { table, from, to } => {
                write!(f, "rename constraint {from} of {table} to {to}")
            }
            Self::ValidateConstraint { table, constraint } => {
                write!(f, "validate {} {} of {table}", constraint.noun(), constraint.label())
            }
            Self::CreateIndex { table, index } => {
                write!(f, "create index {} on {table}", index.name)
            }
            Self::DropIndex { table, index } => write!(f, "drop index {} of {table}", index.name),
            Self::RenameIndex { table, from, to } => {
                write!(f, "rename index {from} of {table} to {to}")
            }
            Self::CommentOnTable { table, .. } => write!(f, "change the comment on table {table}"),
            Self::CommentOnColumn { table, column, .. } => {
                write!(f, "change the comment on column {table}.{column}")
            }
            Self::CommentOnIndex { index, .. } => write!(f, "change the comment on index {index}"),
            Self::CommentOnEnum { name, .. } => write!(f, "change the comment on enum {name}"),
        }
    }
}

fn column_changes(from: &Column, to: &Column) -> String {
    let mut changes = Vec::new();
    if from.sql_type != to.sql_type || from.collation != to.collation {
        changes.push(format!("type {} to {}", from.sql_type, to.sql_type));
    }
    if from.nullable != to.nullable {
        changes.push(if to.nullable { "allow NULL" } else { "forbid NULL" }.to_owned());
    }
    if from.default != to.default {
        changes.push(match (&from.default, &to.default) {
            (Some(from), Some(to)) => format!("default {from} to {to}"),
            (None, Some(to)) => format!("default {to}"),
            (_, None) => "no default".to_owned(),
        });
    }
    if from.identity != to.identity {
        changes.push("identity".to_owned());
    }
    if from.generated != to.generated {
        changes.push("generation expression".to_owned());
    }
    changes.join(", ")
}
