//! Domains: columns that keep one from getting a check.

use aludel_schema::{Column, Definition, Kind, ObjectId};

use crate::depends::World;
use crate::holder::types_over;
use crate::impossible::Impossible;

/// Returns the reason why a domain can get no check; `None` for a definition of any other kind.
pub(crate) fn held_domain(world: &World<'_>, target: &Definition) -> Option<Impossible> {
    if target.id.kind != Kind::Domain {
        return None;
    }
    let over = types_over(world, target);
    let holds = |column: &&Column| {
        let of = world.type_of(column);
        let is_array = column.sql_type.written.ends_with("[]");
        over.iter().any(|own| Some(&own.id) == of && (is_array || own.id.kind != Kind::Domain))
    };
    let mut tables = world.pair.database.tables.values();
    let table = tables.find(|table| table.columns.iter().any(|column| holds(&column)))?;
    let reason = format!(
        "PostgreSQL does not add a constraint to a domain while {} has a column of an array or \
         another type that contains it; write this revision by hand",
        ObjectId::table(&table.name)
    );
    Some(Impossible { object: target.id.clone(), reason })
}
