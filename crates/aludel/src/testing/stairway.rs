//! The walk over each revision: up, down, and up again.

use std::collections::BTreeMap;
use std::path::Path;

use aludel_driver::{Connection, DatabaseUrl, OpenMode, Pending};
use aludel_reflect::reflect;
use aludel_revision::{Direction, Goal, Revision};
use aludel_schema::QualifiedName;

use super::database::TestDatabase;
use super::error::TestError;
use crate::migrator::{Embedded, MigrateError, Migrator};

/// The reason why a stairway does not go up and down.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum StairwayError {
    #[error(transparent)]
    Test(#[from] TestError),
    #[error("revision {revision} fails to {direction}: {source}; the database is kept: {database}")]
    Fails { revision: String, direction: Direction, source: Box<MigrateError>, database: String },
    #[error(
        "the downgrade of revision {revision} does not lead back to the schema before it: {}; the database \
         is kept: {database}", differences.join(", ")
    )]
    NotBack { revision: String, differences: Vec<String>, database: String },
    #[error(
        "revision {revision} leads to another schema when it is applied again: {}; the database is \
         kept: {database}", differences.join(", ")
    )]
    NotAgain { revision: String, differences: Vec<String>, database: String },
}

/// Walks over each revision in a new database on the server of a URL, or in a file for a URL of
/// SQLite: up, down and up again, and compares the schema before and after. An irreversible revision
/// and a merge are only applied.
///
/// # Errors
///
/// Fails at the first revision that can't be applied or undone, or whose way back is not exact. The
/// database is kept then, until the next stairway.
pub fn stairway<'a>(
    migrator: &'a Migrator,
    url: &'a str,
) -> Pending<'a, Result<(), StairwayError>> {
    Box::pin(async move {
        let database = TestDatabase::create(url, "stairway", Embedded { files: &[] }).await?;
        let walk = Walk { migrator, database: &database };
        let walked = walk.all().await;
        match &walked {
            Ok(()) => database.remove().await?,
            Err(_) => database.keep().await?,
        }
        walked
    })
}

struct Walk<'a> {
    migrator: &'a Migrator,
    database: &'a TestDatabase,
}

/// The objects of a schema, each with all that is known of it.
type Schema = BTreeMap<String, String>;

