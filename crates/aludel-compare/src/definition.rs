//! Objects of kinds that are data.

use std::collections::BTreeSet;

use aludel_dialect::KindFacts;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Clause, Column, Definition, Kind, ObjectId, Table};

use crate::about;
use crate::change::{Change, change, is_reordered};
use crate::depends::World;
use crate::impossible::Impossible;
use crate::making_room::clauses;
use crate::making_room::room::Room;
use crate::not_nulls::{part_kept, part_names};
use crate::pair::Pair;
use crate::partitions::{bound, firing, part_constraints, part_counters, partition, storing};
use crate::renaming::constructors;
use crate::types::domain::held_domains;
use crate::types::holder::{following, holder, lasting, tables_of_type, types_over};
use crate::types::replacement::{
    columns_of, is_succession, replace, replaced, reshape, successions,
};
use crate::types::reshaped::{self, is_reshaped};
use crate::way::Way;

/// Compares the definitions. Kinds that the dialect does not manage are ignored.
pub(crate) fn compare(world: &World<'_>, room: &Room) -> Vec<Operation> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let replaced = replaced(world);
    let mut operations = successions(world);
    for database in pair.database.values().filter(|d| is_managed(world, d)) {
        if !pair.target.contains_key(&database.id) && !is_succession(world, &database.id) {
            operations.extend(gone(world, database));
        }
    }
    for target in pair.target.values().filter(|d| is_managed(world, d)) {
        match pair.database.get(&target.id) {
            None if is_succession(world, &target.id) => operations.extend(comment(target)),
            None if bound::is_table(world.pair.target, target) => {
                operations.push(alter(bound::bare(target), target.clone()));
            }
            None => operations.extend(create(target)),
            Some(database) if replaced.contains(&target.id) => {
                let pair = Pair::new(database, target);
                operations.extend(replace_type(world, room, &replaced, pair));
            }
            Some(database) => {
                operations.extend(both(world, room, &replaced, Pair::new(database, target)));
            }
        }
    }
    operations
}

fn is_managed(world: &World<'_>, definition: &Definition) -> bool {
    world.dialect.kind_facts(definition.id.kind).is_some()
}

fn both(
    world: &World<'_>,
    room: &Room,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
) -> Vec<Operation> {
    let Some(facts) = world.dialect.kind_facts(pair.target.id.kind) else { return Vec::new() };
    match change(world, facts, pair) {
        _ if bound::changes_tables(world.pair, &pair.target.id) => {
            let mut operations = gone(world, pair.database);
            operations.push(alter(bound::bare(pair.target), pair.target.clone()));
            operations
        }
        Change::Replace if facts.has_rows => Vec::new(),
        _ if facts.has_rows => partition_changes(world, room, replaced, pair),
        _ if room.remade.contains_key(&pair.target.id) => remake(pair),
        Change::None | Change::InPlace
            if let Some(left) = clauses::without(world, &room.remade, pair.database) =>
        {
            let first = alter_in_place(world, pair.database.clone(), left.clone());
            let changes = !left.says_the_same(pair.target);
            let second = changes.then(|| alter_in_place(world, left, pair.target.clone()));
            std::iter::once(first).chain(second).chain(comment_changes(pair)).collect()
        }
        Change::None => comment_changes(pair),
        Change::InPlace => {
            let from = without_taken(world, facts, pair.database);
            if from.says_the_same(pair.target) {
                return comment_changes(pair);
            }
            let alter = alter_in_place(world, from, pair.target.clone());
            std::iter::once(alter).chain(comment_changes(pair)).collect()
        }
        Change::Replace => remake(pair),
    }
}

/// Returns the change of an object in place.
fn alter_in_place(world: &World<'_>, from: Definition, to: Definition) -> Operation {
    let (used_by, typed) = (tables_of_type(world, &to), following(world, &to));
    let (from, to, fills) = (Box::new(from), Box::new(to), Vec::new());
    Operation::Alter(Alter::Definition { from, to, used_by, typed, fills })
}

/// Returns an object of the database without the parts that another object of its table takes from
/// it.
fn without_taken(world: &World<'_>, facts: &KindFacts, database: &Definition) -> Definition {
    let others = world.pair.target.definitions.values();
    let others: Vec<&Definition> = others
        .filter(|own| own.id.table == database.id.table && own.id != database.id)
        .filter(|own| own.id.kind == database.id.kind)
        .collect();
    let is_taken = |clause: &Clause| {
        facts.clause(&clause.word).is_some_and(|facts| facts.is_exclusive)
            && others.iter().any(|own| own.clauses.iter().any(|other| other.is_same_part(clause)))
    };
    let mut left = database.clone();
    left.clauses.retain(|clause| !is_taken(clause));
    left
}

