//! Making room: objects that have to be dropped and made again because an object that they rest on
//! changes.
//!
//! The mechanism is the same for dependants of every kind. A change disturbs an object. A dependant
//! that can't exist during the change makes room, which disturbs the objects that rest on it in
//! turn. Upgrades and downgrades both use this.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{AlterTable, mentions, referenced_key};
use aludel_schema::{
    Clause, Column, Constraint, ConstraintKind, Definition, Index, Kind, ObjectId, QualifiedName,
    SqlText, Table,
};

use crate::depends::World;
use crate::hazards::computed;
use crate::hazards::replication::{self, rechooses};
use crate::impossible::Impossible;
use crate::inheritance::inherit;
use crate::making_room::clauses::{self, DEFAULT, clause_of};
use crate::making_room::going::is_replaced;
use crate::making_room::in_the_way::BY_HAND;
use crate::making_room::{reached, rebuilt_indexes};
use crate::names::passing;
use crate::not_nulls::heir_names;
use crate::ordering::{calls, casts};
use crate::pair::Pair;
use crate::pairing::Tables;
use crate::partitions::{partition, partition_keys};
use crate::renaming::renames::Renamed;
use crate::sequences::aside::Aside;
use crate::tables::{column, recomputed};
use crate::types::domain::held_domain;
use crate::types::holder::{holder, rows_held};
use crate::types::replacement::moves;

/// The objects that make room.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// For each object that is dropped and made again, the object that is the reason.
    pub(crate) remade: BTreeMap<ObjectId, ObjectId>,
    /// The objects that would have to make room but can't.
    pub(crate) impossible: Vec<Impossible>,
}

/// The effect of a change on an object that others rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Disturbance {
    /// The values of a column change their form.
    Retyped,
    /// The values of a column are computed anew where they are.
    Recomputed,
    /// The object is dropped, whether or not it is made again.
    Dropped,
    /// A table loses the key of these columns, which are sorted by name.
    KeyDropped(Vec<String>),
}

/// An object that rests on others and is not changed itself.
#[derive(Clone, Copy, Debug)]
enum Dependant<'m> {
    Generated { table: &'m Table, column: &'m Column },
    Default { table: &'m Table, column: &'m Column },
    Constraint { table: &'m Table, pair: Pair<&'m Constraint> },
    Index { table: &'m Table, pair: Pair<&'m Index> },
    Clause { definition: &'m Definition, clause: &'m Clause },
    Definition(&'m Definition),
}

/// Finds all objects that have to make room.
pub(crate) fn make(
    world: &World<'_>,
    tables: &Tables<'_>,
    renamed: &Renamed<'_>,
    aside: &Aside,
) -> Room {
    let mut queue = disturbed(world, tables);
    let counters = aside.iter().map(|(name, _)| ObjectId::new(Kind::Sequence, name.clone()));
    queue.extend(counters.map(|id| (id, Disturbance::Dropped)));
    let mut room = Room::default();
    for own in heir_names::opened(world) {
        for (table, key) in own.keys(world) {
            queue.push((key.id(table), Disturbance::Dropped));
            let columns = key.key_columns().into_iter();
            let columns = columns.map(Disturbance::KeyDropped);
            queue.extend(columns.map(|dropped| (ObjectId::table(table), dropped)));
            room.remade.insert(key.id(table), own.id());
        }
    }
    // No row that a foreign key refers to can leave.
    for (partition, keys) in partition::kept_by_keys(world) {
        room.remade.extend(keys.into_iter().map(|key| (key, partition.id.clone())));
    }
    let rebuilt = rebuilt_indexes::found(world, tables).into_iter();
    room.remade.extend(rebuilt.map(|own| (own.index, own.function)));
    if queue.is_empty() {
        return room;
    }
    let dependants = dependants(world, tables, renamed);
    let reads_all = reads_all(world, tables, renamed);
    while let Some((object, what)) = queue.pop() {
        for dependant in dependants.get(&object).into_iter().flatten() {
            let id = dependant.id();
            let has_to_go = dependant.has_to_go(world, &object, &what)
                || (reads_all && dependant.reads_view(&object, &what));
            let is_done = room.remade.contains_key(&id) || tables.replaced.contains(&id);
            if is_done || !has_to_go {
                continue;
            }
            if let Some(reason) = dependant.obstacle(world, tables, &object, renamed) {
                room.impossible.push(Impossible { object: id.clone(), reason });
            }
            room.remade.insert(id.clone(), object.clone());
            queue.push((id, Disturbance::Dropped));
        }
    }
    room.impossible.extend(losses(world));
    room.impossible.sort_by(|a, b| a.object.cmp(&b.object));
    room
}

