//! NOT NULL constraints that tables have under names of their own while they inherit them (PostgreSQL 18).
//!
//! The server gives an inherited constraint no other name, and fails to make the one of a table again while a
//! table below has it under another name. It merges a new constraint of a table with one that a table below
//! has already, under whatever name. So the constraints above go for as long as those below change, and come
//! only when those are there. A primary key over their columns makes room.

use aludel_dialect::{Hazard, Step};
use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{
    Column, Constraint, ConstraintKind, Kind, Metadata, NotNull, ObjectId, QualifiedName, Table,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::not_nulls::kept::Kept;
use crate::not_nulls::loosened;
use crate::not_nulls::not_null::{called, is_name_alone, is_passed_on};
use crate::not_nulls::part_kept;
use crate::pair::Pair;
use crate::types::replacement::{moves, replaced};

/// A column of a table with tables below, whose NOT NULL constraint is not there for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) table: QualifiedName,
    pub(crate) column: String,
}

/// Returns the columns whose constraints go for a while, each behind those of the tables above.
pub(crate) fn opened(world: &World<'_>) -> Vec<Opened> {
    let mut opened: Vec<Opened> = Vec::new();
    let Pair { database, target } = world.pair;
    let heirs = target.tables.values().filter(|heir| !heir.options.inherits.is_empty());
    let mut heirs = heirs.filter(|_| target.names_not_null).peekable();
    let replaced = heirs.peek().map(|_| replaced(world)).unwrap_or_default();
    for heir in heirs {
        let Some(before) = database.tables.get(&heir.name) else { continue };
        for own in heir.columns.iter().filter(|own| !own.nullable) {
            let Some(before) = before.column(&own.name) else { continue };
            let own = Heir { world, table: &heir.name, columns: Pair::new(before, own) };
            let above = holders(world, &heir.name, &before.name);
            if own.is_named() || (own.is_named_otherwise() && own.lies_below(&above, &replaced)) {
                let above = above.into_iter().map(|table| Opened::of(table, &before.name));
                above.for_each(|own| {
                    if !opened.contains(&own) {
                        opened.push(own);
                    }
                });
            }
        }
    }
    for own in part_kept::kept(world) {
        let own = Opened::of(&own.table, &own.column);
        if !opened.contains(&own) {
            opened.push(own);
        }
    }
    opened
}

/// An heir that is there on both sides, and one of its columns.
struct Heir<'h, 'm> {
    world: &'h World<'m>,
    table: &'h QualifiedName,
    columns: Pair<&'h Column>,
}

impl Heir<'_, '_> {
    fn is_from_above(&self, side: &Metadata, name: &str) -> bool {
        let mut parents = parents(self.world, self.table);
        parents
            .any(|parent| called(side, parent, &self.columns.target.name).as_deref() == Some(name))
    }

    /// Returns true if its constraint gets another name, or comes under one, while it has one from above.
    fn is_named(&self) -> bool {
        let Pair { database, target } = self.columns;
        let [old, new] = [database, target].map(|column| column.not_null_name(self.table));
        let sides = self.world.pair;
        let is_shared = self.is_from_above(sides.target, &new);
        let was_shared =
            || self.is_from_above(sides.database, &old) || self.is_from_above(sides.target, &old);
        match database.nullable {
            true => !is_shared,
            false => old != new && !(is_shared && was_shared()),
        }
    }

    /// Returns true if its constraint has another name than those above, before it follows those.
    fn is_named_otherwise(&self) -> bool {
        let before = self.world.unfollowed;
        let own = column_of(before, self.table, &self.columns.database.name);
        let name = own.filter(|own| !own.nullable).map(|own| own.not_null_name(self.table));
        name.is_some_and(|name| !self.is_from_above(before, &name))
    }

