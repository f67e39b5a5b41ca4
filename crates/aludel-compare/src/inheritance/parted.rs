//! Heirs that leave tables above them for a while.
//!
//! PostgreSQL gives a column another type or name only in all tables that have it from one, so that an heir which
//! has it from several leaves all but one of them meanwhile. A column that goes above goes from its heirs too,
//! unless it is their own, which those of a table become that leaves another one and comes back at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Hazard, Step};
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Column, Kind, Metadata, ObjectId, QualifiedName, Table, TableOptions};

use crate::depends::World;
use crate::inheritance::inherit::{above, missing};
use crate::not_nulls::not_null::is_passed_on;
use crate::ordering::graph::Graph;
use crate::pair::Pair;
use crate::renaming::column_names::ColumnRename;
use crate::renaming::renames::Renamed;
use crate::types::replacement::{moves, replaced};
use crate::way::Way;

/// The tables that heirs leave and come back to.
#[derive(Debug, Default)]
pub(crate) struct Parted {
    /// The tables that an heir is apart from while columns change.
    apart: BTreeMap<QualifiedName, BTreeSet<QualifiedName>>,
    /// The tables that an heir leaves and comes back to at once.
    owning: BTreeMap<QualifiedName, BTreeSet<QualifiedName>>,
    /// The new names of columns of heirs that are apart from the tables they have them from, with the old ones.
    renames: Vec<(ObjectId, String)>,
}

impl Parted {
    pub(crate) fn of(renamed: &Renamed<'_>, pair: Pair<&Metadata>, way: Way) -> Self {
        let mut parted = Self::default();
        let goes_on = |heir: &&Table| heir_of(pair, heir).is_some();
        if !pair.target.tables.values().any(|heir| goes_on(&heir)) {
            return parted;
        }
        let world = World::new(renamed.dialect, pair);
        let replaced = replaced(&world);
        let retyped = |column: Pair<&Column>| {
            column.differs(|own| (&own.sql_type, &own.collation))
                || moves(&world, &replaced, column)
        };
        for heir in pair.target.tables.values() {
            let Some(own) = heir_of(pair, heir) else { continue };
            let apart = own.apart(renamed, &retyped);
            let owning: BTreeSet<QualifiedName> =
                own.owning(way).into_iter().filter(|name| !apart.contains(name)).collect();
            if !apart.is_empty() {
                parted.apart.insert(heir.name.clone(), apart);
            }
            if !owning.is_empty() {
                parted.owning.insert(heir.name.clone(), owning);
            }
        }
        parted.renames = parted.renames_of(renamed, pair.database);
        parted
    }

