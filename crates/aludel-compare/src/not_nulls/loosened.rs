//! NOT NULL constraints that tables do not pass on for a while (PostgreSQL 18).
//!
//! The server gives an inherited constraint no other name. `ALTER CONSTRAINT … NO INHERIT` lets each heir keep the
//! constraint as its own, and `INHERIT` merges the two again, without a look at rows. An heir's own one stays
//! its own afterwards, so each heir has to have had one before: then it has a name that is none of those
//! above.

use aludel_operations::{Alter, ColumnChange, Operation};
use aludel_schema::{Column, Metadata, QualifiedName, Table};

use crate::not_nulls::not_null::{called, is_passed_on};
use crate::pair::Pair;

/// Returns true if a table passes its NOT NULL constraint for a column on to heirs, each of which has one of its
/// own, and may do so later again.
pub(crate) fn can_be(sides: Pair<&Metadata>, table: &QualifiedName, column: &str) -> bool {
    let passes = |side: &Metadata| called(side, table, column).is_some();
    // One that comes or goes has it as its own in any case.
    let stays = |heir: &&Table| {
        let after = sides.target.tables.get(&heir.name);
        after.is_some_and(|after| after.options.inherits.contains(table))
    };
    let heirs = || heirs_of(sides.database, table).filter(stays);
    passes(sides.database)
        && passes(sides.target)
        && heirs().next().is_some()
        && heirs().all(|heir| {
            has_own(sides.database, heir, column) && keeps_own(sides.target, heir, column)
        })
}

/// Returns the operations that let the heirs of a table keep its constraint for a column as theirs, and that pass
/// it on to them again.
pub(crate) fn around(table: &QualifiedName, before: &Column, after: &Column) -> [Operation; 2] {
    let change = |from: Column, to: Column| {
        Operation::Alter(Alter::Column(ColumnChange::new(table.clone(), from, to)))
    };
    let (first, last) = (kept_back(before), kept_back(after));
    [change(before.clone(), first), change(last, after.clone())]
}

/// Returns true if a change passes a constraint on again.
pub(crate) fn is_end(change: &ColumnChange) -> bool {
    !change.from.nullable && !is_passed_on(&change.from) && is_passed_on(&change.to)
}

fn heirs_of<'m>(side: &'m Metadata, table: &QualifiedName) -> impl Iterator<Item = &'m Table> {
    side.tables.values().filter(move |heir| heir.options.inherits.contains(table))
}

/// Returns true if a table has a constraint for a column under another name than all above it.
fn has_own(side: &Metadata, heir: &Table, column: &str) -> bool {
    let own = heir.column(column).filter(|own| is_passed_on(own));
    let name = own.map(|own| own.not_null_name(&heir.name));
    let mut above = heir.options.inherits.iter().map(|parent| called(side, parent, column));
    name.is_some() && above.all(|above| above != name)
}

/// Returns true if a table is to have a constraint of its own: it has the column itself, or another name than all
/// above.
fn keeps_own(target: &Metadata, heir: &Table, column: &str) -> bool {
    let Some(heir) = target.tables.get(&heir.name) else { return false };
    let own = heir.column(column).filter(|own| is_passed_on(own));
    own.is_some_and(|own| !own.inherited || has_own(target, heir, column))
}

fn kept_back(column: &Column) -> Column {
    let mut column = column.clone();
    column.not_null.get_or_insert_default().no_inherit = true;
    column
}
