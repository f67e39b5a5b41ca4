//! Rendering for PostgreSQL, with a module for each kind.

mod access;
pub(crate) mod alone;
pub(crate) mod clause;
mod column;
mod constraint;
mod definition;
pub(crate) mod effect;
mod enum_type;
mod extension;
pub(crate) mod index;
pub(crate) mod kinds;
mod names;
pub(crate) mod reserved;
pub(crate) mod retype;
pub(crate) mod sequence;
mod shared;
mod table;
pub(crate) mod types;

use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{ObjectId, QualifiedName, ReplicaIdentity};

use crate::dialect::Dialect::Postgres as PG;
use crate::step::{Rendered, Step, TransactionClass, Unsupported, add_lock};

/// Renders `operations` to steps, in order. Adjacent changes of one table become one ALTER TABLE.
pub(crate) fn steps(operations: &[Operation]) -> Result<Vec<Step>, Unsupported> {
    let mut steps = Steps::default();
    for operation in operations {
        steps.add(operation, rendered(operation)?);
    }
    steps.close();
    Ok(steps.done)
}

fn rendered(operation: &Operation) -> Result<Rendered, Unsupported> {
    let rendered = match operation {
        Operation::Create(object) => created(object),
        Operation::Drop(object) => dropped(object),
        Operation::Rename { from, to } => names::rename(from, to),
        Operation::Alter(alter) => altered(alter),
        Operation::Restore(restored) => Some(column::restore(restored)),
        Operation::Comment { on, comment } => names::comment(on, comment.as_deref()),
    };
    rendered.ok_or_else(|| Unsupported::new(PG, operation))
}

fn created(object: &Object) -> Option<Rendered> {
    Some(match object {
        Object::Schema(name) => Rendered::statement(format!("CREATE SCHEMA {}", PG.quote(name))),
        Object::Extension(extension) => extension::create(extension),
        Object::Enum(enum_type) => Rendered::statement(enum_type::create(enum_type)),
        Object::Sequence(sequence) => Rendered::statement(sequence::create(sequence)),
        Object::Table(table) => table::create(table),
        Object::Column { table, column, .. } => column::add(table, column),
        Object::Constraint { table, constraint } => constraint::add(table, constraint),
        Object::Index { table, index } => index::create(table, index),
        Object::Definition(definition) => definition::create(definition)?,
    })
}

fn dropped(object: &Object) -> Option<Rendered> {
    Some(match object {
        Object::Schema(name) => table::drop_container("SCHEMA", &PG.quote(name), object.id()),
        Object::Extension(extension) => {
            table::drop_container("EXTENSION", &PG.quote(&extension.name), object.id())
        }
        Object::Enum(enum_type) => {
            Rendered::statement(format!("DROP TYPE {}", PG.quote_name(&enum_type.name)))
        }
        Object::Sequence(sequence) => sequence::drop(sequence),
        Object::Table(table) => table::drop(table),
        Object::Column { table, column, .. } => column::drop(table, column),
        Object::Constraint { table, constraint } => constraint::drop(table, constraint),
        Object::Index { table, index } => index::drop(table, index),
        Object::Definition(definition) => definition::drop(definition)?,
    })
}