/// Returns the former name of something that a definition reads and that is renamed, if no object file has the
/// definition, so that it stays as it is.
fn renamed_under<'r>(
    world: &World<'_>,
    definition: &Definition,
    renamed: &'r Renamed<'_>,
) -> Option<&'r str> {
    let target = world.pair.target.definitions.get(&definition.id)?;
    // Of a definition in an object file, both texts are known.
    if target.source.is_some() || definition.source.is_some() {
        return None;
    }
    let names = |name: &str| mentions(&definition.body.written, name, world.dialect);
    // A column of another view has the name without being renamed.
    let is_over = |table: Option<&QualifiedName>| {
        table.is_none_or(|table| names(&table.name) || definition.id.table.is_some())
    };
    let mut renames = renamed.renames.renames.iter().map(|rename| &rename.from);
    let read = renames.find(|from| names(&from.name.name) && is_over(from.table.as_ref()))?;
    (target.body.written == definition.body.written).then_some(read.name.name.as_str())
}

/// Returns true if the database reads all views and triggers in the course of the plan. SQLite does so
/// when it renames something or drops a column (`ALTER TABLE`, "ALTER TABLE DROP COLUMN"), and fails if
/// one of them reads a view that is gone for a moment.
fn reads_all(world: &World<'_>, tables: &Tables<'_>, renamed: &Renamed<'_>) -> bool {
    world.dialect.capabilities().renames_read_views
        && (tables.both.iter().any(|both| {
            let mut columns = both.columns.both.iter();
            !both.columns.gone.is_empty()
                || columns.any(|own| computed::is_made_again(world, &both.tables.target.name, *own))
        }) || !renamed.operations().is_empty())
}

/// Returns the definitions that change for their own sake, and would lose something by that.
fn losses(world: &World<'_>) -> Vec<Impossible> {
    let replaced = world
        .pair
        .database
        .definitions
        .values()
        .filter(|d| is_replaced(world, d) && world.pair.target.definitions.contains_key(&d.id));
    let lost = |definition: &Definition| {
        let object = definition.id.clone();
        if world.dialect.kind_facts(object.kind).is_some_and(|facts| facts.has_rows) {
            let reason = "it would have to be made again, and its rows would be lost: its table, its \
                          partition key and its access method stay; make a new one and copy the rows \
                          in a revision written by hand";
            return Some(Impossible { object, reason: reason.to_owned() });
        }
        if let Some(reason) = rows_held(world, definition) {
            return Some(Impossible { object, reason });
        }
        let reason = "it has to be dropped and made again, and its password would be lost; write \
                      this revision by hand";
        let reason = reason.to_owned();
        definition.belongings.has_secret.then_some(Impossible { object, reason })
    };
    replaced.filter_map(lost).collect()
}

