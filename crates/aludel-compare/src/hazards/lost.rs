//! The losses of a plan besides rows and columns: values of the attributes of a type, counters, and
//! what was NULL.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Hazard, Step};
use aludel_operations::{Alter, ColumnChange, Object, Operation, TypeReplacement};
use aludel_schema::{
    Clause, Column, Definition, Kind, ObjectId, QualifiedName, Sequence, Table, object_name,
};

use crate::depends::World;
use crate::hazards::replication;
use crate::inheritance::inherit;

/// Adds a hazard for each attribute, each counter and each NULL that goes.
pub(crate) fn say_what_goes(steps: &mut [Step], world: &World<'_>) {
    let (handed_over, dialect) = (handed_over(steps), world.dialect);
    add(steps, |operation| match operation {
        Operation::Alter(Alter::Column(change)) => {
            let nulls = replaced_nulls(&change.table, &change.from, &change.to);
            let counter = identity_that_goes(change, world);
            let counter = counter.filter(|sequence| !handed_over.contains(sequence));
            let counter = counter.map(|sequence| Hazard::DropsCounter { sequence });
            nulls.into_iter().chain(counter).collect()
        }
        Operation::Alter(Alter::Rebuild(rebuild)) => {
            let name = &rebuild.to.name;
            let columns = rebuild.to.columns.iter().filter_map(|to| {
                let from = rebuild.from.column(&to.name)?;
                replaced_nulls(name, from, to)
            });
            let forgets = is_counted(&rebuild.from) && !is_counted(&rebuild.to);
            let counter = forgets.then(|| Hazard::ForgetsCounter { table: name.clone() });
            columns.chain(counter).collect()
        }
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            dropped_attributes(from, to, dialect).into_iter().collect()
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let types = reshaped(replacement);
            types.and_then(|(from, to)| dropped_attributes(from, to, dialect)).into_iter().collect()
        }
        Operation::Drop(Object::Sequence(Sequence { name, .. })) if !handed_over.contains(name) => {
            vec![Hazard::DropsCounter { sequence: name.clone() }]
        }
        Operation::Drop(Object::Table(table)) => leaves_publications(world, &table.name),
        Operation::Drop(Object::Definition(own)) if own.id.kind == Kind::Partition => {
            leaves_publications(world, &own.id.name)
        }
        Operation::Drop(Object::Column { table, column, .. }) => {
            computed_no_longer(table, column, world).into_iter().collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    });
}

/// Returns true if the database counts the rows of a table that were ever there.
fn is_counted(table: &Table) -> bool {
    table.columns.iter().any(|column| column.identity.is_some())
}

/// Adds a hazard for each new attribute that is declared before others.
pub(crate) fn say_what_comes_last(steps: &mut [Step], dialect: Dialect) {
    add(steps, |operation| match operation {
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            moved_attributes(from, to, dialect).into_iter().collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    });
}

/// Returns the hazard of a column that forbids NULL and has a default for the rows with NULL.
fn replaced_nulls(table: &QualifiedName, from: &Column, to: &Column) -> Option<Hazard> {
    let is_allowed = |column: &Column| column.nullable || column.may_still_be_null();
    let is_filled = is_allowed(from) && !is_allowed(to);
    let default = to.default.as_ref().filter(|_| is_filled)?;
    let column = ObjectId::column(table, to.name.as_str());
    Some(Hazard::ReplacesNulls { column, by: default.written.clone() })
}

/// Returns the hazard of a column that was computed on read and becomes one with values of its own, which
/// is a new column without any.
fn computed_no_longer(table: &QualifiedName, column: &Column, world: &World<'_>) -> Option<Hazard> {
    let after = world.pair.target.tables.get(table)?.column(&column.name)?;
    let is_lost = column.generated.is_some() && after.generated.is_none();
    let columns = vec![ObjectId::column(table, column.name.as_str())];
    is_lost.then_some(Hazard::DropsValues { columns })
}

