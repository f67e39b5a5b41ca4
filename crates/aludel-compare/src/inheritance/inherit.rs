//! Inheritance: the changes of a table that the server makes in the tables that inherit from it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_schema::{
    Column, ColumnStorage, Constraint, ConstraintKind, Metadata, NotNull, ObjectId, QualifiedName,
    Table,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::not_nulls::not_null::is_passed_on;
use crate::not_nulls::passed_on::call;
use crate::pair::Pair;
use crate::renaming::column_names::Leaving;
use crate::types::replacement::{moves, replaced};
use crate::way::Way;

/// Returns the database side after the server has carried the changes of each table over to its
/// heirs. What then still differs in an heir is a change of its own.
pub(crate) fn followed<'m>(
    dialect: Dialect,
    pair: Pair<&'m Metadata>,
    way: Way,
) -> Cow<'m, Metadata> {
    let mut followed = Cow::Borrowed(pair.database);
    if pair.target.tables.values().all(|table| table.options.inherits.is_empty())
        && pair.database.tables.values().all(|table| table.options.inherits.is_empty())
    {
        return followed;
    }
    let world = World::new(dialect, pair);
    let replaced = replaced(&world);
    let moved = |column: Pair<&Column>| moves(&world, &replaced, column);
    let changes = Changes { pair, way, moved: &moved };
    let mut done = BTreeSet::new();
    for table in pair.target.tables.values() {
        changes.follow(&mut followed, table, &mut done);
    }
    if let Cow::Owned(followed) = &mut followed
        && !pair.target.names_not_null
    {
        let columns = followed.tables.values_mut().flat_map(|table| &mut table.columns);
        columns.for_each(|column| column.not_null = None);
    }
    followed
}

/// Returns the tables that no longer inherit from others in the target, or are no longer of their types, each with
/// the one that it leaves.
pub(crate) fn leaving(pair: Pair<&Metadata>) -> Leaving {
    let both = pair.target.tables.values();
    let both = both.filter_map(|own| Some((own, pair.database.tables.get(&own.name)?)));
    let left = both.flat_map(|(own, before)| {
        let (name, own, before) = (&own.name, &own.options, &before.options);
        let left = before.inherits.iter().filter(|parent| !own.inherits.contains(parent));
        let of_type = before.of_type.iter().filter(|of| own.of_type.as_ref() != Some(of));
        left.chain(of_type).map(|from| [name.clone(), from.clone()])
    });
    left.collect()
}

/// Returns true if a column of the database is inherited, and not from a table that the heir leaves alone.
pub(crate) fn stays_inherited(
    database: &Metadata,
    before: &Table,
    heir: &Table,
    column: &str,
) -> bool {
    let (past, future) = (&before.options.inherits, &heir.options.inherits);
    let mut staying = past.iter().filter(|name| future.contains(name));
    staying.any(|name| database.tables.get(name).is_some_and(|own| own.column(column).is_some()))
}

/// The changes of tables that go over to their heirs.
struct Changes<'c, 'm> {
    pair: Pair<&'m Metadata>,
    way: Way,
    /// A column has a type that is replaced by a new one.
    moved: &'c dyn Fn(Pair<&Column>) -> bool,
}

