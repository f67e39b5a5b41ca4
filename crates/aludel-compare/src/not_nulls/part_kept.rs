//! Names of their own that partitions keep for the NOT NULL constraints of their tables, while these get other
//! names, or their columns other types (PostgreSQL 18).
//!
//! The server renames no constraint of a table that a partition has under another name, and fails to make it again
//! with its column if the partition's was said in CREATE TABLE. The constraint of the table goes for as long
//! as it takes. That of the partition goes along or stays, as it has come, and is added in either case: the
//! server takes one that is there already.

use aludel_dialect::{Hazard, Step};
use aludel_operations::{Alter, Operation};
use aludel_schema::{Clause, Definition, Kind, ObjectId, QualifiedName, SqlText, path};

use crate::depends::World;
use crate::not_nulls::kept::Kept;
use crate::pair::Pair;
use crate::partitions::bound;
use crate::types::replacement::{moves, replaced};

/// The word for such a name.
pub(crate) const NOT_NULL_NAME: &str = "not null name";

/// Returns the partitions that keep names, unless others of the same table can't.
pub(crate) fn kept<'w>(world: &'w World<'_>) -> &'w [Kept] {
    world.kept.get_or_init(|| find_kept(world))
}

fn find_kept(world: &World<'_>) -> Vec<Kept> {
    let (mut found, mut stuck) = (Vec::new(), Vec::new());
    for own in under_change(world) {
        if own.stays(world) {
            found.push(own.clone());
        } else {
            stuck.push((&own.table, &own.column));
        }
    }
    found.retain(|own| !stuck.contains(&(&own.table, &own.column)));
    found
}

/// Returns true for a partition whose names can't be kept. It leaves its table and comes back before the columns of
/// that change: then the server knows its constraints as inherited ones, and makes them again.
pub(crate) fn leaves_first(world: &World<'_>, replaced: &[ObjectId], partition: &ObjectId) -> bool {
    let of_partition = |own: &&Kept| {
        own.partition.id == *partition
            && own.is_made_again(world, replaced)
            && !own.has_named_relative(world)
    };
    let all = under_change(world).iter().filter(of_partition).count();
    all > kept(world).iter().filter(of_partition).count()
}

/// Returns the names of partitions for constraints that are made again with their columns, or whose tables have
/// other names for them.
fn under_change<'w>(world: &'w World<'_>) -> &'w [Kept] {
    world.kept_under_change.get_or_init(|| find_under_change(world))
}

fn find_under_change(world: &World<'_>) -> Vec<Kept> {
    let database = world.pair.database;
    let parts = database.definitions.values().filter(|_| world.pair.target.names_not_null);
    let parts: Vec<&Definition> = parts.filter(|own| names(own).next().is_some()).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let replaced = replaced(world);
    let mut found = Vec::new();
    for own in parts {
        let Some(top) = bound::table_above(database, &own.id.name, world.dialect) else { continue };
        for clause in names(own) {
            let Some(column) = path(clause.text.spelling()).and_then(|mut path| path.pop()) else {
                continue;
            };
            let (clause, table) = (clause.clone(), top.name.clone());
            let kept = Kept { partition: own.clone(), clause, table, column };
            if kept.is_under_change(world, &replaced) {
                found.push(kept);
            }
        }
    }
    found
}

/// Returns the names of its own that a partition has for NOT NULL constraints.
fn names(own: &Definition) -> impl Iterator<Item = &Clause> {
    let clauses = own.clauses.iter().filter(|clause| clause.word == NOT_NULL_NAME);
    clauses.filter(|_| own.id.kind == Kind::Partition)
}

impl Kept {
    /// Returns true if the partition stays where it is, and can be without the constraint for a while.
    fn stays(&self, world: &World<'_>) -> bool {
        let Pair { database, target } = world.pair;
        let Some(after) = target.definitions.get(&self.partition.id) else { return false };
        let is_in_place = bound::parent(&self.partition, world.dialect)
            == bound::parent(after, world.dialect)
            && bound::bound(&self.partition) == bound::bound(after)
            && !bound::is_table(database, &self.partition);
        let is_bare = |own: &Definition| {
            let is_key = |clause: &Clause| clause.text.spelling().starts_with("PRIMARY KEY");
            !own.clauses.iter().any(is_key)
        };
        let columns = world.pair.map(|side| side.tables.get(&self.table)?.column(&self.column));
        let is_identity = [columns.database, columns.target].into_iter().flatten();
        let mut is_identity = is_identity.map(|own| own.identity.is_some());
        is_in_place
            && is_bare(&self.partition)
            && !is_identity.any(|own| own)
            && self.relatives(world).into_iter().all(is_bare)
            && !self.has_named_relative(world)
    }

