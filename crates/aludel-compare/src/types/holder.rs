//! Holders: the tables that hold values of a type.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Column, Definition, Kind, ObjectId, QualifiedName, Table};

use crate::depends::World;

/// Returns a table of the database side that holds values of a type and stays, in whatever form: in a column,
/// in an array, in a value of another type, or as its rows.
pub(crate) fn holder(world: &World<'_>, of: &Definition) -> Option<QualifiedName> {
    let over = types_over(world, of);
    let holds = |column: &Column| {
        let own = world.type_of(column);
        over.iter().any(|other| Some(&other.id) == own)
    };
    let mut tables = world.pair.database.tables.values();
    let holder = tables.find(|table| lasting(world, table).any(holds));
    let holder = holder.map(|table| table.name.clone());
    let stays = |name: &QualifiedName| world.pair.target.tables.contains_key(name);
    holder.or_else(|| typed_tables(world, of).into_iter().find(stays))
}

/// Iterates over the columns of a table of the database side that stay. The others go before what they
/// rest on changes.
pub(crate) fn lasting<'t>(
    world: &World<'t>,
    table: &'t Table,
) -> impl Iterator<Item = &'t Column> + use<'t> {
    let target = world.pair.target.tables.get(&table.name);
    let stays = move |own: &&Column| target.is_some_and(|to| to.column(&own.name).is_some());
    table.columns.iter().filter(stays)
}

/// Returns true if an operation gives up values of a type.
pub(crate) fn gives_up_values(operation: &Operation) -> bool {
    match operation {
        Operation::Drop(Object::Table(_) | Object::Column { .. }) => true,
        Operation::Alter(Alter::Column(change)) => change.from.sql_type != change.to.sql_type,
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => false,
    }
}

/// Returns the types of the database side that the types among some objects are made of, at any depth. A column
/// holds values of all of them.
pub(crate) fn types_below(world: &World<'_>, of: &[ObjectId]) -> Vec<ObjectId> {
    let is_type = |id: &&ObjectId| {
        let facts = world.dialect.kind_facts(id.kind);
        id.kind == Kind::Enum || facts.is_some_and(|facts| facts.is_type)
    };
    let mut below: Vec<ObjectId> = Vec::new();
    let mut next: Vec<&ObjectId> = of.iter().filter(is_type).collect();
    while let Some(id) = next.pop() {
        let own = world.pair.database.definitions.get(id).into_iter();
        for id in own.flat_map(|own| &own.depends_on).filter(is_type) {
            if !below.contains(id) {
                below.push(id.clone());
                next.push(id);
            }
        }
    }
    below
}

/// Returns the tables of a type that follow its attributes.
pub(crate) fn following(world: &World<'_>, definition: &Definition) -> Vec<QualifiedName> {
    let mut tables = typed_tables(world, definition);
    // One that is apart from its type for a while has all columns of its own.
    tables.retain(|name| {
        let table = world.pair.database.tables.get(name);
        table.is_some_and(|own| own.columns.iter().any(|column| column.inherited))
    });
    tables
}

/// Returns the tables of a type.
pub(crate) fn typed_tables(world: &World<'_>, definition: &Definition) -> Vec<QualifiedName> {
    let of_type = |table: &&Table| {
        definition.id.kind == Kind::CompositeType
            && table.options.of_type.as_ref() == Some(&definition.id.name)
    };
    let tables = world.pair.database.tables.values().filter(of_type);
    tables.map(|table| table.name.clone()).collect()
}

/// Returns the tables of the database side that have columns of a type which stay.
pub(crate) fn tables_of_type(world: &World<'_>, definition: &Definition) -> Vec<QualifiedName> {
    let tables = world.pair.database.tables.values();
    let is_of = |column: &Column| world.type_of(column) == Some(&definition.id);
    let uses = tables.filter(|table| lasting(world, table).any(is_of));
    uses.map(|table| table.name.clone()).collect()
}

/// Returns a column of the database that holds rows of a table, by themselves or in a value of another type.
pub(crate) fn holder_of_rows(world: &World<'_>, table: &QualifiedName) -> Option<ObjectId> {
    let holds = holds_rows(world, ObjectId::table(table));
    let mut tables = world.pair.database.tables.values();
    tables
        .find_map(|other| other.columns.iter().find(|own| holds(own)).map(|own| place(other, own)))
}

/// Returns why a view of the database can't be dropped and made again: a column holds rows of it before and
/// after.
pub(crate) fn rows_held(world: &World<'_>, view: &Definition) -> Option<String> {
    if !matches!(view.id.kind, Kind::View | Kind::MaterializedView) {
        return None;
    }
    let holds = holds_rows(world, view.id.clone());
    let mut tables = world.pair.database.tables.values();
    let holder = tables.find_map(|table| {
        let target = world.pair.target.tables.get(&table.name)?;
        let still = |own: &&Column| target.column(&own.name).is_some_and(&holds);
        let held = table.columns.iter().find(|own| holds(own) && still(own));
        held.map(|column| place(table, column))
    })?;
    Some(format!(
        "it has to be dropped and made again, and PostgreSQL does not drop it while {holder} holds rows of \
         it; write this revision by hand"
    ))
}

fn place(table: &Table, column: &Column) -> ObjectId {
    ObjectId::column(&table.name, column.name.as_str())
}

/// Returns the test whether a column of the database holds rows of a table or view, by themselves or in a
/// value of another type.
fn holds_rows<'w>(world: &'w World<'_>, of: ObjectId) -> impl Fn(&Column) -> bool + 'w {
    let over = and_over(world, types(world).filter(|own| own.depends_on.contains(&of)).collect());
    move |column| {
        let own = world.type_of(column);
        world.rows_in(column) == Some(&of) || over.iter().any(|other| Some(&other.id) == own)
    }
}

/// Returns a type and the types that contain it in the database.
pub(crate) fn types_over<'m>(world: &World<'m>, of: &'m Definition) -> Vec<&'m Definition> {
    and_over(world, vec![of])
}

/// Iterates over the types of the database that are definitions.
fn types<'m>(world: &World<'m>) -> impl Iterator<Item = &'m Definition> {
    world.pair.database.definitions.values().filter(|definition| {
        world.dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.is_type)
    })
}

/// Returns types and those that contain one of them.
fn and_over<'m>(world: &World<'m>, mut found: Vec<&'m Definition>) -> Vec<&'m Definition> {
    let types: Vec<&Definition> = types(world).collect();
    let mut at = 0;
    while let Some(below) = found.get(at).map(|definition| &definition.id) {
        let over = types.iter().filter(|other| other.depends_on.contains(below));
        let new: Vec<&Definition> =
            over.copied().filter(|other| found.iter().all(|known| known.id != other.id)).collect();
        found.extend(new);
        at += 1;
    }
    found
}

/// Returns true if the values of a type consist of those of another one. The default and the checks of a
/// domain rest on types, too, and make room by themselves.
pub(crate) fn is_below(world: &World<'_>, over: &Definition, on: &ObjectId) -> bool {
    over.id.kind != Kind::Domain || world.type_named(over.body.spelling()) == Some(on)
}