    /// Returns true if a constraint above is made again with its column, or gets another name.
    fn lies_below(&self, above: &[&QualifiedName], replaced: &[ObjectId]) -> bool {
        let Pair { database, target } = self.world.pair;
        above.iter().any(|table| {
            let [from, to] = [database, target].map(|side| {
                let own = column_of(side, table, &self.columns.target.name);
                own.filter(|own| is_passed_on(own))
            });
            from.zip(to).is_some_and(|(from, to)| {
                from.not_null_name(table) != to.not_null_name(table)
                    || from.sql_type != to.sql_type
                    || moves(self.world, replaced, Pair::new(from, to))
            })
        })
    }
}

/// Returns the tables above one, from the top, that have constraints of their own for a column of which theirs
/// is one too.
fn holders<'m>(world: &World<'m>, table: &QualifiedName, column: &str) -> Vec<&'m QualifiedName> {
    let target = world.pair.target;
    let mut found: Vec<&QualifiedName> = Vec::new();
    for parent in parents(world, table) {
        let Some(name) = called(target, parent, column) else { continue };
        for above in holders(world, parent, column) {
            if !found.contains(&above) {
                found.push(above);
            }
        }
        let mut above = parents(world, parent).filter_map(|own| called(target, own, column));
        if above.all(|above| above != name) && !found.contains(&parent) {
            found.push(parent);
        }
    }
    found
}

/// Returns the tables from which a table inherits on both sides.
fn parents<'m>(
    world: &World<'m>,
    table: &QualifiedName,
) -> impl Iterator<Item = &'m QualifiedName> + use<'m> {
    let own = world.pair.map(|side| side.tables.get(table).map(|own| &own.options.inherits));
    let after = own.target.into_iter().flatten();
    after.filter(move |parent| own.database.is_some_and(|before| before.contains(parent)))
}

fn column_of<'m>(side: &'m Metadata, table: &QualifiedName, column: &str) -> Option<&'m Column> {
    side.tables.get(table)?.column(column)
}

impl Opened {
    fn of(table: &QualifiedName, column: &str) -> Self {
        Self { table: table.clone(), column: column.to_owned() }
    }

    /// Returns the column as it is in the database, if its constraint is there.
    fn before<'m>(&self, world: &World<'m>) -> Option<&'m Column> {
        let before = column_of(world.pair.database, &self.table, &self.column)?;
        (is_passed_on(before) && !self.is_carried(world, before)).then_some(before)
    }

    /// Returns true if a table has the constraint only because one above gets it.
    fn is_carried(&self, world: &World<'_>, before: &Column) -> bool {
        let name = before.not_null_name(&self.table);
        parents(world, &self.table).any(|parent| {
            called(world.pair.target, parent, &self.column).as_ref() == Some(&name)
                && Self::of(parent, &self.column).before(world).is_none()
        })
    }

    /// Returns true if the constraint need not go, because the heirs can be without it.
    fn is_loosened(&self, world: &World<'_>) -> bool {
        let Pair { database, target } = world.pair;
        let columns = [database, target].map(|side| column_of(side, &self.table, &self.column));
        let [Some(from), Some(to)] = columns else { return false };
        let unfollowed = Pair::new(world.unfollowed, target);
        let above = holders(world, &self.table, &self.column).into_iter();
        from.sql_type == to.sql_type
            && !moves(world, &replaced(world), Pair::new(from, to))
            && loosened::can_be(unfollowed, &self.table, &self.column)
            && { above }.all(|table| Self::of(table, &self.column).is_loosened(world))
    }

    /// Returns the primary keys that make room, because their columns can't accept NULL: that of the table, and
    /// those of tables below that have the constraint from it.
    pub(crate) fn keys<'m>(&self, world: &World<'m>) -> Vec<(&'m QualifiedName, &'m Constraint)> {
        let before = self.before(world).filter(|_| !self.is_loosened(world));
        let Some(before) = before else { return Vec::new() };
        let name = before.not_null_name(&self.table);
        let target = world.pair.target;
        let tables = target.tables.values().filter(|heir| {
            let own = column_of(world.pair.database, &heir.name, &self.column);
            heir.name == self.table
                || (own.is_some_and(|own| own.not_null_name(&heir.name) == name)
                    && holders(world, &heir.name, &self.column).contains(&&self.table))
        });
        let is_over = |own: &&Constraint| match &own.kind {
            ConstraintKind::PrimaryKey { columns, .. } => columns.contains(&self.column),
            ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_)
            | ConstraintKind::Exclusion { .. }
            | ConstraintKind::Check { .. } => false,
        };
        let keys = tables.flat_map(|table| {
            table.constraints.iter().filter(is_over).map(|key| (&table.name, key))
        });
        keys.collect()
    }

    /// Returns true if the column can't accept NULL for a while, as one that numbers its rows can't.
    pub(crate) fn is_stuck(&self, world: &World<'_>) -> bool {
        let column = |side| column_of(side, &self.table, &self.column);
        let sides = [world.pair.database, world.pair.target].into_iter();
        let mut columns = sides.filter_map(column);
        columns.any(|own| own.identity.is_some())
            && !self.begins_to_number(world)
            && !self.is_loosened(world)
    }

    /// Returns true if the column begins to number its rows and has accepted NULL before. It gets its constraint
    /// together with that, behind the heirs.
    fn begins_to_number(&self, world: &World<'_>) -> bool {
        let column = |side| column_of(side, &self.table, &self.column);
        let sides = world.pair.map(column);
        sides.database.is_some_and(|own| own.nullable)
            && sides.target.is_some_and(|own| own.identity.is_some())
    }

    pub(crate) fn id(&self) -> ObjectId {
        ObjectId::column(&self.table, self.column.as_str())
    }

    fn change(&self, from: Column, to: Column) -> Operation {
        Operation::Alter(Alter::Column(ColumnChange::new(self.table.clone(), from, to)))
    }

    fn is_of(&self, operation: &Operation) -> bool {
        operation.object() == self.id()
    }
}