    /// Returns the database side in which the heirs have of their own what they have from the tables that they
    /// leave.
    pub(crate) fn database<'m>(&self, side: &'m Metadata) -> Cow<'m, Metadata> {
        let mut database = Cow::Borrowed(side);
        for (heir, left) in self.owning.iter().chain(&self.apart) {
            let Some(own) = database.to_mut().tables.get_mut(heir) else { continue };
            let stays = own.options.inherits.iter().filter(|name| !left.contains(name));
            let stays: Vec<&Table> = stays.filter_map(|name| side.tables.get(name)).collect();
            let is_given = |column: &str| stays.iter().any(|above| above.column(column).is_some());
            for name in left {
                let Some(parent) = side.tables.get(name) else { continue };
                let from = |column: &&mut Column| parent.column(&column.name).is_some();
                let columns = own.columns.iter_mut().filter(from);
                let kept = columns.filter(|column| !is_given(&column.name));
                kept.for_each(|column| column.inherited = false);
            }
            add_checks(side, own, left);
        }
        for (heir, left) in &self.apart {
            if let Some(own) = database.to_mut().tables.get_mut(heir) {
                own.options.inherits.retain(|name| !left.contains(name));
            }
        }
        database
    }

    /// Returns the target in which the heirs have the checks of their own without which they can't come back.
    pub(crate) fn target<'m>(&self, side: &'m Metadata) -> Cow<'m, Metadata> {
        let mut target = Cow::Borrowed(side);
        for (heir, left) in self.owning.iter().chain(&self.apart) {
            if let Some(own) = target.to_mut().tables.get_mut(heir) {
                add_checks(side, own, left);
            }
        }
        target
    }

    /// Returns the operations by which heirs leave tables, have their columns renamed, and come back at once. Those
    /// that are apart for longer come back as tables that begin to inherit.
    pub(crate) fn operations(&self, database: &Metadata) -> Vec<Operation> {
        let mut operations = Vec::new();
        let options = |heir: &QualifiedName| database.tables.get(heir).map(|own| &own.options);
        for (heir, left) in &self.apart {
            let Some(without) = options(heir) else { continue };
            let inherits = without.inherits.iter().chain(left).cloned().collect();
            let with = TableOptions { inherits, ..without.clone() };
            operations.push(change(heir, with, without.clone()));
        }
        for (heir, left) in &self.owning {
            let Some(with) = options(heir) else { continue };
            let mut without = with.clone();
            without.inherits.retain(|name| !left.contains(name));
            operations.push(change(heir, with.clone(), without.clone()));
            operations.push(change(heir, without, with.clone()));
        }
        let renames = self.renames.iter().cloned();
        operations.extend(renames.map(|(from, to)| Operation::Rename { from, to }));
        operations
    }

    /// Says on the way back what heirs keep as their own because they left tables on the way up.
    pub(crate) fn say(&self, steps: &mut [Step], target: &Metadata) {
        for (heir, left) in self.owning.iter().chain(&self.apart) {
            let Some(own) = target.tables.get(heir) else { continue };
            let parents = left.iter().filter_map(|name| target.tables.get(name));
            let kept = parents.filter(|parent| {
                let is_from = |column: &Column| parent.column(&column.name).is_some();
                own.columns.iter().any(|column| column.inherited && is_from(column))
                    || missing(parent, own).next().is_some()
            });
            for from in kept.map(|parent| parent.name.clone()) {
                let hazard = Hazard::KeepsAsOwn { table: heir.clone(), from };
                let is_said = steps.iter().any(|step| step.hazards.contains(&hazard));
                let last = steps.last_mut().filter(|_| !is_said);
                last.into_iter().for_each(|step| step.hazards.push(hazard.clone()));
            }
        }
    }

    /// Returns the renames that do not reach heirs while they are apart.
    fn renames_of(&self, renamed: &Renamed<'_>, side: &Metadata) -> Vec<(ObjectId, String)> {
        let mut renames = Vec::new();
        for (heir, left) in &self.apart {
            let Some(own) = side.tables.get(heir) else { continue };
            let stays =
                |name: &QualifiedName| own.options.inherits.contains(name) && !left.contains(name);
            for rename in renamed.columns.iter().filter(|rename| rename.table == *heir) {
                let is_same =
                    |other: &ColumnRename| [&other.from, &other.to] == [&rename.from, &rename.to];
                let mut others = renamed.columns.iter();
                let reaches = others.any(|other| stays(&other.table) && is_same(other));
                if rename.with.as_ref().is_some_and(|name| left.contains(name)) && !reaches {
                    renames.push((ObjectId::column(heir, rename.from.as_str()), rename.to.clone()));
                }
            }
        }
        renames
    }
}

fn change(table: &QualifiedName, from: TableOptions, to: TableOptions) -> Operation {
    let (from, to) = (Box::new(from), Box::new(to));
    Operation::Alter(Alter::TableOptions { table: table.clone(), from, to })
}

/// Gives an heir the checks of tables that it leaves.
fn add_checks(side: &Metadata, heir: &mut Table, left: &BTreeSet<QualifiedName>) {
    for parent in left.iter().filter_map(|name| side.tables.get(name)) {
        for table in std::iter::once(parent).chain(above(side, parent)) {
            let missing: Vec<_> = missing(table, heir).collect();
            heir.constraints.extend(missing);
        }
    }
}

/// Iterates over the renames of columns.
fn columns_of<'r>(
    renamed: &'r Renamed<'_>,
) -> impl Iterator<Item = &'r crate::renaming::object_rename::ObjectRename> {
    renamed.renames.renames.iter().filter(|rename| rename.from.kind == Kind::Column)
}