impl<'m> Changes<'_, 'm> {
    /// Carries changes over to one table, after those to the tables that it inherits from.
    fn follow(
        &self,
        followed: &mut Cow<'m, Metadata>,
        heir: &'m Table,
        done: &mut BTreeSet<&'m QualifiedName>,
    ) {
        let Self { pair, way, moved } = *self;
        let Some(before) = pair.database.tables.get(&heir.name) else { return };
        let (past, future) = (&before.options.inherits, &heir.options.inherits);
        if (past.is_empty() && future.is_empty()) || !done.insert(&heir.name) {
            return;
        }
        self.align(followed, before, heir);
        for name in past.iter().filter(|name| !future.contains(name)) {
            if let Some(parent) = pair.database.tables.get(name)
                && let Some(own) = followed.to_mut().tables.get_mut(&heir.name)
            {
                self.keep(parent, before, heir, own);
            }
        }
        for name in &heir.options.inherits {
            let Some(target) = pair.target.tables.get(name) else { continue };
            self.follow(followed, target, done);
            let Some(database) = pair.database.tables.get(name) else { continue };
            let reached = followed.tables.get(name).unwrap_or(database).clone();
            if before.options.inherits.contains(name)
                && let Some(own) = followed.to_mut().tables.get_mut(&heir.name)
            {
                // On the way back, a column that the heir had of its own before the other table got it is
                // still its own.
                let had = |column: &Column| {
                    let before = heir.column(&column.name);
                    way == Way::Back && before.is_some_and(|before| !before.inherited)
                };
                for column in own.columns.iter_mut().filter(|column| had(column)) {
                    column.inherited = false;
                }
                let is_kept = |column: &str| self.is_given(before, heir, column, name);
                let names_not_null = pair.target.names_not_null;
                let carried = Carried { heir, is_kept: &is_kept, moved, names_not_null };
                // What has reached the table above has reached this one too.
                carried.carry(Pair::new(database, &reached), own);
                carried.carry(Pair::new(&reached, target), own);
            }
        }
    }

    /// Puts the tables that an heir goes on to inherit from into the order of the target. It has a meaning only
    /// for the columns of a new table.
    fn align(&self, followed: &mut Cow<'m, Metadata>, before: &Table, heir: &Table) {
        let place = |name: &QualifiedName| {
            heir.options.inherits.iter().position(|own| own == name).unwrap_or(usize::MAX)
        };
        if !before.options.inherits.is_sorted_by_key(place)
            && let Some(own) = followed.to_mut().tables.get_mut(&heir.name)
        {
            own.options.inherits.sort_by_key(place);
        }
    }

    /// Returns true if an heir has a column in the target from a table that it goes on to inherit from, other than
    /// this one.
    fn is_given(&self, before: &Table, heir: &Table, column: &str, parent: &QualifiedName) -> bool {
        let mut others = heir.options.inherits.iter().filter(|name| *name != parent);
        others.any(|name| {
            let table = self.pair.target.tables.get(name);
            let stays = before.options.inherits.contains(name);
            stays && table.is_some_and(|table| table.column(column).is_some())
        })
    }

    /// Gives a table that no longer inherits from another one what it had from it: it keeps that as its own,
    /// unless it has it from a third one.
    fn keep(&self, parent: &Table, before: &Table, heir: &Table, own: &mut Table) {
        // One there may have another name.
        let inherited = own.columns.iter_mut().filter(|own| {
            parent.column(&own.name).is_some()
                || own.inherited && !stays_inherited(self.pair.database, before, heir, &own.name)
        });
        let kept = inherited.filter(|own| !self.is_given(before, heir, &own.name, &parent.name));
        kept.for_each(|own| own.inherited = false);
        let database = self.pair.database;
        let with_above = |table| std::iter::once(table).chain(above(database, table));
        let stay =
            before.options.inherits.iter().filter(|name| heir.options.inherits.contains(name));
        let stay = stay.filter_map(|name| database.tables.get(name)).flat_map(with_above);
        let stay: BTreeSet<&QualifiedName> = stay.map(|table| &table.name).collect();
        for parent in with_above(parent).filter(|own| !stay.contains(&own.name)) {
            let missing: Vec<Constraint> = missing(parent, own).collect();
            own.constraints.extend(missing);
        }
    }
}

/// Returns the checks of a table that one without its checks needs to inherit from it.
pub(crate) fn missing<'t>(
    parent: &'t Table,
    heir: &'t Table,
) -> impl Iterator<Item = Constraint> + 't {
    let is_known = |own: &Constraint| heir.constraints.iter().any(|other| other.name == own.name);
    let missing = passed_on_checks(parent).filter(move |own| !is_known(own));
    missing.map(|own| Constraint { comment: None, ..own.clone() })
}

/// Returns the checks of a table that those below it have too.
fn passed_on_checks(table: &Table) -> impl Iterator<Item = &Constraint> {
    let is_passed_on =
        |own: &&Constraint| matches!(&own.kind, ConstraintKind::Check { no_inherit: false, .. });
    table.constraints.iter().filter(is_passed_on)
}