/// Drops an object. A partition that becomes a table only leaves its own one, and one that foreign keys depend
/// on does so first, because the server drops none that they may refer to.
fn gone(world: &World<'_>, definition: &Definition) -> Vec<Operation> {
    if bound::is_table(world.pair.database, definition) {
        let mut placed = definition.clone();
        placed.clauses.retain(|clause| clause.word != bound::TRIGGER);
        return vec![alter(placed, bound::bare(definition))];
    }
    let mut left = part_counters::without(world, definition);
    if bound::bound(definition).is_some() && partition::is_referenced(world, definition) {
        left = bound::detached(&left);
    }
    let first = alter(definition.clone(), left.clone());
    let changes = !left.says_the_same(definition);
    let freed = part_counters::freed(world, definition).into_iter();
    freed.chain(changes.then_some(first)).chain([drop(&left)]).collect()
}

fn alter(from: Definition, to: Definition) -> Operation {
    let (from, to) = (Box::new(from), Box::new(to));
    let (used_by, typed, fills) = (Vec::new(), Vec::new(), Vec::new());
    Operation::Alter(Alter::Definition { from, to, used_by, typed, fills })
}

/// Changes a partition, which keeps its rows. What it has of its own makes room first. It leaves its table
/// before it comes back to another place in it, so that two of them can change places.
fn partition_changes(
    world: &World<'_>,
    room: &Room,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    if part_kept::leaves_first(world, replaced, &pair.database.id) {
        let detached = bound::detached(pair.database);
        operations.push(alter(pair.database.clone(), detached.clone()));
        operations.push(alter(detached, pair.database.clone()));
    }
    let sides = pair.map(storing::unsaid);
    let (mut from, mut to) = with_defaults(world, Pair::new(&sides.database, &sides.target));
    firing::settle(world, &room.remade, pair, &mut from, &mut to);
    if let Some(left) = clauses::without(world, &room.remade, pair.database) {
        operations.push(alter(pair.database.clone(), left.clone()));
        from.clauses.retain(|clause| left.clauses.contains(clause));
        from.depends_on = left.depends_on;
    }
    if let Some(left) = part_constraints::given_up(world, &from, &to) {
        operations.push(alter(from, left.clone()));
        from = left;
    }
    let is_named = part_names::settle(world, replaced, &mut from, &mut to);
    from = about::changed(world.dialect, &from, |clause| Some(clause.clone()));
    if bound::bound(&from) != bound::bound(&to) || is_named {
        let detached = bound::detached(&from);
        from.clauses.retain(|clause| clause.word != bound::TRIGGER);
        operations.push(alter(from, detached.clone()));
        from = detached;
    }
    if let Some(between) = part_names::apart(world, &from, &to) {
        operations.push(alter(from, between.clone()));
        from = between;
    }
    let stored = storing::changes(world, room, replaced, pair, &to);
    if !from.says_the_same(&to) {
        operations.push(alter(from, to));
    }
    operations.extend(stored.map(|[from, to]| alter(from, to)));
    operations.extend(comment_changes(pair));
    operations
}

/// Returns both sides of a partition with what the server does to its defaults: a new default of its
/// table becomes its own too, and a default that it no longer has of its own is that of its table.
fn with_defaults(world: &World<'_>, pair: Pair<&Definition>) -> (Definition, Definition) {
    let (mut from, mut to) = (pair.database.clone(), pair.target.clone());
    let Some(parent) = bound::parent(pair.target, world.dialect) else { return (from, to) };
    let tables = world.pair.map(|side| side.tables.get(parent));
    let default = |table: Option<&Table>, name: &String| {
        table
            .and_then(|table| table.column(name))
            .and_then(|column| column.default.as_deref())
            .cloned()
    };
    // A new type takes the default away and gives it back, in the partitions too.
    let is_retyped = |name: &String| {
        let columns = tables.map(|table| table.and_then(|table| table.column(name)));
        columns.differs(|column| column.map(|column| (&column.sql_type, &column.collation)))
    };
    let own = |clause: &&Clause| clause.word == "default";
    for clause in pair.database.clauses.iter().filter(own) {
        let Some(name) = &clause.name else { continue };
        let (before, after) = (default(tables.database, name), default(tables.target, name));
        if !to.clauses.iter().any(|other| other.is_same_part(clause)) {
            to.clauses.extend(after.map(|text| Clause { text, ..clause.clone() }));
        } else if before != after || (is_retyped(name) && after.is_some()) {
            from.clauses.retain(|other| other != clause);
            to.depends_on.push(ObjectId::column(parent, name.as_str()));
        }
    }
    (from, to)
}

/// Drops an object and creates it again with its belongings. A privilege on a column that the new
/// object does not have is left out.
fn remake(pair: Pair<&Definition>) -> Vec<Operation> {
    let mut target = pair.target.clone();
    let has = |name: &String| pair.target.shape.iter().any(|column| column.name == *name);
    target.belongings.grants.retain(|grant| grant.column.as_ref().is_none_or(has));
    std::iter::once(drop(pair.database)).chain(create(&target)).collect()
}

