//! Rendering for SQLite, with a module for each kind, as for PostgreSQL.

mod access;
pub(crate) mod alone;
mod clause;
mod column;
mod constraint;
pub(crate) mod definition;
pub(crate) mod effect;
mod enum_type;
mod extension;
mod index;
pub(crate) mod kinds;
pub(crate) mod last_change;
mod names;
pub(crate) mod parse;
mod reader;
mod rebuild;
mod remarks;
pub(crate) mod reserved;
mod sequence;
pub(crate) mod table;
pub(crate) mod types;

use aludel_operations::{Alter, Object, Operation};

use crate::dialect::Dialect::Sqlite;
use crate::lock::LockMode;
use crate::step::{Rendered, Step, TransactionClass, Unsupported};

/// Renders `operations` to steps, in order, one step for each operation.
pub(crate) fn steps(operations: &[Operation]) -> Result<Vec<Step>, Unsupported> {
    operations.iter().map(step).collect()
}

fn step(operation: &Operation) -> Result<Step, Unsupported> {
    let rendered = rendered(operation).ok_or_else(|| Unsupported::new(Sqlite, operation))?;
    let Rendered { statements, locks, hazards, .. } = rendered;
    Ok(Step {
        operations: vec![operation.clone()],
        statements,
        class: TransactionClass::Together,
        locks,
        hazards,
    })
}

/// Returns `None` for operations that SQLite has no statement for.
fn rendered(operation: &Operation) -> Option<Rendered> {
    let rendered = match operation {
        Operation::Create(object) => created(object)?,
        Operation::Drop(object) => dropped(object)?,
        Operation::Rename { from, to } => names::rename(from, to)?,
        Operation::Alter(alter) => altered(alter)?,
        // A column without a constant value for the existing rows is restored by a rebuild.
        Operation::Restore(restored) => column::add(&restored.table, &restored.column, &[]),
        Operation::Comment { on, .. } => names::comment(on)?,
    };
    // Every write to the schema locks the whole database.
    Some(rendered.lock(operation.object(), LockMode::Database))
}

fn created(object: &Object) -> Option<Rendered> {
    Some(match object {
        Object::Table(table) => table::create(table),
        Object::Column { table, column, constraints } => column::add(table, column, constraints),
        Object::Index { table, index } => index::create(table, index),
        Object::Definition(definition) => definition::create(definition)?,
        Object::Enum(enum_type) => enum_type::create(enum_type)?,
        Object::Sequence(sequence) => sequence::create(sequence)?,
        Object::Extension(extension) => extension::create(extension)?,
        Object::Constraint { .. } | Object::Schema(_) => return None,
    })
}

fn dropped(object: &Object) -> Option<Rendered> {
    Some(match object {
        Object::Table(table) => table::drop(table),
        Object::Column { table, column, .. } => column::drop(table, column),
        Object::Index { index, .. } => index::drop(index),
        Object::Definition(definition) => definition::drop(definition)?,
        Object::Constraint { .. }
        | Object::Schema(_)
        | Object::Extension(_)
        | Object::Enum(_)
        | Object::Sequence(_) => return None,
    })
}

fn altered(alter: &Alter) -> Option<Rendered> {
    match alter {
        Alter::Rebuild(rebuild) => Some(rebuild::render(rebuild)),
        // The first three are made by a rebuild, and SQLite does not have the objects of the
        // others.
        Alter::Move(_)
        | Alter::Column(_)
        | Alter::KeyOfIndex { .. }
        | Alter::Validate { .. }
        | Alter::TableOptions { .. }
        | Alter::IndexRoles { .. }
        | Alter::IndexSettings { .. }
        | Alter::Enforcement { .. }
        | Alter::EnumLabel { .. }
        | Alter::Extension { .. }
        | Alter::RenameLabel { .. }
        | Alter::RenameAttribute { .. }
        | Alter::Counter(_)
        | Alter::ReplaceType(_)
        | Alter::Sequence { .. }
        | Alter::SequenceOwner { .. }
        | Alter::Definition { .. } => None,
        Alter::Access { .. } => access::alter(),
    }
}