/// A table that inherits from others on both sides.
struct Heir<'m> {
    pair: Pair<&'m Metadata>,
    own: Pair<&'m Table>,
    /// The tables that it goes on to inherit from.
    parents: Vec<&'m Table>,
}

fn heir_of<'m>(pair: Pair<&'m Metadata>, target: &'m Table) -> Option<Heir<'m>> {
    let database = pair.database.tables.get(&target.name)?;
    let stays = |name: &&QualifiedName| database.options.inherits.contains(name);
    let parents = target.options.inherits.iter().filter(stays);
    let parents: Vec<&Table> = parents.filter_map(|name| pair.database.tables.get(name)).collect();
    (!parents.is_empty()).then(|| Heir { pair, own: Pair::new(database, target), parents })
}

impl<'m> Heir<'m> {
    /// Returns the tables from which the heir has a column that it keeps when it goes from all of them.
    fn owning(&self, way: Way) -> BTreeSet<QualifiedName> {
        let mut found = BTreeSet::new();
        for column in &self.own.database.columns {
            let Some(kept) = self.own.target.column(&column.name) else { continue };
            let givers = self.givers(&column.name);
            let goes_on = givers.iter().any(|table| self.after(table, &column.name).is_some());
            // On the way back, a column that was the heir's own before is still its own.
            let is_own = !column.inherited || way == Way::Back && !kept.inherited;
            let is_held = || givers.iter().any(|table| holds(self.pair, table, &column.name));
            if !goes_on && (!is_own || is_held()) {
                found.extend(givers.into_iter().map(|table| table.name.clone()));
            }
        }
        found
    }

    /// Returns the tables from which the heir has a column that another one gives it too, and that changes.
    fn apart(
        &self,
        renamed: &Renamed<'_>,
        retyped: &dyn Fn(Pair<&Column>) -> bool,
    ) -> BTreeSet<QualifiedName> {
        let mut found = BTreeSet::new();
        for column in &self.own.database.columns {
            let givers = self.givers(&column.name);
            let changes = |table: &&Table| {
                let before = table.column(&column.name);
                let sides = before.zip(self.after(table, &column.name));
                sides.is_some_and(|(from, to)| retyped(Pair::new(from, to)))
            };
            let mut roots = BTreeSet::new();
            givers.iter().for_each(|table| self.roots(table, &column.name, &mut roots));
            let is_renamed = columns_of(renamed).any(|rename| {
                let table = rename.from.table.as_ref();
                rename.to.name == column.name && table.is_some_and(|name| roots.contains(name))
            });
            if roots.len() > 1 && (is_renamed || givers.iter().any(changes)) {
                let mut names: Vec<&QualifiedName> = givers.iter().map(|own| &own.name).collect();
                names.sort();
                found.extend(names.into_iter().skip(1).cloned());
            }
        }
        found
    }

    /// Returns the tables from which the heir has a column before.
    fn givers(&self, column: &str) -> Vec<&'m Table> {
        let parents = self.parents.iter().copied();
        parents.filter(|parent| parent.column(column).is_some()).collect()
    }

    fn after(&self, table: &Table, column: &str) -> Option<&'m Column> {
        self.pair.target.tables.get(&table.name)?.column(column)
    }

    /// Adds the topmost tables from which a table has a column.
    fn roots(&self, table: &'m Table, column: &str, found: &mut BTreeSet<&'m QualifiedName>) {
        let side = self.pair.database;
        let parents = table.options.inherits.iter().filter_map(|name| side.tables.get(name));
        let mut givers = parents.filter(|parent| parent.column(column).is_some()).peekable();
        if givers.peek().is_none() {
            found.insert(&table.name);
        }
        givers.for_each(|parent| self.roots(parent, column, found));
    }
}

/// Returns true if the NOT NULL constraint of a column is held in the tables below for ever when the column goes.
/// PostgreSQL 18 does not forget that it comes from above.
fn holds(pair: Pair<&Metadata>, table: &Table, column: &str) -> bool {
    let column = table.column(column).filter(|column| is_passed_on(column));
    pair.database.names_not_null && column.is_some()
}