/// Returns the objects that the differences themselves disturb.
fn disturbed(world: &World<'_>, tables: &Tables<'_>) -> Vec<(ObjectId, Disturbance)> {
    let replaced = tables.replaced.iter();
    let mut found: Vec<(ObjectId, Disturbance)> =
        replaced.map(|id| (id.clone(), Disturbance::Dropped)).collect();
    for both in &tables.both {
        let name = &both.tables.target.name;
        for column in &both.columns.both {
            let id = ObjectId::column(name, column.target.name.as_str());
            if column::follows_type(*column) {
                found.push((id, Disturbance::Retyped));
            } else if column::is_renewed(world, name, *column) {
                let above = inherit::above(world.pair.target, both.tables.target).into_iter();
                let above = above.map(|own| ObjectId::column(&own.name, id.name.name.as_str()));
                // The server lets it go only after the one above.
                let all: Vec<ObjectId> = above.chain([id.clone()]).collect();
                found.extend(all.into_iter().map(|id| (id, Disturbance::Dropped)));
            } else if column::is_retyped(*column) || moves(world, &tables.replaced, *column) {
                found.push((id, Disturbance::Retyped));
            } else if recomputed::stays(world, name, *column) {
                found.push((id, Disturbance::Recomputed));
            }
        }
        let gone = both.columns.gone.iter().chain(&both.columns.gone_with_type);
        found.extend(gone.map(|c| (ObjectId::column(name, c.name.as_str()), Disturbance::Dropped)));
        let gone = both.constraints.gone.iter();
        let indexes = both.indexes.gone.iter().map(|index| index.id(name));
        let gone = gone.map(|constraint| constraint.id(name)).chain(indexes);
        found.extend(gone.map(|id| (id, Disturbance::Dropped)));
        let keys = both.constraints.gone.iter().filter_map(|constraint| constraint.key_columns());
        let indexes = both.indexes.gone.iter().filter_map(|index| index.key_columns());
        let with_key = partition_keys::and_partitions(world, name).into_iter().map(ObjectId::table);
        let with_key: Vec<ObjectId> = with_key.collect();
        for columns in keys.chain(indexes) {
            let dropped = || Disturbance::KeyDropped(columns.clone());
            found.extend(with_key.iter().map(|table| (table.clone(), dropped())));
        }
    }
    // What rests on them may rest on the successors, as they are spelled the same.
    found.extend(world.successors.iter().map(|(gone, _)| (gone.clone(), Disturbance::Dropped)));
    let counters = gone_sequences(world, tables);
    let counters = counters.map(|name| ObjectId::new(Kind::Sequence, name));
    found.extend(counters.map(|id| (id, Disturbance::Dropped)));
    let gone = world.pair.database.tables.keys();
    let gone = gone.filter(|name| !world.pair.target.tables.contains_key(*name));
    found.extend(gone.map(|name| (ObjectId::table(name), Disturbance::Dropped)));
    found.extend(passing::columns(world, tables).map(|id| (id, Disturbance::Dropped)));
    let definitions = world.pair.database.definitions.values();
    let replaced = definitions.filter(|definition| is_replaced(world, definition));
    found.extend(replaced.map(|definition| (definition.id.clone(), Disturbance::Dropped)));
    found.extend(casts::left(world).into_iter().map(|id| (id, Disturbance::Dropped)));
    found.extend(columns_of_definitions(world));
    found.extend(
        partition_keys::lost_keys(world)
            .into_iter()
            .map(|(name, columns)| (ObjectId::table(&name), Disturbance::KeyDropped(columns))),
    );
    let of_heirs = found.iter().flat_map(|(id, what)| {
        let heirs = world.with_heirs(vec![id.clone()]).into_iter().skip(1);
        heirs.map(|id| (id, what.clone())).collect::<Vec<_>>()
    });
    let of_heirs: Vec<(ObjectId, Disturbance)> = of_heirs.collect();
    found.extend(of_heirs);
    found
}

/// Returns the columns that are clauses of definitions, as those of foreign tables are, and that
/// change their types or go.
fn columns_of_definitions(world: &World<'_>) -> Vec<(ObjectId, Disturbance)> {
    let pair = world.pair.map(|metadata| &metadata.definitions);
    let mut found = Vec::new();
    for (id, database) in pair.database {
        let facts = world.dialect.kind_facts(id.kind);
        let (Some(facts), Some(target)) = (facts, pair.target.get(id)) else { continue };
        for clause in database.clauses.iter().filter(|clause| !target.clauses.contains(clause)) {
            let facts = facts.clause(&clause.word).filter(|facts| facts.is_column());
            let (Some(facts), Some(name)) = (facts, &clause.name) else { continue };
            let stays = target.clauses.iter().any(|other| other.is_same_part(clause));
            let what = match stays && !facts.once {
                true => Disturbance::Retyped,
                false => Disturbance::Dropped,
            };
            found.push((ObjectId::column(&id.name, name.as_str()), what));
        }
    }
    found
}

/// Returns the sequences that go, and those behind identity columns that are none any more. One with the
/// name may come in the place of another.
fn gone_sequences<'w>(
    world: &'w World<'_>,
    tables: &'w Tables<'_>,
) -> impl Iterator<Item = QualifiedName> + 'w {
    let gone = world.pair.database.sequences.keys();
    let gone = gone.filter(|name| !world.pair.target.sequences.contains_key(*name)).cloned();
    let of_columns = tables.both.iter().flat_map(|both| {
        let columns = both.columns.both.iter();
        let ended = columns.filter(|column| column.target.identity.is_none());
        let ended = ended.map(|column| column.database);
        let all = ended.chain(both.columns.gone.iter().copied());
        all.filter_map(|column| column.identity_sequence(&both.tables.database.name))
    });
    gone.chain(of_columns)
}

