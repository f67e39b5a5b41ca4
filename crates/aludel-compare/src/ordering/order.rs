//! The order of a plan, computed from a graph of ordering constraints.
//!
//! An operation needs some objects in their new state, and releases others in their old state. An
//! operation that creates, renames or alters an object comes before the operations that need it. An
//! operation that releases an object comes before the one that drops or alters it. An operation
//! that frees a name comes before the one that takes it. Otherwise the operations keep the order in
//! which the comparison found them. A cycle of foreign keys is broken by adding one of them on its
//! own.

use std::collections::{BTreeMap, BTreeSet};

use aludel_operations::{Alter, ColumnChange, Operation, TypeReplacement};
use aludel_schema::{Kind, ObjectId, OwnerColumn, QualifiedName, Sequence};

use crate::depends::World;
use crate::hazards::replication;
use crate::inheritance::{parted, typed};
use crate::making_room::reached;
use crate::names::name::{self, Name};
use crate::names::{chosen_names, ended_parts, third_names};
use crate::not_nulls::{heir_names, not_null, own_not_null, part_names, passed_on};
use crate::ordering::circles::cut_circles;
use crate::ordering::graph::Graph;
use crate::ordering::states::{
    Side, add_tables, broken, comes_in_any_turn, constraint_id, indexes_with_roles, is_done_before,
    is_renaming, is_used, made, options_of, schema_id,
};
use crate::ordering::{
    calls, casts, code, conversions, ends, heir_order, left_attributes, row_types, sorting,
    table_options,
};
use crate::partitions::{bound, exchange, part_constraints, part_counters, partition, storing};
use crate::privileges::owners;
use crate::renaming::constructors;
use crate::sequences::sequence;
use crate::tables::{foreign_keys, recomputed};
use crate::types::replacement::{called, called_before, old_name};
use crate::types::{domain, holder};

/// Operations in their order.
pub(crate) struct Ordered {
    pub(crate) operations: Vec<Operation>,
    /// The functions whose code names what comes after them, because that rests on them.
    pub(crate) early: BTreeSet<ObjectId>,
    /// An operation that gives up a name and that has to wait for the one that takes it.
    pub(crate) late: Option<usize>,
}

/// Sorts the operations so that each one finds the objects that it needs.
pub(crate) fn ordered(world: &World<'_>, operations: Vec<Operation>) -> Ordered {
    let operations = cut_circles(world, operations);
    let orderer = Orderer::new(world, &operations);
    let mut graph = Graph::new(operations.len());
    orderer.needs(&mut graph);
    orderer.addresses(&mut graph);
    let named = code::named(world, &operations, &orderer.makers, &orderer.breakers);
    named.iter().for_each(|named| graph.soft_edge(named.maker, named.function));
    sorting::edges(world, &operations, &mut graph);
    let (needed, given_up) = (|own: &_| orderer.needed(own), |own: &_| orderer.given_up(own));
    casts::edges(world, &operations, &mut graph, needed);
    calls::edges(world, &operations, &mut graph, needed, given_up);
    row_types::edges(world, &operations, &mut graph);
    replication::edges(world, &operations, &mut graph);
    owners::edges(world, &operations, &mut graph);
    owners::edges_of_rows(world, &operations, &mut graph);
    foreign_keys::edges(world.dialect, &operations, &mut graph);
    foreign_keys::edges_of_primary_keys(&operations, &mut graph);
    foreign_keys::edges_of_partitions(world, &operations, &mut graph);
    heir_order::edges(world, &operations, &mut graph);
    parted::edges(world, &operations, &mut graph);
    exchange::edges(world, &operations, &mut graph);
    passed_on::edges(world, &operations, &mut graph);
    own_not_null::edges(world, &operations, &mut graph);
    table_options::edges(world, &operations, &mut graph);
    typed::edges(&operations, &mut graph);
    storing::edges(world, &operations, &mut graph);
    partition::edges(world, &operations, &mut graph);
    part_counters::edges(world, &operations, &mut graph);
    sequence::edges(&operations, &mut graph);
    ends::edges(world.dialect, &operations, &mut graph);
    let names = orderer.names(&mut graph);
    chosen_names::edges(world, &operations, &mut graph);
    ends::extensions(&operations, &mut graph);
    conversions::edges(world, &operations, &mut graph);
    let order = graph.order();
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, at)| places[*at] = place);
    let late = graph.closing(&names, &order);
    let early = named.iter().filter(|named| places[named.maker] > places[named.function]);
    let early = early.map(|named| operations[named.function].object()).collect();
    let mut left: Vec<Option<Operation>> = operations.into_iter().map(Some).collect();
    // The numbers after those of the operations belong to gates.
    let order: Vec<usize> = order.into_iter().filter(|at| *at < left.len()).collect();
    let late = late.and_then(|[holder, _]| order.iter().position(|at| *at == holder));
    let operations = order.into_iter().filter_map(|at| left.get_mut(at)?.take()).collect();
    Ordered { operations, early, late }
}

