//! Changes that the database would refuse, because an object that is left alone rests on what
//! changes.

use aludel_dialect::mentions;
use aludel_schema::{
    Column, Constraint, Definition, ForeignKey, Kind, Metadata, ObjectId, QualifiedName, Table,
};

use crate::depends::World;
use crate::hazards::replication;
use crate::impossible::Impossible;
use crate::names::name;
use crate::pair::Pair;
use crate::pairing::Tables;
use crate::partitions::{bound, partition_keys};

/// The remedy in a message about an object that is left alone.
pub(crate) const BY_HAND: &str =
    "it is left alone by [scope] in aludel.toml; change both in a revision written by hand";

/// Returns the changes that are impossible.
pub(crate) fn find(world: &World<'_>, tables: &Tables<'_>) -> Vec<Impossible> {
    let mut found = Vec::new();
    for table in world.pair.target.tables.values() {
        found.extend(of_no_type(world, table));
        found.extend(table.columns.iter().filter_map(|column| of_what_goes(world, table, column)));
        for (constraint, key) in table.foreign_keys() {
            found.extend(reference(world, table, constraint, key));
        }
        found.extend(table.columns.iter().filter_map(|column| {
            let id = ObjectId::column(&table.name, column.name.as_str());
            let own_type = world.type_of(column).filter(|id| tables.replaced.contains(id))?;
            world.leaves_alone(&id).then(|| Impossible {
                object: own_type.clone(),
                reason: format!("it is replaced by a new type, and {id} is of it; {BY_HAND}"),
            })
        }));
    }
    for definition in world.pair.target.definitions.values() {
        found.extend(rests_on_nothing(world, definition));
    }
    for both in &tables.both {
        let columns = both.columns.both.iter();
        let name = &both.tables.target.name;
        found.extend(columns.filter_map(|column| of_other_rows(world, tables, name, *column)));
    }
    found
}

/// Reports a column that turns from the rows of one table to those of another, which takes names of the
/// first one, so that it can't come before that goes.
fn of_other_rows(
    world: &World<'_>,
    tables: &Tables<'_>,
    table: &QualifiedName,
    column: Pair<&Column>,
) -> Option<Impossible> {
    let rows = column.map(|column| world.rows_in(column));
    let (before, after) = (rows.database?, rows.target?);
    let gone = tables.gone.iter().filter(|own| own.name == before.name).copied();
    let new = tables.new.iter().filter(|own| own.name == after.name).copied();
    let (gone, new): (Vec<&Table>, Vec<&Table>) = (gone.collect(), new.collect());
    if name::passed_to(&gone, &new).is_empty() {
        return None;
    }
    let object = ObjectId::column(table, column.target.name.as_str());
    let reason = format!(
        "it holds rows of {before}, which goes, and is to hold rows of {after}, which takes names of \
         its constraints, indexes or sequences; give these other names"
    );
    Some(Impossible { object, reason })
}

/// Reports a reference to a table or column that is not there, or goes.
fn reference(
    world: &World<'_>,
    table: &Table,
    constraint: &Constraint,
    key: &ForeignKey,
) -> Option<Impossible> {
    let there = |side| bound::table_above(side, &key.references, world.dialect);
    let sides = world.pair.map(there);
    let lost = match sides.target {
        None => ObjectId::table(&key.references),
        Some(there) => {
            let columns = &mut key.referenced_columns.iter();
            match columns.find(|name| there.column(name).is_none()) {
                Some(lost) => ObjectId::column(&there.name, lost.as_str()),
                None => return without_key(world, table, constraint, key),
            }
        }
    };
    let id = constraint.id(&table.name);
    let had = sides
        .database
        .is_some_and(|before| lost.kind == Kind::Table || before.column(&lost.name.name).is_some());
    if had && world.leaves_alone(&id) {
        let reason = format!("it goes, and {id} refers to it; {BY_HAND}");
        return Some(Impossible { object: lost, reason });
    }
    let before = world.pair.database.tables.get(&table.name);
    let is_old = before.is_some_and(|t| t.constraints.iter().any(|c| c.same_demand(constraint)));
    (had || !is_old).then(|| Impossible {
        object: id,
        reason: format!(
            "it refers to {lost}, which no model declares and the database {}",
            if had { "loses by this change" } else { "does not have" }
        ),
    })
}

