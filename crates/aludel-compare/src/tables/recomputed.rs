//! Generated columns that get another expression and stay where they are (PostgreSQL 17).
//!
//! The server computes the values of all rows, builds the indexes again and looks at the checks and keys. Views,
//! policies, grants and comments stay, and so does the place of the column in the row. An older server drops
//! the column and adds it again.

use aludel_operations::ColumnChange;
use aludel_schema::{Column, ConstraintKind, Kind, ObjectId, QualifiedName};

use crate::depends::World;
use crate::pair::Pair;

/// Returns true if a column that is computed on both sides gets another expression in place.
///
/// Tables that inherit are left out, because the server would give their columns the expression as well. So is
/// what it can't do for columns that are computed when they are read: a table with checks, or in a publication.
pub(crate) fn stays(world: &World<'_>, table: &QualifiedName, column: Pair<&Column>) -> bool {
    let generated = column.map(|column| column.generated.as_deref());
    let (Some(before), Some(after)) = (generated.database, generated.target) else { return false };
    let is_alike = before.stored == after.stored
        && !column.differs(|column| (&column.sql_type, &column.collation));
    world.pair.database.sets_expressions
        && before != after
        && is_alike
        && (after.stored || is_unwatched(world, table))
        && !world.has_heirs(table)
}

/// Returns true for a table without checks and outside of all publications, on both sides.
fn is_unwatched(world: &World<'_>, table: &QualifiedName) -> bool {
    [world.pair.database, world.pair.target].iter().all(|side| {
        let own = side.tables.get(table).into_iter().flat_map(|own| &own.constraints);
        let mut checks = own.filter(|own| matches!(own.kind, ConstraintKind::Check { .. }));
        let publishes = |id: &ObjectId| id.kind == Kind::Publication;
        checks.next().is_none() && !side.definitions.keys().any(publishes)
    })
}

/// Returns true if a change ends the expression of a column, so that what it read may go.
pub(crate) fn is_freed(change: &ColumnChange) -> bool {
    change.from.generated.is_some() && change.from.generated != change.to.generated
}

/// Returns true if a change gives a generated column another expression.
pub(crate) fn is_one(change: &ColumnChange) -> bool {
    let [before, after] = [&change.from, &change.to].map(|column| &column.generated);
    before.is_some() && after.is_some() && before != after
}