/// The operations and lookup tables for them. Operations are referred to by index.
pub(super) struct Orderer<'o, 'm> {
    pub(super) world: &'o World<'m>,
    operations: &'o [Operation],
    /// For each object, the operations that bring it to its new state.
    makers: BTreeMap<ObjectId, Vec<usize>>,
    /// For each object, the operations that end its old state.
    breakers: BTreeMap<ObjectId, Vec<usize>>,
    /// The types that are replaced and the objects that end under third names, with those names.
    pub(super) replaced: BTreeMap<ObjectId, ObjectId>,
}

impl<'o, 'm> Orderer<'o, 'm> {
    fn new(world: &'o World<'m>, operations: &'o [Operation]) -> Self {
        let mut makers: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
        let mut breakers: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
        for (at, operation) in operations.iter().enumerate() {
            let (made, mut broken) = (made(operation), broken(operation));
            if let Operation::Drop(object) = operation {
                broken.extend(ended_parts::owned_sequences(world, object).map(Sequence::id));
            }
            let made = world.with_heirs(made).into_iter();
            made.for_each(|id| makers.entry(id).or_default().push(at));
            let broken = world.with_heirs(broken).into_iter();
            broken.for_each(|id| breakers.entry(id).or_default().push(at));
        }
        let replaced = operations.iter().filter_map(|operation| match operation {
            Operation::Alter(Alter::ReplaceType(replacement)) => {
                let id = replacement.from.id();
                Some((id.clone(), ObjectId { name: old_name(&id.name), ..id }))
            }
            _ => None,
        });
        let replaced = replaced.chain(third_names::ending(world, operations.iter())).collect();
        Self { world, operations, makers, breakers, replaced }
    }