    /// Returns the partitions above this one and below it.
    fn relatives<'m>(&self, world: &World<'m>) -> Vec<&'m Definition> {
        let database = world.pair.database;
        let partition = |name: &QualifiedName| database.definitions.get(&bound::part(name));
        let above = bound::above(database, &self.partition, world.dialect);
        let below = world.below(&self.partition.id.name).into_iter().filter_map(partition);
        let is_below = |own: &&Definition| {
            let above = bound::above(database, own, world.dialect);
            above.contains(&&self.partition.id.name)
        };
        above.into_iter().filter_map(partition).chain(below.filter(is_below)).collect()
    }

    /// Returns true if one of those has a name of its own for the constraint too.
    fn has_named_relative(&self, world: &World<'_>) -> bool {
        let is_it = |clause: &Clause| clause.text.spelling() == self.clause.text.spelling();
        self.relatives(world).into_iter().any(|own| names(own).any(is_it))
    }

    /// Returns true if the constraint above is made again with its column, or gets another name.
    fn is_under_change(&self, world: &World<'_>, replaced: &[ObjectId]) -> bool {
        let columns = world.pair.map(|side| side.tables.get(&self.table)?.column(&self.column));
        let Some((from, to)) = columns.database.zip(columns.target) else { return false };
        let is_there = !from.nullable && !to.nullable;
        is_there
            && (from.not_null_name(&self.table) != to.not_null_name(&self.table)
                || self.is_made_again(world, replaced))
    }

    /// Returns true if the constraint above is made again with its column.
    fn is_made_again(&self, world: &World<'_>, replaced: &[ObjectId]) -> bool {
        let columns = world.pair.map(|side| side.tables.get(&self.table)?.column(&self.column));
        let both = columns.database.zip(columns.target);
        both.is_some_and(|(from, to)| {
            from.sql_type != to.sql_type || moves(world, replaced, Pair::new(from, to))
        })
    }

    /// Returns true for a name that a partition keeps.
    pub(crate) fn is_it(&self, partition: &ObjectId, text: &str) -> bool {
        self.partition.id == *partition && self.clause.text.spelling() == text
    }

    /// Returns true for a partition that keeps its name for a column of a table.
    pub(crate) fn is_of(&self, id: &ObjectId, table: &QualifiedName, column: &str) -> bool {
        self.partition.id == *id && self.table == *table && self.column == column
    }

    /// Returns the operation that adds the constraint to the partition.
    pub(crate) fn operation(&self) -> Operation {
        let mut from = self.partition.clone();
        from.clauses.retain(|clause| *clause != self.clause);
        let text = SqlText::new(format!("NOT NULL {}", self.clause.text.spelling()));
        let own = Clause { word: "constraint".to_owned(), text, ..self.clause.clone() };
        let mut to = from.clone();
        to.clauses.push(own);
        let (from, to) = (Box::new(from), Box::new(to));
        let (used_by, typed, fills) = (Vec::new(), Vec::new(), Vec::new());
        Operation::Alter(Alter::Definition { from, to, used_by, typed, fills })
    }

    /// Returns true for the operation that adds the constraint.
    fn is_added_by(&self, operation: &Operation) -> bool {
        let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { return false };
        let is_its = |own: &Definition| {
            own.clauses.iter().any(|own| own.word == "constraint" && own.name == self.clause.name)
        };
        to.id == self.partition.id && is_its(to) && !is_its(from)
    }
}

/// Returns true if an operation adds such a constraint to a partition of a table.
pub(crate) fn is_added(
    world: &World<'_>,
    operation: &Operation,
    table: &QualifiedName,
    column: &str,
) -> bool {
    let is_partition = operation.object().kind == Kind::Partition;
    let of = |own: &Kept| own.table == *table && own.column == column;
    is_partition && kept(world).iter().any(|own| of(own) && own.is_added_by(operation))
}

/// Takes back what is said of rows under constraints that they have had before.
pub(crate) fn trust(world: &World<'_>, steps: &mut [Step]) {
    for own in kept(world) {
        let name = own.clause.name.as_deref().unwrap_or_default();
        let rows = format!("a row of {} breaks {name}", own.partition.id.name);
        let is_it = |hazard: &Hazard| matches!(hazard, Hazard::FailsOnRule { rows: own, .. } if *own == rows);
        for step in steps.iter_mut() {
            if step.operations.iter().any(|operation| own.is_added_by(operation)) {
                step.hazards.retain(|hazard| !is_it(hazard));
            }
        }
    }
}
