//! The plan: its stages in order, and its result.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{AlterTable, Dialect, Hazard, HazardClass, Step};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Kind, Metadata, ObjectId};

use crate::depends::World;
use crate::hazards::first_values::{self, FirstValues};
use crate::hazards::{
    deferred, fails, fired, lost, replication, restore, row_order, stale, unfilled,
};
use crate::impossible::Impossible;
use crate::inheritance::parted::Parted;
use crate::inheritance::{inherit, stored_above, typed};
use crate::making_room::room::Room;
use crate::making_room::{in_the_way, room};
use crate::names::known_names::KnownNames;
use crate::names::{free_names, name, name_cycles, third_names};
use crate::not_nulls::{heir_names, kept_names, not_null, own_not_null, part_kept, taken};
use crate::ordering::conversions;
use crate::ordering::order::Ordered;
use crate::ordering::rename_order::ordered_renames;
use crate::ordering::row_types;
use crate::pair::Pair;
use crate::pairing::Tables;
use crate::partitions::{adopting, exchange, held_keys, partition};
use crate::privileges::access;
use crate::renaming::renames::Renamed;
use crate::renaming::view_columns;
use crate::sequences::{aside, counter, sequence};
use crate::tables::{foreign_keys, rebuild, table, toast};
use crate::types::enum_type;
use crate::types::replacement::old_name;
use crate::way::Way;
use crate::{comment, definition};

/// The result of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The differences that no operation can remove.
    pub impossible: Vec<Impossible>,
    /// The checks that rows may break, and by which all rows pass or none.
    pub first_values: Vec<FirstValues>,
    /// The names by which the author knows what ends.
    pub(crate) known: KnownNames,
}

impl Plan {
    /// Returns true if there are no differences.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.impossible.is_empty()
    }

    /// Iterates over the operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> + Clone {
        self.steps.iter().flat_map(|step| &step.operations)
    }

    /// Returns the operations in words, in order. What is dropped and made again is said to be.
    pub fn summary(&self) -> Vec<String> {
        let made = self.operations().filter(|own| matches!(own, Operation::Create(_)));
        let made: BTreeSet<ObjectId> = made.map(Operation::object).collect();
        let gone = self.operations().filter(|own| matches!(own, Operation::Drop(_)));
        let gone: BTreeSet<ObjectId> = gone.map(Operation::object).collect();
        let former: BTreeMap<ObjectId, ObjectId> = self.operations().filter_map(former).collect();
        let in_words = |operation: &Operation| {
            let id = operation.object();
            match operation {
                Operation::Drop(_) if made.contains(&id) => {
                    format!("{operation}, which is made again")
                }
                Operation::Drop(_) => match former.get(&id) {
                    Some(now) => format!("{operation}, which {} has replaced", now.name),
                    None => operation.to_string(),
                },
                Operation::Create(_) if gone.contains(&id) => format!("{operation} again"),
                Operation::Create(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => operation.to_string(),
            }
        };
        self.operations().map(in_words).collect()
    }

    /// Iterates over the statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.statements).map(String::as_str)
    }

    /// Iterates over the hazards, in the order of the steps.
    pub fn hazards(&self) -> impl Iterator<Item = &Hazard> {
        self.steps.iter().flat_map(|step| &step.hazards)
    }

    /// Creates functions without a look at their code: it names what comes later, or rests on another search
    /// path.
    pub fn leave_unread(&mut self, dialect: Dialect, functions: &BTreeSet<ObjectId>) {
        for step in &mut self.steps {
            if step.operations.iter().filter_map(written).any(|id| functions.contains(id)) {
                step.statements =
                    dialect.without_reading_code(std::mem::take(&mut step.statements));
            }
        }
    }

    /// Takes away what is said of rows that may break a check, where they do not.
    pub fn take_passed(&mut self, passed: &BTreeSet<ObjectId>) {
        let is_passed = |hazard: &Hazard| match hazard {
            Hazard::FailsOnRule { object, .. } => passed.contains(object),
            _ => false,
        };
        for step in &mut self.steps {
            step.hazards.retain(|hazard| !is_passed(hazard));
        }
    }

    /// Returns the objects whose definitions the steps write, in whole.
    pub fn written(&self) -> BTreeSet<ObjectId> {
        self.operations().filter_map(written).cloned().collect()
    }
}