    /// Adds edges from the makers of an object to the operations that need it, and from the
    /// operations that release an object to its breakers.
    fn needs(&self, graph: &mut Graph) {
        for (at, operation) in self.operations.iter().enumerate() {
            for id in self.needed(operation) {
                let makers = self.makers.get(&id).into_iter().flatten();
                // Several operations on the same object keep their relative order. A comment
                // always follows the object, which may be made at the end.
                let is_comment = matches!(operation, Operation::Comment { .. });
                let own = id == operation.object() && !is_comment;
                // A rename needs the object that has the name before it, which no change of a column makes.
                let is_rename = is_renaming(operation);
                let of_column = |own: &Operation| matches!(own, Operation::Alter(Alter::Column(_)));
                let makers = makers
                    .filter(|maker| !own || !is_rename || !of_column(&self.operations[**maker]));
                let makers = makers.filter(|maker| {
                    !comes_in_any_turn(operation, &self.operations[**maker]) || self.moves(**maker)
                });
                let is_own =
                    |maker: usize| own && (is_rename || self.operations[maker].object() == id);
                // Each rename was found with the names that those before it give.
                let is_later = |at: usize| is_rename && is_renaming(&self.operations[at]);
                let is_after = |maker: usize| maker > at && (is_own(maker) || is_later(maker));
                for maker in makers.filter(|maker| !is_after(**maker)) {
                    let other = &self.operations[*maker];
                    let is_reached = || reached::is_reached(self.world, operation);
                    if own && heir_order::comes_before(operation, other)
                        || is_done_before(operation, other) && !is_reached()
                        || heir_names::comes_first(self.world, operation, other)
                        || left_attributes::comes_first(self.world, operation, other)
                        || part_constraints::comes_first(self.world, operation, other)
                        || part_names::leaves_first(self.world, operation, other)
                    {
                        graph.edge(at, *maker);
                    } else {
                        graph.edge(*maker, at);
                    }
                }
            }
            let mut given_up = self.given_up(operation);
            if holder::gives_up_values(operation) {
                given_up.extend(holder::types_below(self.world, &given_up));
            }
            for id in given_up {
                let breakers = self.breakers.get(&id).into_iter().flatten();
                let own = id == operation.object();
                let is_behind = |b: usize| heir_order::comes_behind(operation, &self.operations[b]);
                let breakers = breakers.filter(|b| !own || **b > at && !is_behind(**b));
                let is_first = |b: &usize| {
                    own_not_null::comes_behind(self.world, operation, &self.operations[*b])
                };
                let breakers = breakers.filter(|b| !is_first(b));
                breakers.for_each(|b| graph.edge(at, *b));
            }
        }
    }

    /// Adds edges from the renames of objects to the operations on other objects whose addresses
    /// contain the new names, such as `FUNCTION f(type)` and `USER MAPPING FOR role SERVER server`.
    fn addresses(&self, graph: &mut Graph) {
        let renames = |at: &&usize| is_renaming(&self.operations[**at]);
        let definitions = self.world.pair.map(|side| &side.definitions);
        for (at, operation) in self.operations.iter().enumerate() {
            let own = operation.object();
            if own.kind.is_called() && is_renaming(operation) {
                self.in_turn(at, graph);
                continue;
            }
            // A trigger is addressed by its view.
            let mut parts = self.relations(own.table.as_ref());
            if let Operation::Drop(object) = operation {
                // Its sequences end with it.
                parts.extend(ended_parts::owned_sequences(self.world, object).map(Sequence::id));
            }
            if let Operation::Alter(Alter::ReplaceType(replacement)) = operation {
                // Their names are set aside.
                parts.extend(constructors::of(&replacement.from).iter().cloned());
            }
            if own.signature.is_some() {
                // One that comes may be over another type of the same name than one that goes.
                let (before, after) =
                    (definitions.database.get(&own), definitions.target.get(&own));
                let before = before.filter(|_| !matches!(operation, Operation::Create(_)));
                let after = after.filter(|_| !matches!(operation, Operation::Drop(_)));
                let on = [before, after].into_iter().flatten().flat_map(|own| &own.depends_on);
                let on: Vec<ObjectId> = on.filter(|id| id.table.is_none()).cloned().collect();
                // The address has the names that types have before they get others to end under.
                let aside = on.iter().filter_map(|id| self.makers.get(self.replaced.get(id)?));
                aside.flatten().filter(renames).for_each(|rename| graph.edge(at, *rename));
                parts.extend(on);
            }
            for part in parts {
                let makers = self.makers.get(&part).filter(|_| part != own);
                let renamed = makers.into_iter().flatten().filter(renames);
                renamed.for_each(|rename| graph.edge(*rename, at));
            }
        }
    }

    /// Adds edges that leave the rename of a function between those of the types of its arguments as the renames
    /// were found: it states the names that these have by then.
    fn in_turn(&self, at: usize, graph: &mut Graph) {
        let others = self.operations.iter().enumerate().filter(|(_, other)| {
            let id = other.object();
            is_renaming(other) && !id.kind.is_called() && id.table.is_none()
        });
        others.for_each(|(other, _)| graph.edge(other.min(at), other.max(at)));
    }

