//! A line of English for each operation, as the commands `check` and `revision` print it.

use std::fmt;

use aludel_schema::{Column, IndexRoles, NotNull, QualifiedName};

use crate::object::Object;
use crate::operation::{Alter, Move, Operation, TypeReplacement};

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(object) => write!(f, "{}", created(object)),
            Self::Drop(object) => write!(f, "drop {}", object.describe()),
            Self::Rename { from, to } => write!(f, "rename {from} to {to}"),
            Self::Alter(alter) => alter.fmt(f),
            Self::Restore(restored) => {
                write!(f, "add column {}.{}", restored.table, restored.column.name)
            }
            Self::Comment { on, .. } => write!(f, "change the comment on {on}"),
        }
    }
}

/// Describes the creation of an object. Parts of a table are added to it, all other objects are
/// created.
fn created(object: &Object) -> String {
    match object {
        Object::Column { .. } => format!("add {}", object.describe()),
        Object::Constraint { table, constraint } => {
            format!("add {} {} to {table}", constraint.noun(), constraint.label())
        }
        Object::Index { table, index } => format!("create index {} on {table}", index.name),
        Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_)
        | Object::Table(_)
        | Object::Definition(_) => format!("create {}", object.describe()),
    }
}

impl fmt::Display for Alter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move(Move { from, to, .. }) if from.name.name != to.name => {
                write!(f, "rename {from} to {}", to.name)
            }
            Self::Move(moves) => write!(f, "move {} to schema {}", moves.from, moves.schema),
            Self::EnumLabel { name, label, .. } => write!(f, "add label '{label}' to enum {name}"),
            Self::RenameLabel { of, from, to } => {
                write!(f, "rename label '{from}' of {of} to '{to}'")
            }
            Self::RenameAttribute { of, from, to, .. } => {
                write!(f, "rename attribute {from} of {of} to {to}")
            }
            Self::ReplaceType(replacement) => f.write_str(&replaced(replacement)),
            Self::Extension { extension, from, to } => {
                write!(f, "update {} from version {from} to {to}", extension.id())
            }
            Self::Sequence { .. } => write!(f, "alter {}", self.object()),
            Self::SequenceOwner { sequence, .. } => write!(f, "set the owner of {}", sequence.id()),
            Self::Counter(counter) => {
                write!(f, "continue {} where {} stands", self.object(), counter.from)
            }
            Self::TableOptions { table, .. } => write!(f, "alter the options of table {table}"),
            Self::IndexRoles { table, from, to } => f.write_str(&chosen(table, from, to)),
            Self::IndexSettings { .. } => write!(f, "alter {}", self.object()),
            Self::Rebuild(rebuild) => write!(f, "rebuild table {}", rebuild.to.name),
            Self::Column(change) => {
                write!(f, "alter {}: {}", self.object(), column_changes(&change.from, &change.to))
            }
            Self::KeyOfIndex { table, constraint } => {
                write!(
                    f,
                    "make index {0} of {table} the {1} {0}",
                    constraint.label(),
                    constraint.noun()
                )
            }
            Self::Validate { table, constraint } => {
                write!(f, "validate {} {} of {table}", constraint.noun(), constraint.label())
            }
            Self::Enforcement { table, to, .. } => {
                write!(f, "alter {} {} of {table}", to.noun(), to.label())
            }
            Self::Definition { from, to, .. } if from.body != to.body => {
                write!(f, "replace {}", to.id)
            }
            Self::Definition { to, .. } => write!(f, "alter {}", to.id),
            Self::Access { on, from, to } if from.owner != to.owner => {
                write!(f, "change the owner and the privileges of {on}")
            }
            Self::Access { on, .. } => write!(f, "change the privileges of {on}"),
        }
    }
}

fn chosen(table: &QualifiedName, from: &IndexRoles, to: &IndexRoles) -> String {
    let mut changes = Vec::new();
    if from.replica_identity != to.replica_identity {
        changes.push("the replica identity");
    }
    if from.clustered_on != to.clustered_on {
        changes.push("the order of CLUSTER");
    }
    format!("set {} of table {table}", changes.join(" and "))
}

fn replaced(replacement: &TypeReplacement) -> String {
    match (&replacement.from, &replacement.to) {
        (Object::Enum(from), Object::Enum(to)) => format!(
            "change the labels of enum {} from ({}) to ({})",
            to.name,
            from.labels.join(", "),
            to.labels.join(", ")
        ),
        (from, to) if from.id().kind != to.id().kind => {
            format!("replace {} by {}", from.describe(), to.describe())
        }
        (_, to) => format!("replace {}", to.describe()),
    }
}

fn column_changes(from: &Column, to: &Column) -> String {
    let mut changes = Vec::new();
    if from.sql_type != to.sql_type {
        changes.push(format!("type {} to {}", from.sql_type, to.sql_type));
    }
    if from.collation != to.collation {
        changes.push(match (&from.collation, &to.collation) {
            (Some(from), Some(to)) => format!("collation {from} to {to}"),
            (None, Some(to)) => format!("collation {to}"),
            (_, None) => "the usual collation".to_owned(),
        });
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
    let not_null = |column: &Column| {
        let own = column.not_null.as_deref().cloned().unwrap_or_default();
        NotNull { unsaid: false, ..own }
    };
    if not_null(from) != not_null(to) && from.nullable == to.nullable {
        changes.push("NOT NULL constraint".to_owned());
    }
    if from.storage != to.storage {
        changes.push("storage and statistics".to_owned());
    }
    changes.join(", ")
}