/// Replaces a type by a new one of the same name, which takes over its columns. A type whose values are
/// handed over by their texts has the same attributes at first.
fn replace_type(
    world: &World<'_>,
    room: &Room,
    replaced: &[ObjectId],
    pair: Pair<&Definition>,
) -> Vec<Operation> {
    if is_reshaped(world, replaced, pair) {
        let operations = reshape(world, pair).into_iter();
        return operations.chain(comment(pair.target)).collect();
    }
    let object = |definition: &Definition| Object::Definition(Box::new(definition.clone()));
    let facts = world.dialect.kind_facts(pair.target.id.kind);
    if facts.is_some_and(|facts| facts.hands_over) {
        let left = clauses::without(world, &room.remade, pair.database);
        // What the type rests on is the matter of its successor from then on.
        let apart = left.clone().map(|left| Definition { depends_on: Vec::new(), ..left });
        let first = apart.map(|apart| alter_in_place(world, pair.database.clone(), apart));
        let from = left.as_ref().unwrap_or(pair.database);
        let from = constructors::under_old_names(world.dialect, from, replaced);
        let pair = Pair::new(&from, pair.target);
        let operations = first.into_iter().chain(replace(world, pair.map(object)));
        return operations.chain(comment(pair.target)).collect();
    }
    let same = Definition { belongings: pair.target.belongings.clone(), ..pair.database.clone() };
    let mut operations = replace(world, Pair::new(pair.database, &same).map(object)).to_vec();
    operations.extend(comment(&same));
    operations.extend(both(world, room, replaced, pair));
    operations
}

fn create(definition: &Definition) -> Vec<Operation> {
    let create = Operation::Create(Object::Definition(Box::new(definition.clone())));
    std::iter::once(create).chain(comment(definition)).collect()
}

fn drop(definition: &Definition) -> Operation {
    Operation::Drop(Object::Definition(Box::new(definition.clone())))
}

/// Returns the comments of a new object.
fn comment(definition: &Definition) -> Vec<Operation> {
    let none =
        Definition { comment: None, column_comments: Default::default(), ..definition.clone() };
    comment_changes(Pair::new(&none, definition))
}

fn comment_changes(pair: Pair<&Definition>) -> Vec<Operation> {
    let target = pair.target;
    let mut operations = Vec::new();
    if pair.differs(|definition| &definition.comment) {
        let (on, comment) = (target.id.clone(), target.comment.clone());
        operations.push(Operation::Comment { on, comment });
    }
    let names = pair.map(|definition| &definition.column_comments);
    let all: BTreeSet<&String> = names.database.keys().chain(names.target.keys()).collect();
    for name in all {
        if has_column(target, name)
            && pair.differs(|definition| definition.column_comments.get(name))
        {
            let on = ObjectId::column(&target.id.name, name.as_str());
            let comment = target.column_comments.get(name).cloned();
            operations.push(Operation::Comment { on, comment });
        }
    }
    operations
}

/// Returns true if an object has a column or an attribute of that name, as far as that is known.
fn has_column(definition: &Definition, name: &str) -> bool {
    let columns = definition.shape.iter().map(|column| &column.name);
    let mut names = columns.chain(definition.clauses.iter().filter_map(|c| c.name.as_ref()));
    let is_unknown = definition.shape.is_empty() && definition.clauses.is_empty();
    is_unknown || names.any(|own| own == name)
}

/// Returns the differences of definitions that no operation can remove.
pub(crate) fn impossible(world: &World<'_>, way: Way) -> Vec<Impossible> {
    let mut found = Vec::new();
    let replaced = replaced(world);
    // On the way back, attributes that come again are marked as moved.
    if way == Way::Forward {
        found.extend(held_order(world, &replaced));
    }
    found.extend(held_attributes(world, &replaced));
    found.extend(held_domains(world, &replaced));
    found.extend(held_types(world));
    found.extend(held_successions(world));
    found.extend(held_collations(world));
    found
}

