//! Columns that a new table would inherit from several tables that store them in different ways.

use aludel_schema::{Column, ObjectId, Table};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::pair::Pair;

/// Reports such columns: the server makes no table with them, whatever the table says of its own ("storage parameter
/// conflict", `MergeAttributes` of PostgreSQL).
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let tables = target.tables.values().filter(|own| !database.tables.contains_key(&own.name));
    let refused = |table: &Table, column: &Column| {
        let parents = table.options.inherits.iter().filter_map(|name| target.tables.get(name));
        let mut above = parents.filter_map(|own| Some((own, own.column(&column.name)?)));
        let (first, stored) = above.next()?;
        let (other, _) = above.find(|(_, own)| differ(stored, own))?;
        let reason = format!(
            "{} and {} store it in different ways, and PostgreSQL makes no table that inherits it from both: make the \
             table first, and give one of them its storage in a later revision",
            first.name, other.name
        );
        Some(Impossible { object: ObjectId::column(&table.name, column.name.as_str()), reason })
    };
    let found = tables.flat_map(|table| {
        table.columns.iter().filter_map(|column| refused(table, column)).collect::<Vec<_>>()
    });
    found.collect()
}

/// Returns true if the server does not merge the storage of two columns. It takes over the only compression method.
fn differ(one: &Column, other: &Column) -> bool {
    let (one, other) = (one.effective_storage(), other.effective_storage());
    let methods = one.compression.zip(other.compression);
    one.mode != other.mode || methods.is_some_and(|(one, other)| one != other)
}