/// Returns true if a table leaves another one, or comes back to it, before anything else changes.
pub(crate) fn is_at_once(world: &World<'_>, table: &QualifiedName, parent: &QualifiedName) -> bool {
    let inherits = |side: &Metadata| {
        side.tables.get(table).is_some_and(|own| own.options.inherits.contains(parent))
    };
    inherits(world.pair.database) && inherits(world.pair.target)
}

/// Adds edges that let heirs leave tables before a column of one of these, of themselves, or of others above or below
/// them changes, and come back when nothing more goes.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let sides = [world.pair.database, world.pair.target];
    let tables_above = |table: &QualifiedName| {
        let own = sides.into_iter().filter_map(|side| Some((side, side.tables.get(table)?)));
        let above = own.flat_map(|(side, own)| above(side, own)).map(|own| own.name.clone());
        above.collect::<BTreeSet<QualifiedName>>()
    };
    for (at, operation) in operations.iter().enumerate() {
        let Operation::Alter(Alter::TableOptions { table, from, to }) = operation else { continue };
        let (from, to) = (&from.inherits, &to.inherits);
        let goes: Vec<_> = from.iter().filter(|name| !to.contains(name)).collect();
        let comes: Vec<_> = to.iter().filter(|name| !from.contains(name)).collect();
        if goes.is_empty() && comes.is_empty() {
            continue;
        }
        let target = world.pair.target.tables.get(table);
        let returns =
            |name: &&QualifiedName| target.is_some_and(|own| own.options.inherits.contains(name));
        let is_first = goes.iter().copied().any(|name| returns(&name))
            || comes.iter().any(|name| is_at_once(world, table, name));
        // One that comes back at once has left before.
        let leaves = |operation: &Operation| match operation {
            Operation::Alter(Alter::TableOptions { table: own, to: left, .. }) => {
                is_first && !comes.is_empty() && own == table && left.inherits == *from
            }
            _ => false,
        };
        let left = operations.iter().position(leaves);
        left.into_iter().for_each(|left| graph.edge(left, at));
        let above = tables_above(table);
        let mut family = above.clone();
        family.extend(world.and_below(vec![table]).into_iter().cloned());
        // One that is to lose a NOT NULL constraint with the column above does so meanwhile.
        let is_meanwhile = |operation: &Operation| match operation {
            Operation::Drop(Object::Column { table: above, column, .. }) if above != table => {
                let above = world.pair.database.tables.get(above);
                let holds = above.is_some_and(|above| holds(world.pair, above, &column.name));
                holds && target.is_some_and(|own| own.column(&column.name).is_some())
            }
            _ => false,
        };
        for (other, operation) in operations.iter().enumerate() {
            let is_from_above = || is_part_of(&operation.object(), &above);
            if is_first && !comes.is_empty() && is_meanwhile(operation) && is_from_above() {
                graph.edge(other, at);
            } else if is_first && touched(operation).iter().any(|id| is_part_of(id, &family)) {
                graph.edge(at, other);
            } else if !is_first && !comes.is_empty() && goes_away(operation, &family) {
                graph.edge(other, at);
            }
        }
    }
}

/// Returns true for the end of a column or a constraint of one of these tables.
fn goes_away(operation: &Operation, tables: &BTreeSet<QualifiedName>) -> bool {
    let is_it =
        matches!(operation, Operation::Drop(Object::Column { .. } | Object::Constraint { .. }));
    is_it && is_part_of(&operation.object(), tables)
}

fn is_part_of(id: &ObjectId, tables: &BTreeSet<QualifiedName>) -> bool {
    id.table.as_ref().is_some_and(|table| tables.contains(table))
}

/// Returns the columns that an operation changes.
fn touched(operation: &Operation) -> Vec<ObjectId> {
    match operation {
        Operation::Alter(Alter::ReplaceType(replacement)) => {
            let columns = replacement.columns.iter();
            let ids = columns.map(|own| ObjectId::column(&own.table, own.column.name.as_str()));
            ids.collect()
        }
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Rename { .. }
        | Operation::Restore(_) => {
            let id = operation.object();
            Some(id).filter(|id| id.kind == Kind::Column).into_iter().collect()
        }
        Operation::Comment { .. } => Vec::new(),
    }
}