/// Returns the types whose parts change their own types while columns are of them, which no ALTER
/// does.
fn held_attributes(world: &World<'_>, replaced: &[ObjectId]) -> Vec<Impossible> {
    let reshaped = reshaped::reshaped(world, replaced);
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let retyped = |target: &&Definition| {
        let facts = world.dialect.kind_facts(target.id.kind).filter(|facts| facts.is_type);
        let database = pair.database.get(&target.id);
        facts.zip(database).is_some_and(|(facts, database)| {
            let changes = |clause: &&Clause| {
                let facts = facts.clause(&clause.word);
                facts.is_some_and(|facts| !facts.change.is_empty())
                    && database.clauses.iter().any(|old| old.is_same_part(clause) && old != *clause)
            };
            target.clauses.iter().any(|clause| changes(&clause))
        })
    };
    let held = |target: &Definition| {
        let table = types_over(world, target)
            .into_iter()
            .find_map(|of| tables_of_type(world, of).into_iter().next())?;
        let database = pair.database.get(&target.id)?;
        let because = reshaped::obstacle(world, replaced, Pair::new(database, target))
            .unwrap_or_else(|| format!("{} has a column of it", ObjectId::table(&table)));
        let reason = format!(
            "an attribute gets another type, for which the type has to be made again, and {because}; \
             add another attribute, or write this revision by hand"
        );
        Some(Impossible { object: target.id.clone(), reason })
    };
    let types = pair.target.values().filter(|own| !reshaped.contains(&own.id));
    types.filter(retyped).filter_map(held).collect()
}

/// Returns the types whose attributes get another order while tables hold values of them, which no
/// ALTER gives them.
fn held_order(world: &World<'_>, replaced: &[ObjectId]) -> Vec<Impossible> {
    let reshaped = reshaped::reshaped(world, replaced);
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let reordered = |target: &&Definition| {
        let facts = world.dialect.kind_facts(target.id.kind);
        let database = pair.database.get(&target.id);
        facts
            .zip(database)
            .is_some_and(|(facts, database)| is_reordered(facts, Pair::new(database, target)))
    };
    let held = |target: &Definition| {
        let table = holder(world, target)?;
        let database = pair.database.get(&target.id)?;
        let because = reshaped::obstacle(world, replaced, Pair::new(database, target))
            .unwrap_or_else(|| format!("{} has a column of it", ObjectId::table(&table)));
        let reason = format!(
            "its attributes are in another order in the database, for which the type has to be made \
             again, and {because}; declare them in that order, with new ones last, or write this \
             revision by hand"
        );
        Some(Impossible { object: target.id.clone(), reason })
    };
    let types = pair.target.values().filter(|own| !reshaped.contains(&own.id));
    types.filter(reordered).filter_map(held).collect()
}

/// Returns the types that have to be made again while columns are of them, and whose values no
/// statement hands over.
fn held_types(world: &World<'_>) -> Vec<Impossible> {
    let held = |target: &Definition| {
        let table = holder(world, target)?;
        let reason = format!(
            "it has to be made again, and {} has a column of it; declare another type beside it, and \
             take the values over in a revision written by hand",
            ObjectId::table(&table)
        );
        Some(Impossible { object: target.id.clone(), reason })
    };
    remade(world, |facts| facts.is_type && !facts.hands_over).filter_map(held).collect()
}

/// Returns the collations that have to be made again while columns have them, which hold the old one.
fn held_collations(world: &World<'_>) -> Vec<Impossible> {
    let held = |target: &Definition| {
        let has = |column: &Column| {
            let own = column.collation.iter().flat_map(|name| world.collation(name));
            { own }.any(|id| id == target.id)
        };
        let tables = world.pair.database.tables.values();
        let column = tables.flat_map(|table| lasting(world, table).map(move |own| (table, own)));
        let (table, column) = { column }.find(|(_, column)| has(column))?;
        let reason = format!(
            "it has to be made again, and {} has it; declare another collation beside it, give that \
             to the column, and take this one away in the next revision",
            ObjectId::column(&table.name, column.name.as_str())
        );
        Some(Impossible { object: target.id.clone(), reason })
    };
    remade(world, |facts| facts.kind == Kind::Collation).filter_map(held).collect()
}

/// Iterates over the definitions of some kinds that have to be made again.
fn remade<'w>(
    world: &'w World<'w>,
    is_wanted: fn(&KindFacts) -> bool,
) -> impl Iterator<Item = &'w Definition> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    pair.target.values().filter(move |target| {
        let facts = world.dialect.kind_facts(target.id.kind).filter(|facts| is_wanted(facts));
        let database = pair.database.get(&target.id);
        facts.zip(database).is_some_and(|(facts, database)| {
            change(world, facts, Pair::new(database, target)) == Change::Replace
        })
    })
}

/// Returns the types that give their names to types of other kinds, and whose columns stay.
fn held_successions(world: &World<'_>) -> Vec<Impossible> {
    let held = |(from, to): (&ObjectId, &ObjectId)| {
        let column = columns_of(world, from).into_iter().next()?;
        let column = ObjectId::column(&column.table, column.column.name.as_str());
        let reason = format!(
            "it takes the name of {from}, and {column} is of that type; give the new type another \
             name, and take the values over in a revision written by hand"
        );
        Some(Impossible { object: to.clone(), reason })
    };
    let others = world.successors.iter().filter(|(from, _)| !is_succession(world, from));
    others.filter_map(held).collect()
}
