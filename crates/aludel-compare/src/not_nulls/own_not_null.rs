//! NOT NULL constraints that partitions have under names of their own (PostgreSQL 18).
//!
//! The constraint is the partition's alone where the table above has none, and a clause of its own says it.
//! It is inherited where that has one too, and only its name is said.

use std::borrow::Cow;

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Operation};
use aludel_schema::{
    Clause, Definition, Kind, Metadata, ObjectId, QualifiedName, SqlText, Table, object_name, path,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::partitions::bound;
use crate::way::Way;

/// The word for a constraint that the partition has alone under a name of its own.
const ALONE: &str = "constraint";

/// The word for a constraint that the partition has alone under the usual name.
const USUAL: &str = "not null";

/// The word for a constraint that a foreign table has under a name of its own.
const NAMED: &str = "named not null";

/// The word for the name of an inherited constraint.
const NAME: &str = "not null name";

/// Adds edges that give a partition a constraint of its own after the table above has lost its one.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    for (at, operation) in operations.iter().enumerate() {
        let others = operations.iter().enumerate();
        let lost = others.filter(|(_, other)| comes_behind(world, operation, other));
        lost.for_each(|(other, _)| graph.edge(other, at));
    }
}

/// Returns true if an operation gives a partition a constraint of its own, and another one takes that of the table
/// above away. The server takes a constraint that is there already, under the name that it has from above.
pub(crate) fn comes_behind(world: &World<'_>, operation: &Operation, other: &Operation) -> bool {
    let Operation::Alter(Alter::Column(change)) = other else { return false };
    let Operation::Alter(Alter::Definition { from, to, .. }) = operation else { return false };
    let is_new = |clause: &&Clause| !from.clauses.contains(clause);
    let constraints = to.clauses.iter().filter(is_new).filter_map(|own| constraint(to, own));
    let is_lost =
        !change.from.nullable && change.to.nullable && change.from.sql_type == change.to.sql_type;
    is_lost
        && { constraints }.any(|(_, column)| column == change.to.name)
        && bound::above(world.pair.target, to, world.dialect).contains(&&change.table)
}

/// Returns the column of a NOT NULL constraint that a partition has alone, as it is written.
pub(crate) fn column(constraint: &SqlText) -> Option<&str> {
    constraint.spelling().strip_prefix("NOT NULL ")
}

/// Keeps the usual name of the constraint of a column that is renamed.
pub(crate) fn keep_name(own: &mut Definition, column: &str, dialect: Dialect) {
    let is_it =
        |clause: &&mut Clause| clause.word == USUAL && clause.name.as_deref() == Some(column);
    let named = own.id.name.name.clone();
    own.clauses.iter_mut().filter(is_it).for_each(|clause| *clause = said(&named, clause, dialect));
}

/// Keeps the names of the constraints of a partition or foreign table that is renamed.
pub(crate) fn keep_names(own: &mut Definition, table: &QualifiedName, dialect: Dialect) {
    for clause in own.clauses.iter_mut().filter(|clause| clause.word == USUAL) {
        if own.id.kind == Kind::Partition {
            *clause = said(&table.name, clause, dialect);
            continue;
        }
        let column = clause.name.as_deref().unwrap_or_default();
        let name = object_name(&table.name, column, "not_null");
        NAMED.clone_into(&mut clause.word);
        clause.text = SqlText::new(dialect.quote(&name));
    }
}

/// Returns the clause of a constraint with a usual name as one that says the name.
fn said(partition: &str, clause: &Clause, dialect: Dialect) -> Clause {
    let column = clause.name.as_deref().unwrap_or_default();
    let text = SqlText::new(format!("NOT NULL {}", dialect.quote(column)));
    let name = Some(object_name(partition, column, "not_null"));
    Clause { word: ALONE.to_owned(), name, text }
}

