use std::collections::{BTreeMap, BTreeSet};

use aludel_compare::{Renamed, Way, plan};
use aludel_dialect::{Dialect, changed_objects};
use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_operations::Operation;
use aludel_revision::{Anchor, Direction, Revision, RevisionMap, Symbol};
use aludel_runtime::{Identity, Runner, Silent};
use aludel_schema::{Metadata, ObjectId};

use super::merge::parents;
use crate::databases::dialect_of;
use crate::difference::reflected;
use crate::error::Error;
use crate::project::Project;
use crate::server::Scratch;

/// An object that several branches change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The object, such as a table, a column or a type.
    pub object: ObjectId,
    /// For the head of each branch, the revisions of that branch which change the object.
    pub by: BTreeMap<String, Vec<String>>,
}

/// The result of applying branches in different orders.
#[derive(Clone, Debug)]
pub enum Orders {
    /// Both orders give the same schema.
    Same,
    /// The orders give different schemas. These operations lead from the first one to the other.
    Different(Vec<String>),
    /// One order fails.
    Fails {
        /// The heads, in the order that fails.
        order: Vec<String>,
        /// The reason.
        reason: String,
    },
}

/// Returns the objects that more than one of the branches changes since they parted. The branches
/// end in `revisions`.
///
/// # Errors
///
/// Fails if the revisions can't be read, if fewer than two are named or one is unknown, or if the
/// dialects of the project are not known.
pub fn conflicts(project: &Project, revisions: &[Symbol]) -> Result<Vec<Conflict>, Error> {
    let map = project.revisions()?;
    let heads = parents(&map, revisions)?;
    let dialects = project.dialects()?;
    let mut by_object: BTreeMap<ObjectId, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for head in &heads {
        for revision in own(&map, head, &heads) {
            for object in changed(revision, &dialects)? {
                let by = by_object.entry(object).or_default();
                by.entry(head.clone()).or_default().push(revision.id.clone());
            }
        }
    }
    let shared = by_object.into_iter().filter(|(_, by)| by.len() > 1);
    Ok(shared.map(|(object, by)| Conflict { object, by }).collect())
}

/// Returns the revisions at and below a head that are not below any other head.
fn own<'a>(map: &'a RevisionMap, head: &str, heads: &[String]) -> Vec<&'a Revision> {
    let others: Vec<String> = heads.iter().filter(|other| *other != head).cloned().collect();
    let below: BTreeSet<&str> = map.applied(&others).iter().map(|r| r.id.as_str()).collect();
    let mut own = map.applied(&[head.to_owned()]);
    own.retain(|revision| !below.contains(revision.id.as_str()));
    own
}

/// Returns the objects that a revision's upgrade changes, in any of the dialects.
fn changed(revision: &Revision, dialects: &[Dialect]) -> Result<BTreeSet<ObjectId>, Error> {
    let mut objects = BTreeSet::new();
    for dialect in dialects {
        let section = revision.section(Direction::Upgrade, dialect.name());
        let section = section.map_err(|problem| Error::Files(vec![problem]))?;
        objects.extend(changed_objects(section.body, *dialect));
    }
    Ok(objects)
}

/// Applies the branches in this order and in the reverse one, each time to an empty database, and
/// compares the schemas. On SQLite these databases are in memory. On PostgreSQL they are created
/// next to the database of `scratch`, which is not changed, and dropped afterwards.
///
/// # Errors
///
/// Fails if the revisions can't be read or resolved, if the dialect of `scratch` is not one of the
/// project's, or if a database can't be created or read. A revision that fails gives
/// [`Orders::Fails`].
pub async fn orders(
    project: &Project,
    revisions: &[Symbol],
    scratch: Option<&str>,
) -> Result<Orders, Error> {
    let map = project.revisions()?;
    let heads = parents(&map, revisions)?;
    let backwards: Vec<String> = heads.iter().rev().cloned().collect();
    let url = DatabaseUrl::parse(scratch.unwrap_or("sqlite::memory:"), &project.root)?;
    let dialect = dialect_of(&url);
    if !project.dialects()?.contains(&dialect) {
        return Err(Error::NoDatabaseFor { dialect: project.dialects()?[0].name() });
    }
    let mut schemas: Vec<Metadata> = Vec::new();
    for order in [&heads, &backwards] {
        match schema_after(project, &map, &url, order).await? {
            Ok(schema) => schemas.push(schema),
            Err(reason) => return Ok(Orders::Fails { order: order.clone(), reason }),
        }
    }
    let renamed = Renamed::nothing(dialect, &schemas[0]);
    let difference = plan(&renamed, &schemas[1], Way::Forward);
    if difference.is_empty() {
        return Ok(Orders::Same);
    }
    Ok(Orders::Different(difference.operations().map(Operation::to_string).collect()))
}

/// Returns the schema of an empty database after the heads in this order, or the reason of a
/// failure.
async fn schema_after(
    project: &Project,
    map: &RevisionMap,
    url: &DatabaseUrl,
    order: &[String],
) -> Result<Result<Metadata, String>, Error> {
    if !url.is_postgres() {
        // A file could hold data of the user, so the database is always in memory.
        let memory = DatabaseUrl::parse("sqlite::memory:", &project.root)?;
        let connection = Connection::open(&memory, OpenMode::Write).await?;
        return applied(project, map, &connection, dialect_of(&memory), order).await;
    }
    let scratch = Scratch::create(url).await?;
    let outcome = match Connection::open(&scratch.url(), OpenMode::Write).await {
        Ok(connection) => applied(project, map, &connection, dialect_of(url), order).await,
        Err(error) => Err(error.into()),
    };
    scratch.remove().await?;
    outcome
}

async fn applied(
    project: &Project,
    map: &RevisionMap,
    connection: &Connection<'_>,
    dialect: Dialect,
    order: &[String],
) -> Result<Result<Metadata, String>, Error> {
    let table = project.version_table(dialect);
    let runner = Runner::new(connection, map, table, Identity::default()).steps(&project.steps);
    for head in order {
        let anchor = Some(Anchor::Name(head.clone()));
        let head = Symbol { branch: None, anchor, distance: 0 };
        if let Err(error) = runner.upgrade(&head, &mut Silent).await {
            return Ok(Err(error.to_string()));
        }
    }
    Ok(Ok(reflected(connection, &project.config.version_table).await?.metadata))
}
