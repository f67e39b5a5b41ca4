//! Functions that return rows of a table, in the order of a plan.
//!
//! The server holds the code of such a function against the columns that the table has by then, and the aliases of
//! a query over its result, too.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Definition, Kind, Metadata, ObjectId, QualifiedName};

use crate::depends::World;
use crate::ordering::graph::Graph;
use crate::renaming::object_rename::ObjectRename;

/// Adds edges that change the columns of a table before the functions that return its rows are written, and add
/// columns before the views over those.
pub(crate) fn edges(world: &World<'_>, operations: &[Operation], graph: &mut Graph) {
    let all = operations.iter().enumerate();
    let texts: Vec<_> = all.filter_map(|(at, own)| Some((at, written(own)?))).collect();
    for (at, operation) in operations.iter().enumerate() {
        let (table, is_added) = match operation {
            Operation::Create(Object::Column { table, .. }) => (table, true),
            Operation::Drop(Object::Column { table, .. }) => (table, false),
            _ => continue,
        };
        for (other, definition) in &texts {
            let comes_later = match definition.id.kind {
                Kind::Function => {
                    returns(definition, table) || is_added && reads(world, definition, table)
                }
                Kind::View | Kind::MaterializedView => is_added && reads(world, definition, table),
                _ => false,
            };
            if comes_later {
                graph.edge(at, *other);
            }
        }
    }
}

/// The end of the text of a definition in which the server has other columns of some rows.
const STALE: &str = " /* the rows that it reads have other columns */";

/// Marks the views and functions of the database that read rows of a table from a function, if columns of the
/// table are new or get other names, so that they are written again. The server goes on with the columns and
/// names that were there when a text was written, and has other words for it in a new database.
pub(crate) fn mark<'m>(
    mut database: Cow<'m, Metadata>,
    target: &Metadata,
    renames: &[ObjectRename],
) -> Cow<'m, Metadata> {
    let of_columns = renames.iter().filter(|own| own.from.kind == Kind::Column);
    let renamed: BTreeSet<&QualifiedName> =
        of_columns.filter_map(|own| own.from.table.as_ref()).collect();
    let gets_columns = |id: &&ObjectId| {
        let before = database.tables.get(&id.name).filter(|_| id.kind == Kind::Table);
        let after = target.tables.get(&id.name);
        before.zip(after).is_some_and(|(before, after)| {
            after.columns.iter().any(|column| before.column(&column.name).is_none())
                || renamed.contains(&id.name)
        })
    };
    let is_widened = |id: &&ObjectId| {
        let function = database.definitions.get(*id).filter(|own| own.id.kind == Kind::Function);
        function.is_some_and(|function| function.depends_on.iter().any(|id| gets_columns(&id)))
    };
    let is_stale = |own: &&Definition| {
        matches!(own.id.kind, Kind::View | Kind::Function)
            && own.depends_on.iter().any(|id| is_widened(&id))
            && target.definitions.contains_key(&own.id)
    };
    let stale: Vec<ObjectId> =
        database.definitions.values().filter(is_stale).map(|own| own.id.clone()).collect();
    for id in stale {
        if let Some(own) = database.to_mut().definitions.get_mut(&id) {
            own.body.canonical = None;
            own.body.written.push_str(STALE);
        }
    }
    database
}

/// Returns true if the rows of a table have other columns after an operation.
pub(crate) fn changes_columns(operation: &Operation) -> bool {
    match operation {
        Operation::Create(Object::Column { .. }) | Operation::Drop(Object::Column { .. }) => true,
        Operation::Alter(Alter::Column(change)) => change.from.sql_type != change.to.sql_type,
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => false,
    }
}

/// Returns the definition that an operation writes.
pub(crate) fn written(operation: &Operation) -> Option<&Definition> {
    match operation {
        Operation::Create(Object::Definition(definition)) => Some(definition),
        Operation::Alter(Alter::Definition { to, .. }) => Some(to),
        _ => None,
    }
}

/// Returns true if a function has the type of a table in its head.
fn returns(function: &Definition, table: &QualifiedName) -> bool {
    function.depends_on.contains(&ObjectId::table(table))
}

/// Returns true if a view reads a function that returns rows of a table.
fn reads(world: &World<'_>, view: &Definition, table: &QualifiedName) -> bool {
    let sides = [world.pair.database, world.pair.target];
    let functions: BTreeSet<&ObjectId> =
        view.depends_on.iter().filter(|on| on.kind == Kind::Function).collect();
    let mut found =
        sides.iter().flat_map(|side| functions.iter().filter_map(|id| side.definitions.get(id)));
    found.any(|function| returns(function, table))
}