/// Returns the object whose definition an operation writes, in whole.
fn written(operation: &Operation) -> Option<&ObjectId> {
    match operation {
        Operation::Create(Object::Definition(own)) => Some(&own.id),
        Operation::Alter(Alter::Definition { from, to, .. }) if from.body != to.body => {
            Some(&to.id)
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Plans the steps that turn the database side into the target side.
///
/// An object whose new name is not among the renames is dropped and created. Impossible differences
/// do not affect the steps for the other differences.
pub fn plan(renamed: &Renamed<'_>, target: &Metadata, way: Way) -> Plan {
    let database = renamed.metadata.as_ref();
    let target = own_not_null::settled(target, database, renamed.dialect);
    let sides = Pair::new(database, target.as_ref());
    let parted = Parted::of(renamed, sides, way);
    let (database, target) = (parted.database(sides.database), parted.target(sides.target));
    let parts = Pair::new(database.as_ref(), target.as_ref());
    let mut plan = planned(renamed, parts, &parted, way);
    if way == Way::Back {
        let up = Parted::of(renamed, Pair::new(sides.target, sides.database), Way::Forward);
        up.say(&mut plan.steps, sides.target);
    }
    plan
}

/// Plans the steps to a target whose constraints are said as the server has them.
fn planned(renamed: &Renamed<'_>, sides: Pair<&Metadata>, parted: &Parted, way: Way) -> Plan {
    let (dialect, target, unfollowed) = (renamed.dialect, sides.target, sides.database);
    let followed = own_not_null::kept(inherit::followed(dialect, sides, way), target, dialect, way);
    let leaving = typed::leaving(Pair::new(followed.as_ref(), target));
    let (database, aside) = aside::set(followed, target, dialect);
    let renames = renamed.operations();
    if renames.is_empty() && aside.is_empty() && database.agrees_with(target) {
        return Plan { impossible: undeclarable(target, renamed, way), ..Plan::default() };
    }
    let database = row_types::mark(database, target, &renamed.renames.renames);
    let sides = [database, Cow::Borrowed(target)].map(|side| typed::apart(side, &leaving));
    let pair = Pair::new(sides[0].as_ref(), sides[1].as_ref());
    let world = World::new(dialect, pair).with_unfollowed(unfollowed);
    let tables = Tables::compare(&world);
    let room = room::make(&world, &tables, renamed, &aside);

    let mut operations = schemas(pair, renamed);
    operations.extend(extensions(pair));
    operations.extend(renames.into_iter().chain(aside.operations()));
    operations.extend(parted.operations(pair.database));
    operations.extend(of_objects(&world, &tables, &room));
    operations.extend(typed::operations(pair, &leaving));

    view_columns::leave_views_made_again(&mut operations, pair.database);
    operations.extend(comment::compare(&world));
    let again = comment::on_checks_below(&world, &operations);
    operations.extend(again);
    operations.extend(access::compare(&world, &operations));
    look_below_domains(&world, &mut operations);

    let mut impossible = undeclarable(target, renamed, way);
    impossible.extend(unremovable(&world, &tables, &room, way));
    if dialect.capabilities().alter_table == AlterTable::Rebuild {
        operations = rebuild::instead_of_alter(dialect, operations, pair);
        impossible.extend(rebuild::losses(dialect, &operations, way));
    }
    leave_comments(dialect, &mut operations);
    adopting::keep(&world, &mut operations);
    sequence::drop_with_column(&mut operations);
    sequence::keep_without_column(&world, &mut operations);
    sequence::release_before_moves(&world, &mut operations);
    counter::pass_all(&world, &mut operations, &aside);
    exchange::number_on(&world, &mut operations);
    not_null::untangle(&world, &mut operations);
    if way == Way::Back {
        restore::fill(&world, &mut operations);
    }
    heir_names::make_way(&world, &mut operations);
    name_cycles::untangle(&world, &mut operations);
    enum_type::mark_labels_used_at_once(&world, &mut operations);
    impossible.extend(name::taken(&world, &operations));
    let (Ordered { mut operations, early, .. }, late) = in_order(&world, operations);
    impossible.extend(late);
    impossible.extend(conversions::torn(&world, &operations));
    taken::say(&world, &mut operations);
    let known = renamed.known.with_ending(&world, &operations);
    let steps = dialect.steps(&operations).unwrap_or_else(|unsupported| {
        let reason = unsupported.to_string();
        impossible.push(Impossible { object: unsupported.object, reason });
        Vec::new()
    });
    known.explain(&mut impossible);
    let plan = Plan { steps, impossible, known, ..Plan::default() };
    finished(plan, early, &world, &room, way)
}

/// Compares the objects of a schema, with the tables last.
fn of_objects(world: &World<'_>, tables: &Tables<'_>, room: &Room) -> Vec<Operation> {
    let mut operations = enum_type::compare(world);
    operations.extend(sequence::compare(world));
    operations.extend(definition::compare(world, room));
    table::leave_defaults(&mut operations, room);
    let of_tables = table::operations(tables, world, room);
    operations.extend(ordered_renames(world.dialect, world.pair, of_tables));
    let below = comment::on_columns_below(world, &operations);
    operations.extend(below);
    operations
}

/// Puts the operations in their order, with materialized views as full as they can be.
fn in_order(world: &World<'_>, operations: Vec<Operation>) -> (Ordered, Option<Impossible>) {
    free_names::in_order(world, unfilled::left_empty(world, operations))
}

/// Adds to a plan what only all of its steps show.
fn finished(
    mut plan: Plan,
    early: BTreeSet<ObjectId>,
    world: &World<'_>,
    room: &Room,
    way: Way,
) -> Plan {
    plan.leave_unread(world.dialect, &unread(early, world.pair.target));
    deferred::carry_out(&mut plan.steps, world);
    add_hazards(&mut plan.steps, world, room, way);
    plan.known.say(&mut plan.steps);
    plan.first_values = first_values::find(&plan.steps, world);
    plan
}

/// Leaves comments to the models if the database has no place for them.
fn leave_comments(dialect: Dialect, operations: &mut Vec<Operation>) {
    if !dialect.capabilities().comments {
        operations.retain(|operation| !matches!(operation, Operation::Comment { .. }));
    }
}

/// Returns the differences that no operation can remove.
fn unremovable(world: &World<'_>, tables: &Tables<'_>, room: &Room, way: Way) -> Vec<Impossible> {
    let mut impossible = Vec::new();
    impossible.extend(table::impossible(tables, world));
    impossible.extend(sequence::impossible(world));
    impossible.extend(room.impossible.iter().cloned());
    impossible.extend(definition::impossible(world, way));
    impossible.extend(partition::lost_identities(world, &tables.replaced));
    impossible.extend(own_not_null::doubled(world));
    impossible.extend(stored_above::impossible(world));
    if way == Way::Forward {
        impossible.extend(in_the_way::find(world, tables));
        impossible.extend(replication::impossible(world));
        impossible.extend(partition::exchanged(world));
        impossible.extend(held_keys::find(world, room));
        impossible.extend(toast::impossible(world));
    }
    impossible
}

/// Returns the name under which a type that is replaced goes, and its own.
fn former(operation: &Operation) -> Option<(ObjectId, ObjectId)> {
    match operation {
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let (before, id) = (replacement.from.id(), replacement.to.id());
            Some((ObjectId { name: old_name(&before.name), ..before }, id))
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    }
}

/// Returns what the target asks for and no database can have, whatever it has now.
fn undeclarable(target: &Metadata, renamed: &Renamed<'_>, way: Way) -> Vec<Impossible> {
    let mut impossible = renamed.renames.conflicts.clone();
    impossible.extend(comment::impossible(target));
    impossible.extend(typed::impossible(target).filter(|_| way == Way::Forward));
    impossible
}

/// Returns the functions that come before what their code names, and those whose code rests on another search
/// path.
fn unread(early: BTreeSet<ObjectId>, target: &Metadata) -> BTreeSet<ObjectId> {
    let on_path = target.definitions.values().filter(|own| own.rests_on_path);
    on_path.map(|own| own.id.clone()).chain(early).collect()
}

/// Adds the hazards that only the whole plan shows.
fn add_hazards(steps: &mut [Step], world: &World<'_>, room: &Room, way: Way) {
    say_what_is_remade(steps, room);
    heir_names::trust(world, steps);
    part_kept::trust(world, steps);
    fails::say(steps, world);
    foreign_keys::trust(world, steps);
    stale::say(steps, world);
    kept_names::say(steps, world);
    unfilled::say(steps, world);
    fired::say(steps, world);
    row_order::say(steps, world);
    lost::say_what_goes(steps, world);
    match way {
        Way::Forward => {
            say_what_is_dropped(steps, world);
            access::say_what_is_revoked(steps, world);
            lost::say_what_comes_last(steps, world.dialect);
        }
        Way::Back => lost::say_what_comes_empty(steps, world),
    }
    say_once(steps);
}

/// Removes what is said before: rows on which an earlier statement would have failed.
fn say_once(steps: &mut [Step]) {
    let mut said = BTreeSet::new();
    for step in steps {
        step.hazards.retain(|hazard| {
            hazard.class() != HazardClass::MayFail || said.insert(fails::rows(hazard))
        });
    }
}

/// Adds a hazard to the drop of each object that is made again, with the reason.
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

/// Notes the types below domains at the columns that change, because whether values are cut or
/// rounded is decided there.
fn look_below_domains(world: &World<'_>, operations: &mut [Operation]) {
    for operation in operations {
        if let Operation::Alter(Alter::Column(change)) = operation {
            change.from_base = world.base_type(&change.from, world.pair.database);
            change.to_base = world.base_type(&change.to, world.pair.target);
            let from = change.from_base.as_ref().unwrap_or(&change.from.sql_type);
            let to = change.to_base.as_ref().unwrap_or(&change.to.sql_type);
            change.cast = world.cast(from, to);
        }
    }
}

/// Warns of definitions that end: a dropped view takes its privileges along, and a materialized view
/// its rows. On the way back the object files still have them. An index has nothing that could be lost.
fn say_what_is_dropped(steps: &mut [Step], world: &World<'_>) {
    let operations = steps.iter().flat_map(|step| &step.operations);
    let aside: BTreeSet<ObjectId> =
        third_names::ending(world, operations).map(|(_, third)| third).collect();
    let Pair { database, target } = world.pair.map(|side| &side.definitions);
    for step in steps {
        for operation in &step.operations {
            if let Operation::Drop(Object::Definition(definition)) = operation
                && definition.id.kind != Kind::Index
                && (database.contains_key(&definition.id) || aside.contains(&definition.id))
                && !target.contains_key(&definition.id)
                && !step.hazards.iter().any(|hazard| matches!(hazard, Hazard::DropsRows { .. }))
            {
                step.hazards.push(Hazard::DropsObject { object: definition.id.clone() });
            }
        }
    }
}

fn schemas(pair: Pair<&Metadata>, renamed: &Renamed<'_>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.schemas);
    // A schema that an extension has made is not among those of its database.
    let made = |metadata: &Metadata, name: &String| {
        let mut extensions = metadata.extensions.values();
        extensions.any(|extension| extension.schema.as_ref() == Some(name))
    };
    let create = named.target.difference(named.database);
    // One that moves makes none.
    let moved = renamed.renames.renames.iter().filter(|own| own.from.kind == Kind::Extension);
    let moved: Vec<&String> = moved.filter_map(|own| own.to.schema.as_ref()).collect();
    let create = create.filter(|name| !made(pair.database, name) || moved.contains(name));
    let drop = named.database.difference(named.target);
    let drop = drop.filter(|name| !made(pair.target, name));
    create
        .map(|name| Operation::Create(Object::Schema(name.clone())))
        .chain(drop.map(|name| Operation::Drop(Object::Schema(name.clone()))))
        .collect()
}

/// Compares extensions by name only, because models need not state the schema of an existing one.
fn extensions(pair: Pair<&Metadata>) -> Vec<Operation> {
    let named = pair.map(|metadata| &metadata.extensions);
    let missing = named.target.values().filter(|e| !named.database.contains_key(&e.name));
    let gone = named.database.values().filter(|e| !named.target.contains_key(&e.name));
    let versions = named.target.values().filter_map(|target| {
        let database = named.database.get(&target.name)?;
        let from = database.version.clone().or(database.installed.clone())?;
        // A way back leads to the version that the database had.
        let before = || target.installed.clone().filter(|_| database.version.is_some());
        let to = target.version.clone().or_else(before)?;
        let extension = target.clone();
        let update =
            Operation::Alter(Alter::Extension { extension, from: from.clone(), to: to.clone() });
        (from != to).then_some(update)
    });
    missing
        .map(|extension| Operation::Create(Object::Extension(extension.clone())))
        .chain(versions)
        .chain(gone.map(|extension| Operation::Drop(Object::Extension(extension.clone()))))
        .collect()
}