    /// Adds edges from the operations that free a name to those that take it. Returns those that are about the name of
    /// an object among the relations and types of a schema.
    fn names(&self, graph: &mut Graph) -> Vec<[usize; 2]> {
        let world = self.world;
        let freed = third_names::freed(world, self.operations);
        let mut found = Vec::new();
        for (at, operation) in self.operations.iter().enumerate() {
            for name in name::takes(world, operation) {
                let free = freed.get(&name);
                // What is renamed may end later on.
                let is_itself = |free: usize| {
                    free > at && name::goes_on(world, operation, &self.operations[free])
                };
                let free = free.into_iter().flatten().filter(|free| !is_itself(**free));
                for free in free.filter(|free| **free != at) {
                    match &name {
                        // A new constraint gets another name if that one is not free, and the server may have
                        // chosen another name for an index.
                        Name::NotNull(_) | Name::IndexOfPartition(_) => {
                            graph.soft_edge(*free, at);
                        }
                        Name::InSchema(name) if self.operations[*free].object().name == *name => {
                            graph.edge(*free, at);
                            found.push([*free, at]);
                        }
                        _ => graph.edge(*free, at),
                    }
                }
            }
        }
        found
    }

    /// Returns the checks of the tables above a partition that may be the one of the partition.
    fn check_above(&self, check: &ObjectId) -> Vec<ObjectId> {
        let side = self.world.pair.target;
        let own = check.table.as_ref().filter(|_| check.kind == Kind::Constraint);
        let own = own.and_then(|table| side.definitions.get(&bound::part(table)));
        let above = own.into_iter().flat_map(|own| bound::above(side, own, self.world.dialect));
        above
            .flat_map(|table| [constraint_id(table, &check.name.name), bound::part(table)])
            .collect()
    }

    /// Returns the objects that an operation needs in their new state.
    fn needed(&self, operation: &Operation) -> Vec<ObjectId> {
        let mut needed = match operation {
            operation if reached::comes_first(self.world, operation) => Vec::new(),
            Operation::Create(object) => self.rests_on(object, Side::Target),
            Operation::Restore(restored) => self.column(&restored.table, &restored.column),
            Operation::Alter(alter) => self.needed_to_alter(alter),
            Operation::Comment { on, .. } => {
                let mut needed = self.relations(on.table.as_ref());
                let table = on.table.as_ref().filter(|_| on.kind == Kind::Index);
                needed.extend(table.map(|table| constraint_id(table, &on.name.name)));
                needed.extend(self.world.identity_of(on));
                needed.extend(self.check_above(on));
                needed
            }
            Operation::Drop(_) | Operation::Rename { .. } => Vec::new(),
        };
        add_tables(&mut needed);
        let successors = needed.iter().filter_map(|id| self.world.successors.get(id));
        let successors: Vec<ObjectId> = successors.cloned().collect();
        needed.extend(successors);
        let own = operation.object();
        // Statements refer to a table by its new name, and to a view that goes by its old one.
        let (tables, views) =
            (&self.world.pair.database.tables, &self.world.pair.database.definitions);
        let is_drop = matches!(operation, Operation::Drop(_));
        let is_of_table = matches!(own.kind, Kind::Column | Kind::Constraint | Kind::Index);
        let is_known = |table: &QualifiedName| is_of_table && tables.contains_key(table);
        let table = own.table.as_ref().filter(|table| is_drop && !is_known(table));
        if !self.relations(table).into_iter().any(|id| views.contains_key(&id)) {
            needed.extend(own.table.as_ref().map(ObjectId::table));
        }
        needed.extend(Some(own).filter(|_| !reached::comes_first(self.world, operation)));
        needed
    }

