//! Domains: columns that keep one from getting a check.

use aludel_schema::{Column, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::holder::{holder_of_rows, types_over};
use crate::impossible::Impossible;

/// Returns the reason why a domain can get no check; `None` for a definition of any other kind.
pub(crate) fn held_domain(world: &World<'_>, target: &Definition) -> Option<Impossible> {
    if target.id.kind != Kind::Domain {
        return None;
    }
    let over = types_over(world, target);
    let is_of = |column: &Column, own: &Definition| Some(&own.id) == world.type_of(column);
    let holds = |column: &Column| {
        let is_array = column.sql_type.written.ends_with("[]");
        over.iter().any(|own| is_of(column, own) && (is_array || own.id.kind != Kind::Domain))
    };
    let tables = || world.pair.database.tables.values();
    let reason = if let Some(table) = tables().find(|table| table.columns.iter().any(holds)) {
        format!(
            "PostgreSQL does not add a constraint to a domain while {} has a column of an array or \
             another type that contains it; write this revision by hand",
            ObjectId::table(&table.name)
        )
    } else {
        let is_held = |column: &Column| over.iter().any(|own| is_of(column, own));
        let mut tables = tables().filter(|table| table.columns.iter().any(is_held));
        let (table, holder) =
            tables.find_map(|table| Some((&table.name, holder_of_rows(world, &table.name)?)))?;
        format!(
            "PostgreSQL does not add a constraint to a domain while {} has a column of it, and {holder} \
             holds rows of that; write this revision by hand",
            ObjectId::table(table)
        )
    };
    Some(Impossible { object: target.id.clone(), reason })
}