/// Leaves alone which of the checks that tables have from above are their own as well, because no statement
/// takes such a check away: the target gets those of the database, and loses those that the database has from
/// above alone.
pub fn keep_checks(database: &Metadata, target: &mut Metadata) {
    let (mut kept, mut left) = (Vec::new(), Vec::new());
    for heir in target.tables.values().filter(|heir| !heir.options.inherits.is_empty()) {
        let Some(before) = database.tables.get(&heir.name) else { continue };
        let inherits = above(database, before);
        let mut above = above(target, heir);
        above.retain(|own| inherits.iter().any(|old| old.name == own.name));
        for check in above.into_iter().flat_map(passed_on_checks) {
            let is_it = |own: &&Constraint| own.name == check.name;
            let own = Pair::new(before, heir).map(|table| table.constraints.iter().find(is_it));
            let mut passed_on = inherits.iter().flat_map(|table| passed_on_checks(table));
            match (own.database, own.target) {
                (Some(own), None) if own.same_demand(check) => {
                    kept.push((heir.name.clone(), own.clone()));
                }
                (None, Some(_)) if passed_on.any(|own| is_it(&own)) => {
                    left.push((heir.name.clone(), check.name.clone()));
                }
                (Some(_), None | Some(_)) | (None, Some(_) | None) => {}
            }
        }
    }
    for (heir, name) in left {
        let heir = target.tables.get_mut(&heir);
        heir.into_iter().for_each(|own| own.constraints.retain(|check| check.name != name));
    }
    for (heir, check) in kept {
        let heir = target.tables.get_mut(&heir).map(|heir| &mut heir.constraints);
        let is_new = |checks: &&mut Vec<Constraint>| !checks.contains(&check);
        heir.filter(is_new).into_iter().for_each(|checks| checks.push(check.clone()));
    }
}

/// Returns true if a table that begins to inherit has only from above in the target what it has of its own
/// before. It stays its own.
pub(crate) fn keeps_as_own(
    world: &World<'_>,
    heir: &QualifiedName,
    parent: &QualifiedName,
) -> bool {
    let own = world.pair.map(|side| side.tables.get(heir));
    let parent = world.pair.target.tables.get(parent);
    let (Some(database), Some(target), Some(parent)) = (own.database, own.target, parent) else {
        return false;
    };
    let is_left = |column: &Column| {
        let stays = database.column(&column.name).is_some();
        column.inherited && stays && parent.column(&column.name).is_some()
    };
    target.columns.iter().any(is_left) || missing(parent, target).next().is_some()
}

/// Returns the tables of a side that a table inherits from, at any height.
pub(crate) fn above<'m>(side: &'m Metadata, heir: &'m Table) -> Vec<&'m Table> {
    let mut found: Vec<&Table> = Vec::new();
    let mut names: Vec<&QualifiedName> = heir.options.inherits.iter().collect();
    while let Some(name) = names.pop() {
        let table = side.tables.get(name).filter(|_| found.iter().all(|own| own.name != *name));
        names.extend(table.iter().flat_map(|own| &own.options.inherits));
        found.extend(table);
    }
    found
}

/// Reports inherited columns that the server lets be no other than those above them: they are nullable
/// or no generated ones, and those above are, or the other way round. An older server may have let the
/// database have such a column.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let mut found = Vec::new();
    for heir in target.tables.values() {
        let before = database.tables.get(&heir.name);
        for parent in heir.options.inherits.iter().filter_map(|name| target.tables.get(name)) {
            let columns = heir.columns.iter().filter(|column| column.inherited);
            let pairs = columns.filter_map(|own| Some((own, parent.column(&own.name)?)));
            for (own, above) in pairs {
                let before = before.and_then(|before| before.column(&own.name));
                let must = must_be(above, own, target.names_not_null).filter(|_| {
                    before.is_none_or(|before| {
                        before.nullable != own.nullable
                            || before.generated.is_some() != own.generated.is_some()
                    })
                });
                let is_checked = is_not_valid(own)
                    && is_passed_on(above)
                    && match before {
                        Some(before) => !before.nullable && !is_not_valid(before),
                        None => !becomes_not_valid(world, &parent.name, above),
                    };
                let must = must.or(is_checked.then_some(
                    "its NOT NULL constraint holds for all rows, which an inherited one goes on to do: \
                     `not_valid` can't be said of it",
                ));
                found.extend(must.map(|must| Impossible {
                    object: ObjectId::column(&heir.name, own.name.as_str()),
                    reason: format!("the column is inherited from {}, and {must}", parent.name),
                }));
            }
        }
    }
    found
}