/// Returns the sequence behind an identity column that becomes a plain one.
fn identity_that_goes(change: &ColumnChange, world: &World<'_>) -> Option<QualifiedName> {
    let identity = change.from.identity.as_ref().filter(|_| change.to.identity.is_none())?;
    let table = world.pair.target.tables.get(&change.table)?;
    let stays = table.column(&change.to.name).is_none_or(|column| column.identity.is_some());
    let usual = || table.name.sibling(object_name(&table.name.name, &change.to.name, "seq"));
    let said = identity.sequence.as_ref().map(|name| QualifiedName::parse(name));
    (!stays).then(|| said.unwrap_or_else(usual))
}

/// Adds a hazard for each attribute and each counter that comes again without what it had.
pub(crate) fn say_what_comes_empty(steps: &mut [Step], world: &World<'_>) {
    let handed_over = handed_over(steps);
    let created = steps.iter().flat_map(|step| &step.operations);
    let created = created.filter(|operation| matches!(operation, Operation::Create(_)));
    let made: BTreeSet<ObjectId> = created.map(Operation::object).collect();
    let is_lost = |sequence: &Sequence| {
        !handed_over.contains(&sequence.name) && is_of_old_rows(sequence, world)
    };
    add(steps, |operation| match operation {
        Operation::Alter(Alter::Column(change)) => {
            let is_plain = change.from.generated.is_some() && change.to.generated.is_none();
            let column = ObjectId::column(&change.table, change.to.name.as_str());
            is_plain.then_some(Hazard::KeepsComputed { column }).into_iter().collect()
        }
        Operation::Alter(Alter::Definition { from, to, .. }) => {
            attributes_again(from, to, world.dialect)
        }
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let types = reshaped(replacement);
            types.map(|(from, to)| empty_attributes(from, to, world.dialect)).unwrap_or_default()
        }
        Operation::Alter(Alter::TableOptions { table, from, to }) => {
            let new = to.inherits.iter().filter(|parent| !from.inherits.contains(parent));
            let kept = new.filter(|parent| inherit::keeps_as_own(world, table, parent));
            let (table, kept) = (table.clone(), kept.cloned());
            kept.map(|from| Hazard::KeepsAsOwn { table: table.clone(), from }).collect()
        }
        Operation::Create(Object::Table(table)) => is_not_published(world, &table.name, &made),
        Operation::Create(Object::Definition(own)) if own.id.kind == Kind::Partition => {
            is_not_published(world, &own.id.name, &made)
        }
        Operation::Create(Object::Sequence(sequence)) if is_lost(sequence) => {
            vec![Hazard::LostCounter { sequence: sequence.name.clone() }]
        }
        Operation::Alter(Alter::Rebuild(rebuild)) => {
            let is_again = is_counted(&rebuild.to) && !is_counted(&rebuild.from);
            let table = rebuild.to.name.clone();
            is_again.then_some(Hazard::ForgetsCounter { table }).into_iter().collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Vec::new(),
    });
}

/// Returns what the server takes a table that goes out of, without a word of any file.
fn leaves_publications(world: &World<'_>, table: &QualifiedName) -> Vec<Hazard> {
    let publications = replication::listing(world, world.pair.database, table);
    let ids = publications.map(|own| own.id.clone());
    ids.map(|publication| Hazard::LeavesPublication { table: table.clone(), publication }).collect()
}

/// Returns what a table that comes again is not put into. `made` are the objects that the plan makes.
fn is_not_published(
    world: &World<'_>,
    table: &QualifiedName,
    made: &BTreeSet<ObjectId>,
) -> Vec<Hazard> {
    let publications = replication::listing(world, world.pair.target, table);
    let ids = publications.map(|own| own.id.clone()).filter(|id| !made.contains(id));
    ids.map(|publication| Hazard::NotPublished { table: table.clone(), publication }).collect()
}