/// Returns the objects that stay, by the objects that they rest on on both sides.
fn dependants<'m>(
    world: &World<'m>,
    tables: &Tables<'m>,
    renamed: &Renamed<'_>,
) -> BTreeMap<ObjectId, Vec<Dependant<'m>>> {
    let mut found: BTreeMap<ObjectId, Vec<Dependant<'m>>> = BTreeMap::new();
    let mut rests = |on: Vec<ObjectId>, dependant: Dependant<'m>| {
        let on: BTreeSet<ObjectId> = on.into_iter().collect();
        on.into_iter().for_each(|on| found.entry(on).or_default().push(dependant));
    };
    let in_place = world.dialect.capabilities().alter_table == AlterTable::InPlace;
    for both in &tables.both {
        let table = both.tables.target;
        for column in &both.columns.both {
            if column.target.generated.is_some() && column.database.generated.is_some() {
                let mut on = world.column(table, column.target);
                if !recomputed::stays(world, &table.name, *column) {
                    on.extend(world.column(both.tables.database, column.database));
                }
                on.push(ObjectId::column(&table.name, column.target.name.as_str()));
                rests(on, Dependant::Generated { table, column: column.target });
            }
            if reached::keeps_default(&renamed.metadata, &table.name, column.target) {
                let on = vec![ObjectId::column(&table.name, column.target.name.as_str())];
                rests(on, Dependant::Default { table, column: column.target });
            }
            if let (Some(before), Some(after)) = (&column.database.default, &column.target.default)
            {
                let (mut on, calls) = (world.named(before), world.named(after));
                match before == after {
                    // The text may call another function of the name.
                    true => on.extend(calls),
                    // A default that changes needs room only for what it calls before and afterwards, and
                    // for what can't go while another one of the name is there.
                    false => on.retain(|id| calls.contains(id) || calls::goes_in_turn(world, id)),
                }
                rests(on, Dependant::Default { table, column: column.target });
            }
        }
        // A rebuild of the table makes its constraints and indexes again.
        if !in_place {
            continue;
        }
        let own = &both.constraints;
        for pair in own.kept.iter().chain(&own.renamed).chain(&own.altered) {
            let mut on = world.constraint(table, pair.target);
            on.extend(world.constraint(both.tables.database, pair.database));
            rests(on, Dependant::Constraint { table, pair: *pair });
        }
        for pair in &both.indexes.kept {
            let mut on = world.index(table, pair.target);
            on.extend(world.index(both.tables.database, pair.database));
            rests(on, Dependant::Index { table, pair: *pair });
        }
    }
    for definition in world.pair.database.definitions.values() {
        if world.pair.target.definitions.contains_key(&definition.id) {
            let mut on = definition.depends_on.clone();
            for (clause, called) in clauses::resting(world, definition) {
                on.retain(|id| !called.contains(id));
                rests(called, Dependant::Clause { definition, clause });
            }
            rests(on, Dependant::Definition(definition));
        }
    }
    found
}