/// Returns `None` for changes that PostgreSQL does not need.
fn altered(alter: &Alter) -> Option<Rendered> {
    Some(match alter {
        Alter::Move(moves) if moves.from.name.name != moves.to.name => {
            names::rename(&moves.from, &moves.to.name)?
        }
        Alter::Move(moves) => names::set_schema(moves)?,
        Alter::EnumLabel { name, label, before, used_at_once } => {
            enum_type::add_label(name, label, before.as_deref(), *used_at_once)
        }
        Alter::RenameLabel { of, from, to } => enum_type::rename_label(&of.name, from, to),
        Alter::RenameAttribute { of, from, to, typed } => {
            names::rename_attribute(&of.name, from, to, typed)
        }
        Alter::ReplaceType(replacement) => enum_type::replace(replacement)?,
        Alter::Extension { extension, from, to } => extension::update(extension, from, to),
        Alter::Sequence { from, to } => sequence::alter(from, to),
        Alter::SequenceOwner { sequence, seed, .. } => sequence::own(sequence, *seed),
        Alter::Counter(counter) => sequence::take_over(counter),
        Alter::TableOptions { table, from, to } => table::options(table, from, to),
        Alter::IndexRoles { table, from, to } => index::roles(table, from, to),
        Alter::IndexSettings { table, index, from, to } => {
            index::settings(&table.sibling(index.as_str()), &alter.object(), from, to)
        }
        // ALTER TABLE can make all changes in place.
        Alter::Rebuild(_) => return None,
        Alter::Column(change) => column::alter(change),
        Alter::KeyOfIndex { table, constraint } => constraint::of_index(table, constraint),
        Alter::Validate { table, constraint } => constraint::validate(table, constraint),
        Alter::Enforcement { table, from, to } => constraint::enforce(table, from, to),
        Alter::Access { on, from, to } => access::alter(on, from, to)?,
        Alter::Definition { from, to, used_by, typed, fills } => {
            definition::alter([from, to], used_by, typed, fills)?
        }
    })
}

/// The steps so far. The last one may still be extended by clauses.
#[derive(Default)]
struct Steps {
    done: Vec<Step>,
    open: Option<OpenAlter>,
}

/// An ALTER TABLE that may be extended by clauses.
struct OpenAlter {
    table: QualifiedName,
    clauses: Vec<String>,
    /// The columns that it adds. Another clause of the same statement can't change them.
    added: BTreeSet<ObjectId>,
    step: Step,
}

impl Steps {
    fn add(&mut self, operation: &Operation, rendered: Rendered) {
        let Rendered { statements, clauses, alone, locks, hazards } = rendered;
        let class = if alone { TransactionClass::Alone } else { TransactionClass::Together };
        let table = operation.table().filter(|_| !clauses.is_empty());
        // PostgreSQL checks the foreign keys of a table before it changes the logging, and before it
        // carries out the other clauses of the statement.
        let changes_logging = matches!(
            operation,
            Operation::Alter(Alter::TableOptions { from, to, .. }) if from.unlogged != to.unlogged
        );
        // It drops NOT NULL before it takes the role from the index over the column.
        let ends_identity = matches!(
            operation,
            Operation::Alter(Alter::IndexRoles { from, to, .. })
                if matches!(from.replica_identity, ReplicaIdentity::Index(_))
                    && from.replica_identity != to.replica_identity
        );
        let is_apart = changes_logging || ends_identity;
        let joins = statements.is_empty()
            && !is_apart
            && self.open.as_ref().is_some_and(|open| {
                Some(&open.table) == table.as_ref() && !open.added.contains(&operation.object())
            });
        if !joins {
            self.close();
        }
        let new = || Step {
            operations: Vec::new(),
            statements: Vec::new(),
            class,
            locks: Default::default(),
            hazards: Vec::new(),
        };
        let mut own = None;
        let step = match table {
            Some(table) => {
                let open = self.open.get_or_insert_with(|| OpenAlter {
                    table,
                    clauses: Vec::new(),
                    added: BTreeSet::new(),
                    step: new(),
                });
                open.clauses.extend(clauses);
                if matches!(operation, Operation::Create(Object::Column { .. })) {
                    open.added.insert(operation.object());
                }
                &mut open.step
            }
            None => own.insert(new()),
        };
        step.operations.push(operation.clone());
        step.statements.extend(statements);
        locks.into_iter().for_each(|(object, mode)| add_lock(&mut step.locks, object, mode));
        step.hazards.extend(hazards);
        if let Some(mut step) = own {
            step.add_blocking();
            self.done.push(step);
        }
        if is_apart {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(OpenAlter { table, clauses, mut step, .. }) = self.open.take() {
            step.statements.push(clause::alter_table(&table, &clauses));
            step.add_blocking();
            self.done.push(step);
        }
    }
}