/// Reports columns whose constraints can't go for as long as those of heirs change.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let stuck = opened(world).into_iter().filter(|own| own.is_stuck(world));
    let stuck = stuck.map(|own| Impossible {
        object: own.id(),
        reason: "its NOT NULL constraint would have to go while those of the tables that inherit from this one \
                 get other names, or it another type, and PostgreSQL does not let an identity be without one: \
                 take the identity away in a revision before"
            .to_owned(),
    });
    stuck.collect()
}

/// Takes the constraints above away before those of heirs get names of their own, or those above other types
/// or names, and adds them afterwards.
pub(crate) fn make_way(world: &World<'_>, operations: &mut Vec<Operation>) {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let (loose, opened): (Vec<_>, Vec<_>) =
        opened(world).into_iter().partition(|own| own.is_loosened(world));
    for own in &loose {
        let columns = world.pair.map(|side| column_of(side, &own.table, &own.column));
        let Some((before, after)) = columns.database.zip(columns.target) else { continue };
        let [begin, end] = loosened::around(&own.table, before, after);
        first.push(begin);
        last.push(end);
    }
    let mut filling = Vec::new();
    for own in &opened {
        let Some(target) = column_of(world.pair.target, &own.table, &own.column) else { continue };
        if own.begins_to_number(world) {
            continue;
        }
        operations.retain(|operation| !(own.is_of(operation) && is_name(operation)));
        // The default stays, and no row gets it.
        let bare = Column { default: None, ..target.clone() };
        if let Some(before) = own.before(world) {
            first.push(own.change(before.clone(), nullable(before)));
            operations.extend(comment(&own.table, target));
            last.push(own.change(nullable(&bare), bare));
            continue;
        }
        let new = operations.iter_mut().filter(|operation| own.is_of(operation));
        let left = { new }.find_map(leave_nullable);
        let above = holders(world, &own.table, &own.column);
        let is_above =
            |filled: &Opened| filled.column == own.column && above.contains(&&filled.table);
        if matches!(left, Some(Left::WithNulls)) || filling.iter().any(is_above) {
            last.push(own.change(nullable(target), target.clone()));
            filling.push(own.clone());
        } else {
            last.push(own.change(nullable(&bare), bare));
        }
    }
    operations.retain(|operation| !is_nothing(operation));
    for operation in operations.iter_mut() {
        begin_anew(world, &filling, false, operation);
        begin_anew(world, &opened, true, operation);
    }
    first.extend(part_kept::kept(world).iter().map(Kept::operation));
    operations.splice(0..0, first);
    operations.extend(last.into_iter().rev());
}