impl Walk<'_> {
    async fn all(&self) -> Result<(), StairwayError> {
        let map = self.migrator.map().map_err(TestError::from)?;
        let heads = map.effective_heads().iter().map(|head| head.id.clone()).collect();
        let resolved = map.transitions(&[], &Goal::Up(heads));
        let transitions = resolved.map_err(|error| TestError::from(MigrateError::from(error)))?;
        for transition in &transitions {
            self.step(transition.revision).await?;
        }
        Ok(())
    }

    async fn step(&self, revision: &Revision) -> Result<(), StairwayError> {
        let id = &revision.id;
        let rows = self.rows().await?;
        let before = self.schema().await?;
        self.run(id, Direction::Upgrade, id).await?;
        let Some(down) = self.way_down(revision, rows.len())? else { return Ok(()) };
        let after = self.schema().await?;
        self.run(id, Direction::Downgrade, &down).await?;
        let (revision, database) = (id.clone(), self.database.name());
        let differences = differences(&before, &self.schema().await?);
        if !differences.is_empty() {
            return Err(StairwayError::NotBack { revision, differences, database });
        }
        self.run(id, Direction::Upgrade, id).await?;
        let differences = self::differences(&after, &self.schema().await?);
        if !differences.is_empty() {
            return Err(StairwayError::NotAgain { revision, differences, database });
        }
        Ok(())
    }

    /// Returns the target that undoes this revision and no other one; `None` if there is none.
    fn way_down(
        &self,
        revision: &Revision,
        before: usize,
    ) -> Result<Option<String>, StairwayError> {
        let dialect = if self.database.file().is_some() { "sqlite" } else { "postgres" };
        let section = revision.section(Direction::Downgrade, dialect);
        let section =
            section.map_err(|problem| TestError::from(MigrateError::Files(vec![problem])))?;
        if section.irreversible.is_some() {
            return Ok(None);
        }
        Ok(match revision.down_revisions.as_slice() {
            [] if before == 0 => Some("base".to_owned()),
            [] => Some(format!("{}@base", revision.id)),
            [parent] => Some(format!("{}@{parent}", revision.id)),
            // Which of its branches a merge leads back to is not a question of its schema.
            _ => None,
        })
    }

    async fn run(
        &self,
        revision: &str,
        direction: Direction,
        target: &str,
    ) -> Result<(), StairwayError> {
        let url = self.database.url();
        let result = match direction {
            Direction::Upgrade => self.migrator.upgrade(url, target).await,
            Direction::Downgrade => self.migrator.downgrade(url, target).await,
        };
        result.map(|_| ()).map_err(|source| StairwayError::Fails {
            revision: revision.to_owned(),
            direction,
            source: Box::new(source),
            database: self.database.name(),
        })
    }

    async fn rows(&self) -> Result<Vec<String>, StairwayError> {
        let rows = self.migrator.current(self.database.url()).await;
        Ok(rows.map_err(TestError::from)?)
    }

    async fn schema(&self) -> Result<Schema, StairwayError> {
        self.reflected().await.map_err(StairwayError::from)
    }

    async fn reflected(&self) -> Result<Schema, TestError> {
        let url = DatabaseUrl::parse(self.database.url(), Path::new(""))?;
        let connection = Connection::open(&url, OpenMode::Read).await?;
        let versions = QualifiedName::parse(self.migrator.version_table_name());
        let log = versions.sibling(format!("{}_log", versions.name));
        let reflection = reflect(&connection, &[]).await?;
        let mut schema = Schema::new();
        let metadata = reflection.metadata;
        for (name, mut table) in metadata.tables {
            if [&versions, &log].iter().any(|own| own.name == name.name) {
                continue;
            }
            for (at, column) in std::mem::take(&mut table.columns).into_iter().enumerate() {
                schema.insert(format!("column {name}.{}", column.name), format!("{at} {column:?}"));
            }
            schema.insert(format!("table {name}"), format!("{table:?}"));
        }
        let own = |text: &str| text.contains(&versions.name);
        schema
            .extend(metadata.schemas.iter().map(|name| (format!("schema {name}"), String::new())));
        schema.extend(named("extension", &metadata.extensions));
        schema.extend(named("type", &metadata.enums));
        schema.extend(named("sequence", &metadata.sequences));
        schema.extend(
            metadata.definitions.iter().map(|(id, one)| (id.to_string(), format!("{one:?}"))),
        );
        for (id, one) in metadata.belongings.iter().filter(|(id, _)| !own(&id.to_string())) {
            schema.insert(format!("owner and grants of {id}"), format!("{one:?}"));
        }
        for (id, one) in metadata.comments.iter().filter(|(id, _)| !own(&id.to_string())) {
            schema.insert(format!("comment on {id}"), one.clone());
        }
        let leftovers = reflection.leftovers.iter().map(ToString::to_string);
        schema.extend(leftovers.filter(|one| !own(one)).map(|one| (one, String::new())));
        Ok(schema)
    }
}

fn named<K: std::fmt::Display, V: std::fmt::Debug>(
    kind: &str,
    objects: &BTreeMap<K, V>,
) -> impl Iterator<Item = (String, String)> {
    objects.iter().map(move |(name, one)| (format!("{kind} {name}"), format!("{one:?}")))
}

/// Returns what is not the same in two schemas.
fn differences(before: &Schema, after: &Schema) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let gone = gone.map(|name| format!("{name} is missing"));
    let new = after.keys().filter(|name| !before.contains_key(*name));
    let new = new.map(|name| format!("{name} is left over"));
    let changed =
        before.iter().filter(|(name, one)| after.get(*name).is_some_and(|now| now != *one));
    let changed = changed.map(|(name, _)| format!("{name} is not as it was"));
    gone.chain(new).chain(changed).collect()
}