impl Dependant<'_> {
    fn id(&self) -> ObjectId {
        match self {
            Self::Generated { table, column } => {
                ObjectId::column(&table.name, column.name.as_str())
            }
            Self::Default { table, column } => default_of(&table.name, &column.name),
            Self::Constraint { table, pair } => pair.target.id(&table.name),
            Self::Index { table, pair } => pair.target.id(&table.name),
            Self::Clause { definition, clause } => clause_of(definition, clause),
            Self::Definition(definition) => definition.id.clone(),
        }
    }

    /// Returns true if the dependant can't exist during a change of an object that it rests on.
    fn has_to_go(&self, world: &World<'_>, on: &ObjectId, what: &Disturbance) -> bool {
        let by_text = |text: &SqlText| {
            mentions(&text.written, &on.name.name, world.dialect) || world.named(text).contains(on)
        };
        if *what == Disturbance::Recomputed {
            return self.forgets(on, &by_text);
        }
        let dropped = *what == Disturbance::Dropped;
        match self {
            // ALTER COLUMN TYPE refuses a generated column and the columns that it is generated
            // from.
            Self::Generated { .. } => {
                (on.kind == Kind::Column && *what == Disturbance::Retyped) || dropped
            }
            Self::Default { .. } => dropped || on.kind == Kind::Column,
            Self::Clause { clause, .. } => clause_has_to_go(world, clause, on, what),
            Self::Constraint { pair, .. } => match &pair.target.kind {
                // The two ends change their types one after the other, and the types do not match
                // in between.
                ConstraintKind::ForeignKey(key) => match what {
                    Disturbance::Retyped | Disturbance::Dropped => on.kind == Kind::Column,
                    Disturbance::Recomputed => false,
                    Disturbance::KeyDropped(columns) => {
                        let mut own = key.referenced_columns.clone();
                        own.sort();
                        on.name == key.references && own == *columns
                    }
                },
                // PostgreSQL would make these again by itself, but would apply the old text to the
                // new types.
                ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => {
                    // The same text may call another function.
                    let mut texts = [pair.database, pair.target].into_iter();
                    (on.kind == Kind::Column || dropped)
                        && texts.any(|own| own.text().is_some_and(by_text))
                }
                // ALTER COLUMN TYPE rebuilds the index of a key by itself.
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
                    matches!(on.kind, Kind::Column | Kind::OperatorClass) && dropped
                }
            },
            Self::Index { pair, .. } => index_has_to_go(*pair, on, dropped, &by_text),
            Self::Definition(definition) => {
                let facts = world.dialect.kind_facts(definition.id.kind);
                let holds = facts.is_none_or(|facts| facts.holds_on)
                    && !gives_up(world, definition, on)
                    && !replication::lets_go(world, definition, on);
                if facts.is_some_and(|facts| facts.has_rows) {
                    let target = world.pair.target.definitions.get(&definition.id);
                    let still = target.is_some_and(|target| target.depends_on.contains(on));
                    return still && !matches!(what, Disturbance::KeyDropped(_));
                }
                // A trigger of a view ends with the view, on every server.
                let is_part = definition.id.table.as_ref() == Some(&on.name) && on.table.is_none();
                match what {
                    Disturbance::Dropped => {
                        let is_read = || computed::is_read(world, definition, on);
                        holds || is_part || rechooses(world, definition, on) || is_read()
                    }
                    Disturbance::Retyped => match definition.id.kind {
                        // PostgreSQL makes these again by itself.
                        Kind::Index => false,
                        // The old text would be applied to the new types, as in a check.
                        Kind::Statistics => self.forgets(on, &by_text) || self.computes(world, on),
                        Kind::Publication => replication::chooses(world, definition, on),
                        _ => holds,
                    },
                    Disturbance::Recomputed | Disturbance::KeyDropped(_) => false,
                }
            }
        }
    }

    /// Returns true if PostgreSQL forgets statistics targets of the dependant when it makes it again by itself.
    fn forgets(&self, on: &ObjectId, by_text: &impl Fn(&SqlText) -> bool) -> bool {
        match self {
            Self::Index { pair, .. } => index_forgets(*pair, on, by_text),
            Self::Definition(own) => own.id.kind == Kind::Statistics && !own.clauses.is_empty(),
            Self::Generated { .. }
            | Self::Default { .. }
            | Self::Constraint { .. }
            | Self::Clause { .. } => false,
        }
    }

    /// Returns true for statistics of an expression over a column.
    fn computes(&self, world: &World<'_>, on: &ObjectId) -> bool {
        matches!(self, Self::Definition(own)
            if world.dialect.computes_statistics(own.body.spelling(), &on.name.name))
    }

    /// Returns true if the dependant reads a view or a virtual table that is dropped.
    fn reads_view(&self, on: &ObjectId, what: &Disturbance) -> bool {
        matches!(self, Self::Definition(_))
            && matches!(on.kind, Kind::View | Kind::VirtualTable)
            && *what == Disturbance::Dropped
    }

    /// Returns the reason why the dependant can't be made again as it was.
    fn obstacle(
        &self,
        world: &World<'_>,
        tables: &Tables<'_>,
        because: &ObjectId,
        renamed: &Renamed<'_>,
    ) -> Option<String> {
        let own = match self {
            Self::Clause { definition, .. } => definition.id.clone(),
            other => other.id(),
        };
        if world.leaves_alone(&own) {
            return Some(format!("it rests on {because}, which changes; {BY_HAND}"));
        }
        let definition = match self {
            Self::Definition(definition) => definition,
            Self::Clause { definition, clause } => {
                let target = world.pair.target.definitions.get(&definition.id);
                // A domain that is made again has the constraint from the beginning.
                let is_kept = clause.word != DEFAULT && !tables.replaced.contains(&definition.id);
                let target = target.filter(|_| is_kept);
                let held = target.and_then(|own| held_domain(world, own));
                return held.map(|held| held.reason);
            }
            Self::Generated { .. }
            | Self::Default { .. }
            | Self::Constraint { .. }
            | Self::Index { .. } => return None,
        };
        if world.dialect.kind_facts(definition.id.kind).is_none() {
            return Some(format!(
                "it rests on {because}, which changes, and Aludel does not make {} again; drop it \
                 first and make it again afterwards, in revisions written by hand",
                definition.id.kind.with_article()
            ));
        }
        let is_type =
            world.dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.is_type);
        if let Some(table) = is_type.then(|| holder(world, definition)).flatten() {
            return Some(format!(
                "it rests on {because}, which is replaced, and {} has a column of it; change them in \
                 revisions written by hand",
                ObjectId::table(&table)
            ));
        }
        if world.dialect.kind_facts(definition.id.kind).is_some_and(|facts| facts.has_rows) {
            return Some(format!(
                "it rests on {because}, which changes, and its rows would be lost if it was made \
                 again; drop what rests there first and make it again afterwards, in revisions \
                 written by hand"
            ));
        }
        if let Some(reason) = rows_held(world, definition) {
            return Some(reason);
        }
        if definition.belongings.has_secret {
            return Some(format!(
                "it has to be made again, because {because} changes under it, and its password would \
                 be lost; write this revision by hand"
            ));
        }
        renamed_under(world, definition, renamed).map(|name| {
            format!(
                "it has to be made again, because {because} changes under it, and the same plan \
                 renames {name}, which it reads; rename first, in a revision of its own"
            )
        })
    }
}

