use aludel_dialect::{AlterTable, Hazard, Step};
use aludel_operations::{Object, Operation};
use aludel_schema::{Metadata, ObjectId};

use crate::depends::World;
use crate::pair::Pair;
use crate::renames::Renamed;
use crate::room::Room;
use crate::table::Tables;
use crate::{definition, enum_type, name, order, rebuild, restore, room, sequence};

/// What has to be done, in order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// Differences that no operation can take away.
    pub impossible: Vec<Impossible>,
}

/// A difference that no operation can take away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The object that differs.
    pub object: ObjectId,
    /// What differs, and what to do about it.
    pub reason: String,
}

/// Which way a plan leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To what the models say. A missing value is the author's to decide.
    Forward,
    /// Back to where the database was. A column that comes back gets an empty value in rows that
    /// are there, so that a downgrade works on tables with rows.
    Back,
}

impl Plan {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.impossible.is_empty()
    }

    /// The operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.steps.iter().flat_map(|step| &step.operations)
    }

    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.statements).map(String::as_str)
    }

    /// The hazards, in the order of the steps.
    pub fn hazards(&self) -> impl Iterator<Item = &Hazard> {
        self.steps.iter().flat_map(|step| &step.hazards)
    }
}

/// The steps that turn the database side into the target side.
///
/// What the renames do not say is a drop and a create. A plan with impossible differences has the
/// steps for all the others.
pub fn plan(renamed: &Renamed<'_>, target: &Metadata, way: Way) -> Plan {
    let dialect = renamed.dialect;
    let pair = Pair::new(renamed.metadata.as_ref(), target);
    let world = World::new(dialect, pair);
    let tables = Tables::compare(&world);
    let room = room::make(&world, &tables, renamed);

    let mut operations = schemas(pair);
    operations.extend(extensions(pair));
    operations.extend(renamed.operations());
    operations.extend(enum_type::compare(&world));
    operations.extend(sequence::compare(pair));
    operations.extend(definition::compare(&world, &room));
    operations.extend(tables.operations(&world, &room));

    let mut impossible = renamed.renames.conflicts.clone();
    impossible.extend(tables.impossible(&world));
    impossible.extend(room.impossible.iter().cloned());
    if dialect.capabilities().alter_table == AlterTable::Rebuild {
        operations = rebuild::instead_of_alter(dialect, operations, pair);
        impossible.extend(rebuild::losses(&operations));
    }
    if !dialect.capabilities().comments {
        // Comments stay in the models.
        operations.retain(|operation| !matches!(operation, Operation::Comment { .. }));
    }
    sequence::drop_with_column(&mut operations);
    if way == Way::Back {
        restore::fill(dialect, &mut operations, target);
    }
    enum_type::mark_labels_used_at_once(&world, &mut operations);
    impossible.extend(name::taken(&operations, pair));
    let operations = order::ordered(&world, operations);
    match dialect.steps(&operations) {
        Ok(mut steps) => {
            say_what_is_remade(&mut steps, &room);
            Plan { steps, impossible }
        }
        Err(unsupported) => {
            let (object, reason) = (unsupported.object.clone(), unsupported.to_string());
            impossible.push(Impossible { object, reason });
            Plan { steps: Vec::new(), impossible }
        }
    }
}

/// A reviewer reads at the drop why something is made again.
fn say_what_is_remade(steps: &mut [Step], room: &Room) {
    for step in steps {
        for operation in &step.operations {
            if let Operation::Drop(object) = operation
                && let Some((object, because)) = room.remade.get_key_value(&object.id())
            {
                let (object, because) = (object.clone(), because.clone());
                step.hazards.push(Hazard::Remakes { object, because });
            }
        }
    }
}

fn schemas(pair: Pair<&Metadata>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.schemas);
    let create = named.target.difference(named.database);
    let drop = named.database.difference(named.target);
    create
        .map(|name| Operation::Create(Object::Schema(name.clone())))
        .chain(drop.map(|name| Operation::Drop(Object::Schema(name.clone()))))
        .collect()
}

/// Extensions by name only: the models need not say the schema of one that is there.
fn extensions(pair: Pair<&Metadata>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.extensions);
    let missing = named.target.values().filter(|e| !named.database.contains_key(&e.name));
    let gone = named.database.values().filter(|e| !named.target.contains_key(&e.name));
    missing
        .map(|extension| Operation::Create(Object::Extension(extension.clone())))
        .chain(gone.map(|extension| Operation::Drop(Object::Extension(extension.clone()))))
        .collect()
}
