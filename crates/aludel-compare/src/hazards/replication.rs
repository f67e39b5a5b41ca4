//! Replication: what publications and replica identities need of a table.

use aludel_dialect::{Hazard, mentions};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Clause, Constraint, Definition, Index, Kind, Metadata, ObjectId, QualifiedName,
    ReplicaIdentity, Table,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::partitions::bound;

/// Adds edges that keep a table logged while a publication lists it, and the columns of a replica
/// identity without NULL while it is one.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    passing_on(operations, graph);
    for (at, operation) in operations.iter().enumerate() {
        match operation {
            Operation::Alter(Alter::TableOptions { table, from, to })
                if from.unlogged != to.unlogged =>
            {
                for (other, operation) in operations.iter().enumerate() {
                    let publication = definitions(operation);
                    if to.unlogged && lists(publication.database, table) {
                        graph.edge(other, at);
                    } else if !to.unlogged && lists(publication.target, table) {
                        graph.edge(at, other);
                    }
                }
            }
            Operation::Alter(Alter::IndexRoles { table, from, to }) => {
                let tables = world.pair.map(|side| side.tables.get(table));
                let old = identity(tables.database, &from.replica_identity);
                let new = identity(tables.target, &to.replica_identity);
                for (other, change) in operations.iter().enumerate() {
                    let Operation::Alter(Alter::Column(change)) = change else { continue };
                    let is_in = |columns: &[String]| columns.contains(&change.to.name);
                    if change.table != *table || change.from.nullable == change.to.nullable {
                        continue;
                    } else if change.to.nullable && is_in(&old) {
                        graph.edge(at, other);
                    } else if !change.to.nullable && is_in(&new) {
                        graph.edge(other, at);
                    }
                }
            }
            Operation::Create(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => {}
        }
    }
}

/// Adds edges by which an index, or the partition that it belongs to, gives up its part in the whole table before the
/// other one gets it: giving it up takes it from either.
fn passing_on(operations: &[Operation], graph: &mut Graph) {
    let changes = operations.iter().enumerate().map(|(at, operation)| (at, definitions(operation)));
    let has_part =
        |side: Option<&Definition>| has_one(side, &CLUSTERED) || has_one(side, &IDENTITY);
    let changes = changes.filter(|(_, own)| has_part(own.database) || has_part(own.target));
    let of_partitions = changes.filter_map(|(at, own)| Some((at, partition_of(own)?, own)));
    let all: Vec<(usize, &QualifiedName, Pair<Option<&Definition>>)> = of_partitions.collect();
    for (at, table, gives) in &all {
        for (other, of, gets) in &all {
            let passes = |words: &[&str]| {
                let loses = has_one(gives.database, words) && !has_one(gives.target, words);
                loses && !has_one(gets.database, words) && has_one(gets.target, words)
            };
            if table == of && (passes(&CLUSTERED) || passes(&IDENTITY)) {
                graph.edge(*at, *other);
            }
        }
    }
}

/// The word for the index by which a partition is clustered.
const CLUSTERED: [&str; 1] = ["clustered"];

/// The words for the replica identity of a partition.
const IDENTITY: [&str; 2] = ["replica identity", "replica identity index"];

/// Returns the partition that a definition is, or the table that an index belongs to.
fn partition_of(change: Pair<Option<&Definition>>) -> Option<&QualifiedName> {
    let id = &change.target.or(change.database)?.id;
    match id.kind {
        Kind::Index => id.table.as_ref(),
        Kind::Partition => Some(&id.name),
        _ => None,
    }
}

fn has_one(definition: Option<&Definition>, words: &[&str]) -> bool {
    let mut clauses = definition.into_iter().flat_map(|own| &own.clauses);
    clauses.any(|clause| words.contains(&clause.word.as_str()))
}

/// Reports tables that are no longer logged while a publication lists them that no object file declares.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let mut found = Vec::new();
    for table in world.pair.target.tables.values().filter(|table| table.options.unlogged) {
        let before = world.pair.database.tables.get(&table.name);
        if before.is_none_or(|before| before.options.unlogged) {
            continue;
        }
        let publications = world.pair.target.definitions.values();
        let mut others = publications.filter(|own| own.source.is_none());
        found.extend(others.find(|own| lists(Some(own), &table.name)).map(|own| Impossible {
            object: ObjectId::table(&table.name),
            reason: format!("an unlogged table can't be in {}; take it out first", own.id),
        }));
    }
    found
}

/// Returns true if a publication that no object file declares rests on a table that goes, or on its
/// columns. The server takes the table out of it.
pub(crate) fn lets_go(world: &World<'_>, definition: &Definition, on: &ObjectId) -> bool {
    is_undeclared(world, definition) && is_taken_out(world, definition, on)
}

/// Returns the publications that no object file declares and that list a table on one side.
pub(crate) fn listing<'w>(
    world: &World<'w>,
    side: &'w Metadata,
    table: &QualifiedName,
) -> impl Iterator<Item = &'w Definition> {
    let all = side.definitions.values();
    all.filter(|own| lists(Some(own), table) && is_undeclared(world, own))
}

/// Returns true if a publication is on both sides and no object file declares it.
fn is_undeclared(world: &World<'_>, definition: &Definition) -> bool {
    let sides = world.pair.map(|metadata| metadata.definitions.get(&definition.id));
    let is_of_database = |own: Option<&Definition>| own.is_some_and(|own| own.source.is_none());
    definition.id.kind == Kind::Publication
        && is_of_database(sides.database)
        && is_of_database(sides.target)
}