/// Returns true if a clause that makes room by itself can't exist during a change.
fn clause_has_to_go(world: &World<'_>, clause: &Clause, on: &ObjectId, what: &Disturbance) -> bool {
    match what {
        Disturbance::Dropped => true,
        Disturbance::Retyped => on.kind == Kind::Column && !clauses::is_key(clause),
        Disturbance::Recomputed => false,
        Disturbance::KeyDropped(columns) => {
            let key = referenced_key(clause.text.spelling(), world.dialect);
            key.is_some_and(|(table, mut own)| {
                own.sort();
                on.name == table && own == *columns
            })
        }
    }
}

/// Returns true if ALTER takes away the part of a type that rests on an object.
fn gives_up(world: &World<'_>, definition: &Definition, on: &ObjectId) -> bool {
    let facts = world.dialect.kind_facts(definition.id.kind);
    let target = world.pair.target.definitions.get(&definition.id);
    facts.is_some_and(|facts| facts.is_type && !facts.hands_over)
        && target.is_some_and(|target| !target.depends_on.contains(on))
}

/// Returns true if an index can't exist during a change of an object. `by_text` says whether a text names it.
fn index_has_to_go(
    pair: Pair<&Index>,
    on: &ObjectId,
    dropped: bool,
    by_text: &impl Fn(&SqlText) -> bool,
) -> bool {
    let index = pair.target;
    let reads = pair.database.expressions().chain(index.expressions()).any(by_text);
    let holds = index.columns().any(|name| name == on.name.name);
    match on.kind {
        Kind::Column => reads || (holds && dropped) || index_forgets(pair, on, by_text),
        // The keys name these, or their types do.
        Kind::OperatorClass | Kind::Collation => dropped,
        _ => reads && dropped,
    }
}

/// Returns true if an index is made of a column, and has statistics targets of its expressions.
fn index_forgets(pair: Pair<&Index>, on: &ObjectId, by_text: &impl Fn(&SqlText) -> bool) -> bool {
    let index = pair.target;
    let holds = index.columns().any(|name| name == on.name.name);
    let mut texts = pair.database.expressions().chain(index.expressions());
    on.kind == Kind::Column
        && !index.settings.statistics.is_empty()
        && (holds || texts.any(by_text))
}

/// Returns the identity that the default of a column has among the objects that make room.
pub(crate) fn default_of(table: &QualifiedName, column: &str) -> ObjectId {
    let mut id = ObjectId::column(table, column);
    id.signature = Some("default".to_owned());
    id
}
