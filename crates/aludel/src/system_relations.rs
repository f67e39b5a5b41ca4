//! Tables and views with names of the server's own.
//!
//! PostgreSQL looks into `pg_catalog` first, so that `pg_class` never means a table of the default schema
//! (PostgreSQL, "The System Catalog Schema"). Names of the default schema are written without it, and a
//! statement would reach the server's own relation.

use std::collections::BTreeSet;

use aludel_compare::{Impossible, Plan};
use aludel_driver::{Connection, DriverError};
use aludel_operations::Operation;
use aludel_reflect::{Shadows, shadowing};
use aludel_schema::{Kind, ObjectId, QualifiedName};

/// Returns the tables and views that a plan concerns and whose names mean relations of the server.
pub(crate) async fn unreachable(
    connection: &Connection<'_>,
    plan: &Plan,
) -> Result<Vec<Impossible>, DriverError> {
    let objects = plan.operations().map(Operation::object);
    let concerned: BTreeSet<ObjectId> = objects.filter_map(relation).collect();
    let mut wanted = Shadows::default();
    for id in &concerned {
        wanted.add(&ObjectId::table(&id.name));
    }
    let found = shadowing(connection, &wanted).await?;
    let shadowed = concerned.into_iter().filter(|id| found.has(&ObjectId::table(&id.name)));
    let reason = "its name is one of the server's own relations, which SQL without a schema means; give it \
                  another name or schema by hand, or name it in `ignore` under [scope] in aludel.toml";
    Ok(shadowed.map(|object| Impossible { object, reason: reason.to_owned() }).collect())
}

/// Returns the relation of the default schema that an object is, or belongs to, if it has a name as those of
/// the server have.
fn relation(id: ObjectId) -> Option<ObjectId> {
    let is_relation = matches!(
        id.kind,
        Kind::Table
            | Kind::View
            | Kind::MaterializedView
            | Kind::ForeignTable
            | Kind::Partition
            | Kind::Sequence
    );
    let relation = if is_relation { Some(id) } else { id.table.as_ref().map(ObjectId::table) };
    let is_catalogs = |name: &QualifiedName| name.schema.is_none() && name.name.starts_with("pg_");
    relation.filter(|id| is_catalogs(&id.name))
}