/// Returns what a column that differs from the one above it has to be; `None` if it may differ.
fn must_be(above: &Column, own: &Column, keeps_not_null: bool) -> Option<&'static str> {
    let is_not_null = keeps_not_null && is_passed_on(above);
    match (above.generated.is_some(), own.generated.is_some()) {
        (true, false) => Some("has to be generated as there"),
        (false, true) => Some("can't be generated, because it is not generated there"),
        (true, true) | (false, false) => {
            (is_not_null && own.nullable).then_some("has to be NOT NULL as there")
        }
    }
}

/// Returns true if the NOT NULL constraint of a column is one without a look at the rows only after the
/// plan. The tables below that are there by then have it so too.
pub(crate) fn becomes_not_valid(world: &World<'_>, table: &QualifiedName, column: &Column) -> bool {
    let before = world.pair.database.tables.get(table);
    let before = before.and_then(|table| table.column(&column.name));
    is_not_valid(column) && !before.is_some_and(is_not_valid)
}

/// The facts that decide about the changes that go over to an heir.
struct Carried<'c> {
    /// The heir in the target.
    heir: &'c Table,
    /// A column is one that the heir has from another table too.
    is_kept: &'c dyn Fn(&str) -> bool,
    moved: &'c dyn Fn(Pair<&Column>) -> bool,
    names_not_null: bool,
}

impl Carried<'_> {
    /// Carries the changes of a table over to an heir.
    fn carry(&self, parent: Pair<&Table>, own: &mut Table) {
        for database in &parent.database.columns {
            let name = &database.name;
            match parent.target.column(name) {
                // A column that the heir has of its own stays.
                None if (self.is_kept)(name) => {}
                None => own.columns.retain(|own| own.name != *name || !own.inherited),
                Some(target) => {
                    let column = Pair::new(database, target);
                    let moved = (self.moved)(column);
                    let heir = &self.heir.name;
                    let own = own.columns.iter_mut().find(|own| own.name == *name);
                    let above = &parent.database.name;
                    let keeps = |own: &Column| {
                        self.names_not_null
                            && own.not_null_name(heir) != database.not_null_name(above)
                    };
                    own.into_iter()
                        .for_each(|own| change(above, column, heir, own, moved, keeps(own)));
                }
            }
        }
        let is_new = |name: &str| parent.database.column(name).is_none();
        for target in parent.target.columns.iter().filter(|own| is_new(&own.name)) {
            // One that is to be its own as well comes to the heir first.
            let is_own = self.heir.column(&target.name).is_some_and(|own| !own.inherited);
            if own.column(&target.name).is_none() && !is_own {
                own.columns.push(added(&parent.target.name, target));
            }
        }
    }
}

/// Carries the changes of a column of a table over to that of an heir. A column that is moved to a new type
/// of the same name is retyped too. An heir keeps a NOT NULL constraint that it has under a name of its own.
fn change(
    table: &QualifiedName,
    parent: Pair<&Column>,
    heir: &QualifiedName,
    own: &mut Column,
    moved: bool,
    keeps: bool,
) {
    let target = parent.target;
    let differs = parent.differs(|column| (&column.sql_type, &column.collation));
    if differs {
        own.sql_type.clone_from(&target.sql_type);
        own.collation.clone_from(&target.collation);
    }
    let is_retyped = differs || moved;
    let passes_on = parent.map(is_passed_on);
    let names = parent.map(|column| column.not_null_name(table));
    match (passes_on.database, passes_on.target) {
        (false, true) if keeps && !own.nullable => {}
        (false, true) => {
            own.nullable = false;
            own.not_null = None;
            call(own, heir, names.target);
            set_valid(own, !is_not_valid(target));
        }
        (true, false) if target.nullable && !keeps => (own.nullable, own.not_null) = (true, None),
        (true, true) if own.not_null_name(heir) == names.database => {
            call(own, heir, names.target);
        }
        // A constraint that is no longer passed on stays.
        (true, _) | (false, false) => {}
    }
    if passes_on.database && passes_on.target && parent.differs(is_not_valid) {
        set_valid(own, !is_not_valid(target));
    }
    // A new type takes the default away and gives it back, in the heirs too.
    if parent.differs(|column| &column.default) || (is_retyped && target.default.is_some()) {
        own.default.clone_from(&target.default);
    }
    if parent.differs(|column| &column.generated) {
        own.generated.clone_from(&target.generated);
    }
    let (before, after) = (parent.database.effective_storage(), target.effective_storage());
    let mut storage = own.effective_storage();
    // A new type takes the storage away in the heirs too, where only the mode comes back.
    if is_retyped || before.mode != after.mode {
        storage.mode = after.mode;
    }
    storage.compression.take_if(|_| is_retyped);
    if before.statistics != after.statistics {
        storage.statistics = after.statistics;
    }
    own.storage = boxed(storage);
}