/// Says the usual names of constraints that have other names on the other side, so that they are renamed.
fn say_names<'m>(one: Cow<'m, Metadata>, other: &Metadata, dialect: Dialect) -> Cow<'m, Metadata> {
    let mut found = Vec::new();
    for own in partitions(&one) {
        let Some(other) = other.definitions.get(&own.id) else { continue };
        let of = |own: &Definition, clause: &Clause| Some(constraint(own, clause)?.1);
        let alone = other.clauses.iter().filter(|clause| clause.word == ALONE);
        let columns: Vec<String> = alone.filter_map(|clause| of(other, clause)).collect();
        let usual = own.clauses.iter().enumerate().filter(|(_, clause)| clause.word == USUAL);
        for (at, clause) in
            usual.filter(|(_, usual)| of(own, usual).is_some_and(|c| columns.contains(&c)))
        {
            found.push((own.id.clone(), at, Some(said(&own.id.name.name, clause, dialect))));
        }
    }
    replaced(one, found)
}

/// Returns the target without names for constraints that partitions do not inherit there. One that a statement
/// of the partition gives is a constraint of its own.
pub(crate) fn settled<'m>(
    target: &'m Metadata,
    database: &Metadata,
    dialect: Dialect,
) -> Cow<'m, Metadata> {
    let mut settled = Cow::Borrowed(target);
    for own in partitions(target) {
        for (at, clause) in own.clauses.iter().enumerate().rev() {
            if !is_inherited(target, own, clause, dialect) {
                let text = SqlText::new(format!("NOT NULL {}", clause.text.spelling()));
                let alone = Clause { word: ALONE.to_owned(), text, ..clause.clone() };
                replace(&mut settled, &own.id, at, is_said(own, clause).then_some(alone));
            }
        }
    }
    say_names(settled, database, dialect)
}

/// Returns false for the name of a constraint that nothing above a partition has.
fn is_inherited(side: &Metadata, own: &Definition, clause: &Clause, dialect: Dialect) -> bool {
    clause.word != NAME
        || bound::parent(own, dialect).is_none()
        || forbidding(side, own, clause.text.spelling(), dialect).is_some()
}

/// Returns the first of the tables and partitions above a partition that forbids NULL in a column, which is
/// written.
fn forbidding<'m>(
    side: &'m Metadata,
    own: &'m Definition,
    column: &str,
    dialect: Dialect,
) -> Option<&'m QualifiedName> {
    let column = path(column).and_then(|mut path| path.pop())?;
    let in_table = |table: &Table| table.column(&column).is_some_and(|own| !own.nullable);
    let in_part = |part: &Definition| {
        let mut constraints = part.clauses.iter().filter_map(|clause| constraint(part, clause));
        constraints.any(|(_, own)| own == column)
    };
    bound::above(side, own, dialect).into_iter().find(|name| {
        side.tables.get(name).is_some_and(in_table)
            || side.definitions.get(&bound::part(name)).is_some_and(in_part)
    })
}

/// Returns true if the statements of a partition have the name of a constraint.
fn is_said(own: &Definition, clause: &Clause) -> bool {
    let name = clause.name.as_deref().unwrap_or_default();
    own.source.iter().chain(&own.attributes).any(|text| text.contains(name))
}

/// Returns the database with such constraints as the server has them after the plan. That of a partition whose
/// table gets one becomes inherited. When that of the table goes, it goes too, unless it was the partition's
/// before, as it is on the way back.
pub(crate) fn kept<'m>(
    database: Cow<'m, Metadata>,
    target: &Metadata,
    dialect: Dialect,
    way: Way,
) -> Cow<'m, Metadata> {
    let mut found = Vec::new();
    for own in partitions(&database) {
        let Some(to) = target.definitions.get(&own.id) else { continue };
        for (at, clause) in own.clauses.iter().enumerate().rev() {
            let Some(constraint) = constraint(own, clause) else { continue };
            let mut others = to.clauses.iter().filter(|other| other.word != clause.word);
            let other =
                others.find(|other| self::constraint(to, other).as_ref() == Some(&constraint));
            let stays = clause.word != NAME || way == Way::Back;
            let is_taken = is_taken(Pair::new(&database, target), own, clause, dialect);
            if other.is_some() || is_taken || !is_inherited(target, to, clause, dialect) {
                found.push((own.id.clone(), at, other.filter(|_| stays).cloned()));
            }
        }
    }
    say_names(replaced(database, found), target, dialect)
}