/// The content of a column whose NOT NULL constraint comes later.
enum Left {
    /// All rows have a value, as far as the column has one for them.
    Filled,
    /// There may be rows with NULL, which get the default.
    WithNulls,
}

/// Lets an operation that makes a column, or forbids NULL in it, leave that to a later one.
fn leave_nullable(operation: &mut Operation) -> Option<Left> {
    let (column, left) = match operation {
        Operation::Create(Object::Column { column, .. }) => (column, Left::Filled),
        Operation::Restore(restored) => (&mut restored.column, Left::Filled),
        Operation::Alter(Alter::Column(change)) if change.from.nullable && !change.to.nullable => {
            (&mut change.to, Left::WithNulls)
        }
        Operation::Create(_)
        | Operation::Alter(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Comment { .. } => return None,
    };
    **column = nullable(column);
    Some(left)
}

fn is_name(operation: &Operation) -> bool {
    matches!(operation, Operation::Alter(Alter::Column(change)) if is_name_alone(change))
}

fn is_nothing(operation: &Operation) -> bool {
    let Operation::Alter(Alter::Column(change)) = operation else { return false };
    change.from.nullable && change.to.nullable && change.from == change.to
}

/// Lets the constraint of an heir that was the one above be a new one, since that is gone, and one that becomes
/// the one above go, since that comes.
fn begin_anew(world: &World<'_>, opened: &[Opened], is_filled: bool, operation: &mut Operation) {
    let Operation::Alter(Alter::Column(change)) = operation else { return };
    if !is_name_alone(change) || change.from.nullable || change.to.nullable {
        return;
    }
    let above = holders(world, &change.table, &change.to.name);
    if !opened.iter().any(|own| own.column == change.to.name && above.contains(&&own.table)) {
        return;
    }
    let sides = [world.pair.database, world.pair.target];
    let is_above = |name: &str| {
        let called = |side: &Metadata, parent| called(side, parent, &change.to.name);
        let mut parents = parents(world, &change.table);
        parents.any(|parent| sides.iter().any(|side| called(side, parent).as_deref() == Some(name)))
    };
    let [old, new] = [&change.from, &change.to].map(|own| own.not_null_name(&change.table));
    let is_key = |side: &&Metadata| {
        let table = side.tables.get(&change.table);
        table.is_some_and(|table| table.primary_key().contains(&change.to.name))
    };
    let is_in_key = sides.iter().all(is_key);
    let (was_above, is_above) = (is_above(&old), is_above(&new));
    if was_above {
        if is_filled {
            change.to.default = None;
        }
        *change.from = nullable(&change.to);
    } else if is_above && !is_in_key {
        *change.to = nullable(&change.from);
    }
}

fn nullable(column: &Column) -> Column {
    Column { nullable: true, not_null: None, ..column.clone() }
}

/// Returns the comment on a constraint that is made again.
fn comment(table: &QualifiedName, column: &Column) -> Option<Operation> {
    let comment = column.not_null.as_ref()?.comment.clone()?;
    let on = ObjectId::within(Kind::Constraint, table, column.not_null_name(table));
    Some(Operation::Comment { on, comment: Some(comment) })
}

/// Returns true if the constraint of an heir is made before one of a table above, which is then merged with it,
/// or goes before that is made again.
pub(crate) fn comes_first(world: &World<'_>, heir: &Operation, above: &Operation) -> bool {
    let is_made = |change: &ColumnChange| change.from.nullable && !change.to.nullable;
    let Operation::Alter(Alter::Column(heir)) = heir else {
        let Operation::Alter(Alter::Column(above)) = above else { return false };
        return is_made(above) && part_kept::is_added(world, heir, &above.table, &above.to.name);
    };
    let is_for_a_while = |change: &ColumnChange| {
        let after = column_of(world.pair.target, &change.table, &change.to.name);
        !change.from.nullable && change.to.nullable && after.is_some_and(|own| !own.nullable)
    };
    let Operation::Alter(Alter::Column(above)) = above else {
        return is_for_a_while(heir)
            && matches!(above, Operation::Alter(Alter::ReplaceType(_)))
            && world.pair.target.names_not_null;
    };
    if heir.to.name != above.to.name
        || !holders(world, &heir.table, &heir.to.name).contains(&&above.table)
    {
        return false;
    }
    if is_for_a_while(heir) {
        return !is_for_a_while(above);
    }
    let is_renamed = !heir.from.nullable && !heir.to.nullable && is_name_alone(heir);
    let is_other = heir.to.not_null_name(&heir.table) != above.to.not_null_name(&above.table);
    (loosened::is_end(above) || is_other && is_made(above)) && (is_made(heir) || is_renamed)
}

/// Returns true if a new table has a NOT NULL constraint under a name of its own for a column from above.
pub(crate) fn is_own(world: &World<'_>, table: &Table, column: &Column) -> bool {
    let target = world.pair.target;
    let name = column.not_null_name(&table.name);
    let mut above =
        table.options.inherits.iter().filter_map(|parent| called(target, parent, &column.name));
    target.names_not_null && column.inherited && !column.nullable && above.all(|own| own != name)
}

/// Says such names in a new table, and those of all other inherited constraints not.
pub(crate) fn say_own(world: &World<'_>, table: &mut Table) {
    if table.options.inherits.is_empty() {
        return;
    }
    let key = table.primary_key().to_vec();
    let said: Vec<bool> = table.columns.iter().map(|own| is_own(world, table, own)).collect();
    let name = table.name.clone();
    for (own, is_said) in table.columns.iter_mut().zip(said).filter(|(own, _)| own.inherited) {
        let called = own.not_null_name(&name);
        // A primary key brings one of the usual name along.
        let is_usual = own.not_null.is_none() && key.contains(&own.name);
        let mut not_null = own.not_null.take().unwrap_or_default();
        not_null.name = (is_said && !is_usual).then_some(called);
        own.not_null = Some(not_null).filter(|not_null| **not_null != NotNull::default());
    }
}

/// Takes back what is said of NULLs in columns that had none before their constraints went, or that come with
/// values.
pub(crate) fn trust(world: &World<'_>, steps: &mut [Step]) {
    let opened = opened(world);
    let mut restored = Vec::new();
    for step in steps.iter_mut().filter(|_| !opened.is_empty()) {
        let values = step.operations.iter().filter_map(|operation| match operation {
            Operation::Restore(own) => Some(ObjectId::column(&own.table, own.column.name.as_str())),
            Operation::Create(Object::Column { column, .. }) => {
                column.default.is_some().then(|| operation.object())
            }
            Operation::Create(_)
            | Operation::Alter(_)
            | Operation::Drop(_)
            | Operation::Rename { .. }
            | Operation::Comment { .. } => None,
        });
        restored.extend(world.with_heirs(values.collect()));
        let had_none = |id: &ObjectId| {
            let own = id.table.as_ref().map(|table| Opened::of(table, &id.name.name));
            let before = own.as_ref().and_then(|own| own.before(world));
            before.is_some_and(|before| !before.may_still_be_null())
        };
        let is_known = |column: &ObjectId| restored.contains(column) || had_none(column);
        step.hazards.retain(
            |hazard| !matches!(hazard, Hazard::FailsOnNulls { column } if is_known(column)),
        );
    }
}