/// Returns true if a publication rests on a table that goes, or on its columns. The server takes the table out
/// of it.
pub(crate) fn is_taken_out(world: &World<'_>, publication: &Definition, on: &ObjectId) -> bool {
    let table = if on.kind == Kind::Partition { Some(&on.name) } else { on.table_name() };
    let target = world.pair.target;
    let is_gone = |table: &QualifiedName| {
        !target.tables.contains_key(table) && !target.definitions.contains_key(&bound::part(table))
    };
    publication.id.kind == Kind::Publication && table.is_some_and(is_gone)
}

/// Returns true if a publication chooses the rows of a table by a column, or lists it. The server
/// refuses another type for such a column. The text of the database has the former name of a column
/// that is renamed, and that of the target the new one.
pub(crate) fn chooses(world: &World<'_>, publication: &Definition, on: &ObjectId) -> bool {
    let target = world.pair.target.definitions.get(&publication.id);
    // A list of columns and a condition are in parentheses behind the name of their table.
    let clauses = publication.clauses.iter().chain(target.into_iter().flat_map(|own| &own.clauses));
    let choices = clauses.filter_map(|clause| {
        let (_, choices) = clause.text.written.split_once('(')?;
        Some(choices)
    });
    on.kind == Kind::Column
        && choices.into_iter().any(|text| mentions(text, &on.name.name, world.dialect))
}

/// Returns true if a publication chooses by a column that goes and comes again, as a generated one does for
/// another expression. The server drops no column by which one chooses.
pub(crate) fn rechooses(world: &World<'_>, publication: &Definition, on: &ObjectId) -> bool {
    let target = world.pair.target.definitions.get(&publication.id);
    let still = target.is_some_and(|target| target.depends_on.contains(on));
    let is_kept = world.pair.map(|side| {
        let table = on.table.as_ref().and_then(|name| side.tables.get(name));
        table.is_some_and(|table| table.column(&on.name.name).is_some())
    });
    publication.id.kind == Kind::Publication
        && still
        && is_kept.database
        && is_kept.target
        && chooses(world, publication, on)
}

/// Returns the hazard of an UPDATE of a table whose updates a publication publishes without a replica identity
/// that tells the rows. The server refuses it, whatever the rows are.
pub(crate) fn refused_update(world: &World<'_>, table: &QualifiedName) -> Option<Hazard> {
    let is_without = |side: &Metadata| side.tables.get(table).is_some_and(has_no_identity);
    let sides = world.pair.map(is_without);
    let mut publications = world.pair.database.definitions.values();
    let publication = publications.find(|own| publishes_updates(world, own, table))?;
    (sides.database || sides.target).then(|| Hazard::FailsOnRule {
        object: publication.id.clone(),
        rows: format!(
            "{} publishes updates of {table}, which has no replica identity",
            publication.id
        ),
    })
}

fn has_no_identity(table: &Table) -> bool {
    match table.roles.replica_identity {
        ReplicaIdentity::PrimaryKey => table.primary_key().is_empty(),
        ReplicaIdentity::Nothing => true,
        ReplicaIdentity::Full | ReplicaIdentity::Index(_) => false,
    }
}

fn publishes_updates(world: &World<'_>, publication: &Definition, table: &QualifiedName) -> bool {
    let side = world.pair.database;
    let schema = table.schema.as_deref().or(side.default_schema.as_deref());
    let schema = schema.map(|name| format!("TABLES IN SCHEMA {}", world.dialect.quote(name)));
    let lists_schema = |clause: &Clause| {
        clause.word == "objects"
            && clause.text.spelling().split(", ").any(|own| Some(own) == schema.as_deref())
    };
    let is_of_all = || publication.body.spelling().eq_ignore_ascii_case("FOR ALL TABLES");
    // The options say what is published, which are all changes by default.
    let is_silent =
        |clause: &Clause| clause.word == "options" && !clause.text.spelling().contains("update");
    publication.id.kind == Kind::Publication
        && (lists(Some(publication), table)
            || is_of_all()
            || publication.clauses.iter().any(lists_schema))
        && !publication.clauses.iter().any(is_silent)
}

fn lists(publication: Option<&Definition>, table: &QualifiedName) -> bool {
    let own = publication.filter(|own| own.id.kind == Kind::Publication);
    let ids = [ObjectId::table(table), bound::part(table)];
    own.is_some_and(|own| ids.iter().any(|id| own.depends_on.contains(id)))
}

/// Returns the definition before and after an operation.
fn definitions(operation: &Operation) -> Pair<Option<&Definition>> {
    match operation {
        Operation::Create(Object::Definition(own)) => Pair::new(None, Some(own)),
        Operation::Drop(Object::Definition(own)) => Pair::new(Some(own), None),
        Operation::Alter(Alter::Definition { from, to, .. }) => Pair::new(Some(from), Some(to)),
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => Pair::new(None, None),
    }
}

/// Returns the columns of the index that is the replica identity of a table.
fn identity(table: Option<&Table>, identity: &ReplicaIdentity) -> Vec<String> {
    let (Some(table), ReplicaIdentity::Index(name)) = (table, identity) else { return Vec::new() };
    let mut constraints = table.constraints.iter();
    let constraint = constraints.find(|own| own.name.as_ref() == Some(name));
    let columns = constraint.and_then(Constraint::key_columns);
    columns.or_else(|| table.index(name).and_then(Index::key_columns)).unwrap_or_default()
}