fn add(steps: &mut [Step], hazards: impl Fn(&Operation) -> Vec<Hazard>) {
    for step in steps {
        step.hazards.extend(step.operations.iter().flat_map(&hazards));
    }
}

/// Returns the sequences whose counter passes to another one, or comes from it.
fn handed_over(steps: &[Step]) -> BTreeSet<QualifiedName> {
    let operations = steps.iter().flat_map(|step| &step.operations);
    let counters = operations.filter_map(|operation| match operation {
        Operation::Alter(Alter::Counter(counter)) => Some([&counter.from, &counter.to]),
        _ => None,
    });
    counters.flatten().cloned().collect()
}

/// Returns false if a new sequence comes with its column, whose rows get new numbers.
fn is_of_old_rows(sequence: &Sequence, world: &World<'_>) -> bool {
    sequence.owned_by.as_ref().is_none_or(|owner| {
        let table = world.pair.database.tables.get(&owner.table);
        table.is_some_and(|table| table.column(&owner.column).is_some())
    })
}

/// Returns a composite type that is made again under its columns, before and after.
fn reshaped(replacement: &TypeReplacement) -> Option<(&Definition, &Definition)> {
    match (&replacement.from, &replacement.to) {
        (Object::Definition(from), Object::Definition(to)) => {
            (!replacement.attributes.is_empty()).then_some((from, to))
        }
        _ => None,
    }
}

/// Returns the hazard of attributes that go.
fn dropped_attributes(from: &Definition, to: &Definition, dialect: Dialect) -> Option<Hazard> {
    let (of, attributes) = (to.id.clone(), names(&only_in(from, to, dialect)));
    (!attributes.is_empty()).then_some(Hazard::DropsAttributes { of, attributes })
}

/// Returns the hazards of attributes that come again where ALTER adds them, behind the others.
fn attributes_again(from: &Definition, to: &Definition, dialect: Dialect) -> Vec<Hazard> {
    let mut found = empty_attributes(from, to, dialect);
    found.extend(moved_attributes(from, to, dialect));
    found
}

/// Returns the hazards of attributes that come again without their values.
fn empty_attributes(from: &Definition, to: &Definition, dialect: Dialect) -> Vec<Hazard> {
    let new = only_in(to, from, dialect);
    let of = &to.id.name;
    let empty = |name: &String| Hazard::LostValues { column: ObjectId::column(of, name.as_str()) };
    names(&new).iter().map(empty).collect()
}

/// Returns the hazard of new attributes that are declared before others.
fn moved_attributes(from: &Definition, to: &Definition, dialect: Dialect) -> Option<Hazard> {
    let new = only_in(to, from, dialect);
    let mut moved = with_values(to, dialect);
    let last_old = moved.iter().rposition(|part| !new.contains(part)).unwrap_or_default();
    moved.truncate(last_old);
    moved.retain(|part| new.contains(part));
    let (of, attributes) = (to.id.clone(), names(&moved));
    (!attributes.is_empty()).then_some(Hazard::MovesAttributes { of, attributes })
}

/// Returns the parts of a definition that rows have values of, and that another one lacks.
fn only_in<'d>(one: &'d Definition, other: &Definition, dialect: Dialect) -> Vec<&'d Clause> {
    let mut parts = with_values(one, dialect);
    parts.retain(|part| !other.clauses.iter().any(|own| own.is_same_part(part)));
    parts
}

fn with_values(definition: &Definition, dialect: Dialect) -> Vec<&Clause> {
    let Some(facts) = dialect.kind_facts(definition.id.kind) else { return Vec::new() };
    let has_values = |word: &str| facts.clause(word).is_some_and(|facts| facts.has_values);
    definition.clauses.iter().filter(|clause| has_values(&clause.word)).collect()
}

fn names(parts: &[&Clause]) -> Vec<String> {
    parts.iter().filter_map(|part| part.name.clone()).collect()
}