fn boxed(storage: ColumnStorage) -> Option<Box<ColumnStorage>> {
    Some(storage).filter(|storage| *storage != ColumnStorage::default()).map(Box::new)
}

/// Returns true for a NOT NULL constraint that was not held against the rows.
pub(crate) fn is_not_valid(column: &Column) -> bool {
    column.not_null.as_ref().is_some_and(|own| own.not_valid)
}

fn set_valid(column: &mut Column, valid: bool) {
    let mut not_null = column.not_null.take().unwrap_or_default();
    not_null.not_valid = !valid;
    column.not_null = Some(not_null).filter(|own| **own != NotNull::default());
}

/// Returns true if the primary key of a new heir comes after the table. Within CREATE TABLE it would bring a
/// NOT NULL constraint of the heir's own, but the column has the one of the table above.
pub(crate) fn key_comes_later(world: &World<'_>, heir: &Table) -> bool {
    let side = world.pair.target;
    let is_above = |column: &Column| {
        let parents = heir.options.inherits.iter().filter_map(|name| side.tables.get(name));
        let mut named = parents.filter_map(|parent| {
            let own = parent.column(&column.name).filter(|own| is_passed_on(own))?;
            Some(own.not_null_name(&parent.name))
        });
        column.inherited && named.any(|name| name == column.not_null_name(&heir.name))
    };
    let mut key = heir.primary_key().iter().filter_map(|name| heir.column(name));
    side.names_not_null && key.any(is_above)
}

/// Returns what an inherited column of the target is like when it has come with the one above, which is in the
/// form of `inherited` in a new heir, and in that of `added` in one that is there.
pub(crate) fn made(
    world: &World<'_>,
    heir: &Table,
    column: &Column,
    form: fn(&QualifiedName, &Column) -> Column,
) -> Option<Column> {
    let side = world.pair.target;
    let mut parents = heir.options.inherits.iter().filter_map(|name| side.tables.get(name));
    let (parent, above) =
        parents.find_map(|parent| Some((&parent.name, parent.column(&column.name)?)))?;
    let mut made = form(parent, above);
    if is_not_valid(column) && becomes_not_valid(world, parent, above) {
        made.not_null.get_or_insert_default().not_valid = true;
    }
    if !side.names_not_null {
        made.not_null.clone_from(&column.not_null);
    }
    Some(made)
}

/// Returns what a new column of a table is like in an heir that is there. The statements that follow ADD COLUMN
/// reach the heir too.
pub(crate) fn added(table: &QualifiedName, parent: &Column) -> Column {
    let made = inherited(table, parent);
    let mut storage = made.effective_storage();
    storage.statistics = parent.effective_storage().statistics;
    Column { storage: boxed(storage), ..made }
}

/// Returns what a column is like in a new heir.
pub(crate) fn inherited(table: &QualifiedName, parent: &Column) -> Column {
    let stored = parent.effective_storage();
    let storage = ColumnStorage { mode: stored.mode, ..ColumnStorage::default() };
    let name = is_passed_on(parent).then(|| parent.not_null_name(table));
    Column {
        identity: None,
        comment: None,
        renamed_from: None,
        not_null: name.map(|name| Box::new(NotNull { name: Some(name), ..NotNull::default() })),
        storage: boxed(storage),
        inherited: true,
        nullable: !is_passed_on(parent),
        ..parent.clone()
    }
}