    /// Returns the objects of other kinds, such as views, that may have this name and contain
    /// columns.
    pub(super) fn relations(&self, name: Option<&QualifiedName>) -> Vec<ObjectId> {
        let kinds = self.world.dialect.kinds();
        let ids = name
            .into_iter()
            .flat_map(|name| kinds.iter().map(|facts| ObjectId::new(facts.kind, name.clone())));
        ids.collect()
    }

    fn needed_to_alter(&self, alter: &Alter) -> Vec<ObjectId> {
        match alter {
            Alter::Column(change) => self.needed_to_change(change),
            Alter::Sequence { to, .. } => {
                to.owned_by.iter().map(|owner| options_of(&owner.table)).collect()
            }
            Alter::SequenceOwner { sequence, .. } => {
                sequence.owned_by.iter().map(OwnerColumn::id).collect()
            }
            // A domain that only loses something needs nothing of the domain below it.
            Alter::Definition { from, to, .. } if domain::only_loses(from, to) => Vec::new(),
            Alter::Definition { from, to, .. } => {
                let mut on = to.depends_on.clone();
                on.extend(partition::said_of(self.world, to, from));
                on
            }
            Alter::Move(moves) => {
                moves.along.iter().cloned().chain([schema_id(&moves.schema)]).collect()
            }
            Alter::Access { on, from, to } => {
                let grants = from.grants.iter().chain(&to.grants);
                let columns = grants.filter_map(|grant| grant.column.as_ref());
                let columns = columns.map(|column| ObjectId::column(&on.name, column.as_str()));
                columns.chain(self.world.identity_of(on)).collect()
            }
            Alter::Rebuild(rebuild) => self.table(&rebuild.to),
            Alter::ReplaceType(replacement) => self.successor(replacement),
            Alter::TableOptions { table, from, to } => {
                let new = to.inherits.iter().filter(|parent| !from.inherits.contains(parent));
                let new = new.filter(|parent| !parted::is_at_once(self.world, table, parent));
                let parts =
                    new.flat_map(|parent| [parent, table]).flat_map(|name| self.world.parts(name));
                to.depends_on().into_iter().chain(parts).collect()
            }
            Alter::IndexSettings { table, index, .. } => vec![constraint_id(table, index)],
            Alter::KeyOfIndex { table, constraint } => {
                let index = ObjectId::within(Kind::Index, table, constraint.label());
                self.constraint(table, constraint, Side::Target)
                    .into_iter()
                    .chain([index])
                    .collect()
            }
            Alter::IndexRoles { table, to, .. } => indexes_with_roles(table, to),
            Alter::Counter(counter) => {
                let sequences = [&counter.from, &counter.to].into_iter();
                let sequences = sequences.map(|n| ObjectId::new(Kind::Sequence, n.clone()));
                let column = counter.column.iter();
                sequences.chain(column.map(|own| ObjectId::table(&own.table))).collect()
            }
            Alter::EnumLabel { .. }
            | Alter::Extension { .. }
            | Alter::RenameLabel { .. }
            | Alter::RenameAttribute { .. }
            | Alter::Enforcement { .. }
            | Alter::Validate { .. } => Vec::new(),
        }
    }

    fn needed_to_change(&self, change: &ColumnChange) -> Vec<ObjectId> {
        if not_null::is_name_alone(change) {
            return Vec::new();
        }
        // The counter of an identity follows its table, unless it is told otherwise later.
        let options = change.to.identity.as_ref().map(|_| options_of(&change.table));
        self.column(&change.table, &change.to).into_iter().chain(options).collect()
    }

    /// Returns true if what an operation renames comes from another schema.
    fn moves(&self, at: usize) -> bool {
        let mut before = self.makers.get(&self.operations[at].object()).into_iter().flatten();
        before.any(|at| matches!(self.operations[*at], Operation::Alter(Alter::Move(_))))
    }