/// Returns true if a column of a partition accepts NULL when its table does so again. Before PostgreSQL 18, that
/// takes what the partition has of its own too.
fn is_taken(sides: Pair<&Metadata>, own: &Definition, clause: &Clause, dialect: Dialect) -> bool {
    let column = dialect.quote(clause.name.as_deref().unwrap_or_default());
    let forbids = sides.map(|side| {
        let own = side.definitions.get(&own.id);
        own.is_some_and(|own| forbidding(side, own, &column, dialect).is_some())
    });
    let is_one = clause.word == USUAL && !sides.target.names_not_null;
    is_one && forbids.database && !forbids.target
}

/// Returns the name that a partition has for the NOT NULL constraint of a column, if that is its own.
pub(crate) fn called(own: &Definition, column: &str) -> Option<String> {
    let mut constraints = own.clauses.iter().filter_map(|clause| constraint(own, clause));
    constraints.find(|(_, of)| of == column).map(|(name, _)| name)
}

/// Returns the column of the NOT NULL constraint that a clause of a partition is about.
pub(crate) fn of(own: &Definition, clause: &Clause) -> Option<String> {
    constraint(own, clause).map(|(_, column)| column)
}

/// Returns the name and the column of the NOT NULL constraint that a clause is about.
fn constraint(own: &Definition, clause: &Clause) -> Option<(String, String)> {
    let last = |text: &str| path(text).and_then(|mut path| path.pop());
    let name = clause.name.clone()?;
    match clause.word.as_str() {
        ALONE => Some((name, last(column(&clause.text)?)?)),
        NAME => Some((name, last(clause.text.spelling())?)),
        USUAL => Some((object_name(&own.id.name.name, &name, "not_null"), name)),
        _ => None,
    }
}

fn partitions(side: &Metadata) -> impl Iterator<Item = &Definition> {
    side.definitions.values().filter(|own| own.id.kind == Kind::Partition)
}

fn replaced(
    mut side: Cow<'_, Metadata>,
    found: Vec<(ObjectId, usize, Option<Clause>)>,
) -> Cow<'_, Metadata> {
    for (id, at, clause) in found {
        replace(&mut side, &id, at, clause);
    }
    side
}

fn replace(side: &mut Cow<'_, Metadata>, id: &ObjectId, at: usize, clause: Option<Clause>) {
    if let Some(own) = side.to_mut().definitions.get_mut(id) {
        own.clauses.splice(at..=at, clause);
    }
}

/// Returns the constraints of partitions that the server refuses, because their table has one for the column.
pub(crate) fn doubled(world: &World<'_>) -> Vec<Impossible> {
    let target = world.pair.target;
    partitions(target).filter_map(|own| doubled_in(own, target, world.dialect)).collect()
}

fn doubled_in(own: &Definition, target: &Metadata, dialect: Dialect) -> Option<Impossible> {
    let constraints = own.clauses.iter().filter(|clause| clause.word == ALONE);
    let mut said = constraints.filter_map(|clause| Some((clause, column(&clause.text)?)));
    let (clause, text, above) = said
        .find_map(|(clause, text)| Some((clause, text, forbidding(target, own, text, dialect)?)))?;
    let name = dialect.quote(clause.name.as_deref().unwrap_or_default());
    let reason = format!(
        "{text} is NOT NULL in {above} too, so that the partition has the constraint from there; give it the \
         name by `CREATE TABLE … PARTITION OF … (CONSTRAINT {name} NOT NULL {text})`"
    );
    Some(Impossible { object: own.id.clone(), reason })
}
