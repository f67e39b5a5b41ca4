use std::collections::{BTreeMap, BTreeSet};

use aludel_compare::{Pair, Renames, plan};
use aludel_dialect::{Dialect, touched};
use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_revision::{Direction, Revision, RevisionMap};
use aludel_runtime::{Identity, Runner, Silent};
use aludel_schema::Metadata;

use super::merge::parents;
use crate::difference::reflected;
use crate::project::dialect_of;
use crate::{Error, Project};

/// Something that several branches change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What: a table, a column, a type.
    pub what: String,
    /// Each branch by its head, and its revisions that change it.
    pub by: BTreeMap<String, Vec<String>>,
}

/// What came of applying branches in different orders.
#[derive(Clone, Debug)]
pub enum Orders {
    /// The same schema.
    Same,
    /// Different schemas: from the first order's to the other's.
    Different(Vec<String>),
    /// One order fails.
    Fails {
        /// The heads, in that order.
        order: Vec<String>,
        /// Why.
        reason: String,
    },
}

/// What the branches that end in these revisions both change since they parted.
pub fn conflicts(project: &Project, revisions: &[String]) -> Result<Vec<Conflict>, Error> {
    let map = project.revisions()?;
    let heads = parents(&map, revisions)?;
    let dialects = project.dialects()?;
    let mut by_thing: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for head in &heads {
        for revision in own(&map, head, &heads) {
            for thing in things(revision, &dialects) {
                let by = by_thing.entry(thing).or_default();
                by.entry(head.clone()).or_default().push(revision.id.clone());
            }
        }
    }
    let shared = by_thing.into_iter().filter(|(_, by)| by.len() > 1);
    Ok(shared.map(|(what, by)| Conflict { what, by }).collect())
}

/// The revisions below a head that are below no other one.
fn own<'a>(map: &'a RevisionMap, head: &str, heads: &[String]) -> Vec<&'a Revision> {
    let others: Vec<String> = heads.iter().filter(|other| *other != head).cloned().collect();
    let below: BTreeSet<&str> = map.applied(&others).iter().map(|r| r.id.as_str()).collect();
    let mut own = map.applied(&[head.to_owned()]);
    own.retain(|revision| !below.contains(revision.id.as_str()));
    own
}

fn things(revision: &Revision, dialects: &[Dialect]) -> BTreeSet<String> {
    let mut things = BTreeSet::new();
    for dialect in dialects {
        // A section that can't be read is told by who runs it.
        let section = revision.section(Direction::Upgrade, dialect.name());
        let found = section.map(|section| touched(&section.body, *dialect)).unwrap_or_default();
        things.extend(found.iter().map(ToString::to_string));
    }
    things
}

/// Applies the branches in one order and in the other, each to an empty database of its own, and
/// compares. On SQLite these are in memory; on PostgreSQL they are made next to the database of
/// `scratch`, which is left alone, and dropped again.
pub async fn orders(
    project: &Project,
    revisions: &[String],
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
    for (number, order) in [&heads, &backwards].into_iter().enumerate() {
        match schema_after(project, &map, &url, number, order).await? {
            Ok(schema) => schemas.push(schema),
            Err(reason) => return Ok(Orders::Fails { order: order.clone(), reason }),
        }
    }
    let pair = Pair::new(&schemas[0], &schemas[1]);
    let difference = plan(dialect, pair, &Renames::default());
    if difference.is_empty() {
        return Ok(Orders::Same);
    }
    Ok(Orders::Different(difference.operations.iter().map(ToString::to_string).collect()))
}

/// The schema of a database that was empty, after the heads in this order; or why there is none.
async fn schema_after(
    project: &Project,
    map: &RevisionMap,
    url: &DatabaseUrl,
    number: usize,
    order: &[String],
) -> Result<Result<Metadata, String>, Error> {
    if !url.is_postgres() {
        // A file would be somebody's.
        let memory = DatabaseUrl::parse("sqlite::memory:", &project.root)?;
        let connection = Connection::open(&memory, OpenMode::Write).await?;
        return applied(project, map, &connection, Dialect::Sqlite, order).await;
    }
    let name = format!("aludel_scratch_{}_{number}", std::process::id());
    let server = Connection::open(url, OpenMode::Write).await?;
    server.run(&format!("CREATE DATABASE {name}")).await?;
    let outcome = match Connection::open(&url.with_database(&name), OpenMode::Write).await {
        Ok(connection) => applied(project, map, &connection, Dialect::Postgres, order).await,
        Err(error) => Err(error.into()),
    };
    server.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    outcome
}

async fn applied(
    project: &Project,
    map: &RevisionMap,
    connection: &Connection,
    dialect: Dialect,
    order: &[String],
) -> Result<Result<Metadata, String>, Error> {
    let table = project.version_table(dialect);
    let runner = Runner::new(connection, map, table, Identity::default());
    for head in order {
        if let Err(error) = runner.upgrade(head, &mut Silent).await {
            return Ok(Err(error.to_string()));
        }
    }
    Ok(Ok(reflected(connection, &project.config.version_table).await?.metadata))
}