/// Reports a reference to columns of a partition that nothing makes unique. Models tell it of tables.
fn without_key(
    world: &World<'_>,
    table: &Table,
    constraint: &Constraint,
    key: &ForeignKey,
) -> Option<Impossible> {
    let definitions = &world.pair.target.definitions;
    let partition = definitions.get(&bound::part(&key.references))?;
    (!partition_keys::has_key(world, partition, &key.referenced_columns)).then(|| Impossible {
        object: constraint.id(&table.name),
        reason: format!(
            "it refers to {} ({}), which is neither its primary key nor unique",
            key.references,
            key.referenced_columns.join(", ")
        ),
    })
}

/// Reports a table of a type that is not there. An extension may bring types that nothing else names.
fn of_no_type(world: &World<'_>, table: &Table) -> Option<Impossible> {
    let name = table.options.of_type.as_ref()?;
    let id = ObjectId::new(Kind::CompositeType, name.clone());
    let has = |side: &Metadata| side.definitions.contains_key(&id) || !side.extensions.is_empty();
    let is_there = has(world.pair.target) || has(world.pair.database);
    let reason =
        format!("it is of {id}, which no object file makes and the database does not have");
    (!is_there).then(|| Impossible { object: ObjectId::table(&table.name), reason })
}

/// Reports a column whose type or collation goes, and gives its name to no other object. A column of the rows of a
/// table holds the table, whatever else gets its name.
fn of_what_goes(world: &World<'_>, table: &Table, column: &Column) -> Option<Impossible> {
    let collation = column.collation.iter().flat_map(|name| world.collation(name));
    let mut on = world.type_of(column).cloned().into_iter().chain(collation);
    let on = on.find(|on| is_gone(world, on) && world.successors.get(on).is_none());
    let before = world.pair.database.tables.get(&table.name);
    let before = before.and_then(|before| before.column(&column.name));
    let is_same = before.is_some_and(|before| before.sql_type == column.sql_type);
    let rows = world.rows_in(column).filter(|on| is_same && is_gone(world, on));
    let on = on.or_else(|| rows.cloned())?;
    let object = ObjectId::column(&table.name, column.name.as_str());
    Some(Impossible { object, reason: rests_on_gone(&on) })
}

fn rests_on_gone(on: &ObjectId) -> String {
    format!("it rests on {on}, which no model and no object file makes any more")
}

/// Reports a definition that stays as it is, and an object under it that goes.
fn rests_on_nothing(world: &World<'_>, definition: &Definition) -> Option<Impossible> {
    let database = world.pair.database.definitions.get(&definition.id)?;
    let left_alone = world.leaves_alone(&definition.id);
    if !left_alone && definition.source.is_some() {
        return definition
            .depends_on
            .iter()
            .find(|on| whole_goes(world, on))
            .map(|on| Impossible { object: definition.id.clone(), reason: rests_on_gone(on) });
    }
    // The names in a text that go are missing from what the target says of it.
    let stays = left_alone || definition.body.written == database.body.written;
    let depends_on = if stays { &database.depends_on } else { &definition.depends_on };
    let mut lost = depends_on.iter().filter(|on| goes(world, database, on));
    let lost = lost.find(|on| !replication::lets_go(world, definition, on))?;
    let rests = format!("it goes, and {} rests on it", definition.id);
    let reason = match left_alone {
        true => format!("{rests}; {BY_HAND}"),
        false => format!("{rests}; drop both in a revision written by hand"),
    };
    Some(Impossible { object: lost.clone(), reason })
}

/// Returns true if an object goes, or the table that it is a part of.
fn whole_goes(world: &World<'_>, id: &ObjectId) -> bool {
    match &id.table {
        Some(table) => is_gone(world, &ObjectId::table(table)),
        None => is_gone(world, id),
    }
}

fn is_gone(world: &World<'_>, id: &ObjectId) -> bool {
    let pair = world.pair.map(|metadata| metadata.contains(id));
    pair.database && !pair.target
}

fn goes(world: &World<'_>, definition: &Definition, on: &ObjectId) -> bool {
    let gone = |id: &ObjectId| is_gone(world, id);
    match (on.kind, &on.table) {
        // Where dependencies are known by tables only, the text says which columns it reads.
        (Kind::Column, Some(table)) if !gone(&ObjectId::table(table)) => {
            // A publication has its columns and conditions in its clauses.
            let clauses = definition.clauses.iter().map(|own| &own.text.written);
            let mut texts = clauses.chain([&definition.body.written]);
            gone(on) && texts.any(|text| mentions(text, &on.name.name, world.dialect))
        }
        (_, Some(table)) if gone(&ObjectId::table(table)) => true,
        _ => gone(on),
    }
}
