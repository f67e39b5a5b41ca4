//! Extensions of the database that the models do not declare although something of theirs needs them.
//!
//! Such an extension belongs to the database, as its roles do: it stays. One that nothing needs is dropped like
//! anything else that the models do not have.

use std::collections::BTreeSet;

use aludel_driver::{Connection, DriverError};
use aludel_schema::{Column, ConstraintKind, Definition, Metadata, QualifiedName, Table};

use super::DatabaseSide;
use super::schema::ScratchSchema;
use crate::postgres::{self, Needing, stand_in_prefix};

/// Returns true if the database has an extension that the target lacks.
pub(super) fn are_there(live: &Metadata, target: &Metadata) -> bool {
    live.extensions.keys().any(|name| !target.extensions.contains_key(name))
}

/// Returns the extensions that objects of a scratch need.
pub(super) async fn needed_in(
    connection: &Connection<'_>,
    schema: &ScratchSchema,
) -> Result<BTreeSet<String>, DriverError> {
    let stand_in = stand_in_prefix(&schema.name);
    let is_there = |own: &Needing| {
        let schema_of = object(own).and_then(|name| name.schema);
        schema_of.is_some_and(|own| own == schema.name || own.starts_with(&stand_in))
            || own.names.first().is_some_and(|name| name.starts_with("pg_temp"))
    };
    let needing = postgres::needing(connection).await?.into_iter();
    Ok(needing.filter(is_there).map(|own| own.extension).collect())
}

/// Gives the target the extensions that it needs and does not declare: those that the scratch has shown, those of
/// what stays as it is, and those that one of these needs.
pub(super) async fn keep(
    connection: &Connection<'_>,
    sides: DatabaseSide<'_>,
    target: &mut Metadata,
    shown: BTreeSet<String>,
    default_schema: &str,
) -> Result<(), DriverError> {
    let mut needed = shown;
    let rests = |own: &Needing| stays(own, sides, target, default_schema);
    let needing = postgres::needing(connection).await?.into_iter();
    needed.extend(needing.filter(rests).map(|own| own.extension));
    loop {
        let known = needed.len();
        let requires = needed.iter().filter_map(|name| sides.live.extensions.get(name));
        let requires: Vec<String> = requires.flat_map(|own| own.requires.clone()).collect();
        needed.extend(requires);
        if needed.len() == known {
            break;
        }
    }
    for extension in needed.iter().filter_map(|name| sides.live.extensions.get(name)) {
        if !target.extensions.contains_key(&extension.name) {
            target.left_alone.insert(extension.id());
            target.extensions.insert(extension.name.clone(), extension.clone());
        }
    }
    Ok(())
}

/// Returns the name of the object, or of the table that it is a part of.
fn object(own: &Needing) -> Option<QualifiedName> {
    match own.names.as_slice() {
        [name] => Some(QualifiedName::parse(name)),
        [schema, name, ..] => Some(QualifiedName::new(Some(schema.clone()), name.as_str())),
        [] => None,
    }
}

/// Returns true if the target has the object as the database has it. An object that no metadata has stays, and so
/// does one that gets another name.
fn stays(own: &Needing, sides: DatabaseSide<'_>, target: &Metadata, default_schema: &str) -> bool {
    let Some(name) = object(own).map(|name| name.short(Some(default_schema))) else { return true };
    let part = own.names.get(2);
    let definitions = sides.live.definitions.values();
    let mut before = definitions.filter(|own| match &own.id.table {
        None => own.id.name == name,
        Some(table) => *table == name && part == Some(&own.id.name.name),
    });
    if let Some(first) = before.next() {
        return std::iter::once(first)
            .chain(before)
            .any(|own| definition_stays(own, sides, target));
    }
    let (table, part) = match part {
        Some(part) => (sides.live.tables.get(&name), part),
        // An index is beside its table.
        None => {
            let mut tables = sides.live.tables.values();
            let has_it =
                |own: &&Table| own.name.schema == name.schema && own.index(&name.name).is_some();
            (tables.find(has_it), &name.name)
        }
    };
    let Some(table) = table else { return true };
    match target.tables.get(&table.name) {
        Some(after) => part_stays(part, table, after),
        None => !sides.renamed.tables.contains_key(&table.name),
    }
}

fn definition_stays(own: &Definition, sides: DatabaseSide<'_>, target: &Metadata) -> bool {
    match target.definitions.get(&own.id) {
        Some(after) => own.body == after.body && own.clauses == after.clauses,
        None => !sides.renamed.definitions.contains_key(&own.id),
    }
}

/// Returns true if a part of a table stays as it is: a column, a constraint or an index. One that no metadata has
/// stays.
fn part_stays(name: &str, before: &Table, after: &Table) -> bool {
    if let Some(index) = before.index(name) {
        return after.index(name).is_some_and(|own| own.same_definition(index));
    }
    let constraint = |table: &Table| -> Option<ConstraintKind> {
        let mut all = table.constraints.iter();
        all.find(|own| own.name.as_deref() == Some(name)).map(|own| own.kind.clone())
    };
    if let Some(own) = constraint(before) {
        return constraint(after) == Some(own);
    }
    let same = |one: &Column, other: &Column| {
        let [one_text, other_text] =
            [one, other].map(|own| own.generated.as_ref().map(|own| &own.expression));
        one.sql_type == other.sql_type && one.default == other.default && one_text == other_text
    };
    match before.column(name) {
        Some(column) => after.column(name).is_some_and(|own| same(own, column)),
        None => true,
    }
}