    /// Returns true if the plan creates an object.
    fn creates(&self, id: &ObjectId) -> bool {
        let mut makers = self.makers.get(id).into_iter().flatten();
        makers.any(|at| matches!(self.operations[*at], Operation::Create(_)))
    }

    /// Returns the objects that an operation releases in their old state.
    fn given_up(&self, operation: &Operation) -> Vec<ObjectId> {
        match operation {
            Operation::Drop(object) => {
                let mut given_up = self.rests_on(object, Side::Database);
                // The types below one that was replaced have their temporary names by then.
                if self.replaced.values().any(|old| *old == object.id()) {
                    given_up.retain(|id| !self.replaced.contains_key(id));
                }
                given_up.push(object.id());
                given_up.extend(self.world.partitions_referred_to(object));
                given_up
            }
            Operation::Alter(Alter::Column(change)) if not_null::is_name_alone(change) => {
                Vec::new()
            }
            // A column that is made again has nothing of before.
            Operation::Alter(Alter::Column(_)) if self.creates(&operation.object()) => Vec::new(),
            Operation::Alter(Alter::Column(change)) => {
                let mut from = change.from.clone();
                // One that comes from above in this plan calls what is there afterwards.
                from.default.take_if(|_| reached::has_from_above(self.world, change));
                let mut given_up = self.column(&change.table, &from);
                let own = [ObjectId::table(&change.table), operation.object()];
                // The columns that it was generated from may go only afterwards.
                let is_freed = recomputed::is_freed(change);
                given_up.retain(|id| (is_freed || id.kind != Kind::Column) && !own.contains(id));
                // What the column goes on with, such as a sequence, may change before.
                let kept = self.column(&change.table, &change.to);
                given_up.retain(|id| !is_used(id.kind) || !kept.contains(id));
                self.with_replaced(&mut given_up);
                given_up
            }
            Operation::Alter(Alter::Definition { from, to, .. }) => {
                let is_kept = |id: &ObjectId| {
                    to.depends_on.contains(id) || replication::is_taken_out(self.world, from, id)
                };
                let own = from.depends_on.iter().filter(|id| !is_kept(id)).cloned();
                own.chain(partition::said_of(self.world, &storing::unsaid(from), to)).collect()
            }
            Operation::Alter(Alter::SequenceOwner { from, .. }) => {
                from.iter().flat_map(|o| [o.id(), ObjectId::table(&o.table)]).collect()
            }
            Operation::Alter(Alter::TableOptions { table, from, to }) => {
                let mut given_up = from.depends_on();
                // What a table takes along when it leaves another one must not end with that before.
                let left = from.inherits.iter().filter(|parent| !to.inherits.contains(parent));
                given_up.extend(left.flat_map(|parent| self.world.parts_before(parent)));
                if from.unlogged != to.unlogged {
                    given_up.extend(foreign_keys::logged_before(self.world, table, to.unlogged));
                }
                given_up
            }
            Operation::Alter(Alter::Move(moves)) => {
                moves.from.name.schema.as_deref().map(schema_id).into_iter().collect()
            }
            // The old sequence is there until its counter is read. It goes with an identity.
            Operation::Alter(Alter::Counter(counter)) => {
                let column = counter.column.iter().filter(|_| !counter.to_identity);
                let sequence = ObjectId::new(Kind::Sequence, counter.from.clone());
                column.map(OwnerColumn::id).chain([sequence]).collect()
            }
            Operation::Alter(Alter::ReplaceType(own)) => called_before(self.world, own),
            Operation::Create(_)
            | Operation::Rename { .. }
            | Operation::Alter(_)
            | Operation::Restore(_)
            | Operation::Comment { .. } => Vec::new(),
        }
    }

    /// Returns the objects that a type rests on which replaces another one, and that the defaults of its columns call.
    fn successor(&self, replacement: &TypeReplacement) -> Vec<ObjectId> {
        let mut on = self.rests_on(&replacement.to, Side::Target);
        on.extend(called(self.world, replacement));
        on
    }
}
