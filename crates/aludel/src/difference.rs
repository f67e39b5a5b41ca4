//! The models against a live database: reflect, ask for spellings, compare, both ways.

use aludel_compare::{Pair, Plan, Renames};
use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, OpenMode};
use aludel_models::{Origins, Resolved};
use aludel_operations::Operation;
use aludel_reflect::{Leftover, Reflection};
use aludel_revision::RevisionMap;
use aludel_runtime::{Identity, Runner, Silent, VersionTable};
use aludel_schema::{Metadata, QualifiedName};

use crate::project::dialect_of;
use crate::spelling::settle;
use crate::{Error, Project};

/// How the models and one database differ.
#[derive(Debug)]
pub struct Difference {
    /// The dialect of the database.
    pub dialect: Dialect,
    /// From the database to the models.
    pub upgrade: Plan,
    /// From the models back to the database.
    pub downgrade: Plan,
    /// What the database holds and metadata can't say.
    pub leftovers: Vec<Leftover>,
}

/// A comparison of a project's models with its databases.
pub struct Differing<'a> {
    project: &'a Project,
    map: &'a RevisionMap,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.upgrade.is_empty()
    }

    /// What the upgrade destroys, in words.
    pub fn destructive(&self) -> Vec<String> {
        self.upgrade.operations.iter().filter_map(Operation::destroys).collect()
    }
}

impl<'a> Differing<'a> {
    /// A comparison of `project`, whose revisions are `map`.
    pub fn new(project: &'a Project, map: &'a RevisionMap) -> Self {
        Self { project, map }
    }

    /// Compares with the database of a dialect: the project's own, or the one that is configured to
    /// stand in for that dialect. `must_be_current` refuses one that is not at the heads.
    pub async fn compare(
        &self,
        dialect: Dialect,
        must_be_current: bool,
    ) -> Result<Difference, Error> {
        // One after the other: what reading the models has needed, reflecting needs again.
        let models = self.models(dialect)?;
        let (connection, reflection) = self.reflected(dialect, must_be_current).await?;
        Difference::between(&connection, dialect, models, reflection).await
    }

    fn models(&self, dialect: Dialect) -> Result<Resolved, Error> {
        let models = self.project.models()?;
        models.metadata(dialect, &self.project.config.types).map_err(Error::Models)
    }

    async fn reflected(
        &self,
        dialect: Dialect,
        must_be_current: bool,
    ) -> Result<(Connection, Reflection), Error> {
        let (connection, name) = self.database(dialect).await?;
        if must_be_current {
            let table = self.project.version_table(dialect);
            self.check_current(&connection, &table, &name).await?;
        }
        let reflection = reflected(&connection, &self.project.config.version_table).await?;
        Ok((connection, reflection))
    }

    async fn database(&self, dialect: Dialect) -> Result<(Connection, String), Error> {
        let own = self.project.database_url()?;
        if dialect_of(&own) == dialect {
            return Ok((Connection::open(&own, OpenMode::Read).await?, own.to_string()));
        }
        let config = &self.project.config.database;
        let other = match dialect {
            Dialect::Postgres => &config.postgres_url,
            Dialect::Sqlite => &config.sqlite_url,
        };
        match (other, dialect) {
            (Some(url), _) => {
                let url = DatabaseUrl::parse(url, &self.project.root)?;
                Ok((Connection::open(&url, OpenMode::Read).await?, url.to_string()))
            }
            (None, Dialect::Sqlite) => {
                let connection = self.replayed().await?;
                Ok((connection, "the revisions replayed in memory".to_owned()))
            }
            (None, Dialect::Postgres) => Err(Error::NoDatabaseFor { dialect: dialect.name() }),
        }
    }

    /// All revisions in an empty SQLite database in memory.
    async fn replayed(&self) -> Result<Connection, Error> {
        let url = DatabaseUrl::parse("sqlite::memory:", &self.project.root)?;
        let connection = Connection::open(&url, OpenMode::Write).await?;
        let table = self.project.version_table(Dialect::Sqlite);
        let runner = Runner::new(&connection, self.map, table, Identity::default());
        runner.upgrade("heads", &mut Silent).await?;
        Ok(connection)
    }

    async fn check_current(
        &self,
        connection: &Connection,
        table: &VersionTable,
        database: &str,
    ) -> Result<(), Error> {
        let (map, current) = {
            let rows = table.heads(connection).await?;
            self.map.seen_from(&rows)?
        };
        let (_, unknown) = map.known(&current);
        if !unknown.is_empty() {
            let unknown = unknown.into_iter().map(str::to_owned).collect();
            return Err(Error::UnknownInDatabase { unknown, database: database.to_owned() });
        }
        let applied: Vec<&str> = map.current(&current).iter().map(|r| r.id.as_str()).collect();
        let heads: Vec<String> = map.heads().iter().map(|r| r.id.clone()).collect();
        if heads.iter().all(|head| applied.contains(&head.as_str())) {
            return Ok(());
        }
        Err(Error::NotUpToDate { database: database.to_owned(), current, heads })
    }
}

/// What a database holds, without the version table and the journal.
pub(crate) async fn reflected(
    connection: &Connection,
    version_table: &str,
) -> Result<Reflection, Error> {
    let table = QualifiedName::parse(version_table);
    let ours = [table.sibling(format!("{}_log", table.name)), table];
    Ok(aludel_reflect::reflect(connection, &ours).await?)
}

impl Difference {
    /// Compares any metadata with a live database: reflects, asks the server for spellings, and
    /// plans both ways. `version_table` and its journal are left out.
    pub async fn of(
        connection: &Connection,
        dialect: Dialect,
        metadata: Metadata,
        version_table: &str,
    ) -> Result<Self, Error> {
        let reflection = reflected(connection, version_table).await?;
        let models = Resolved { metadata, origins: Origins::default() };
        Self::between(connection, dialect, models, reflection).await
    }

    async fn between(
        connection: &Connection,
        dialect: Dialect,
        models: Resolved,
        reflection: Reflection,
    ) -> Result<Self, Error> {
        let Resolved { metadata: mut target, origins } = models;
        let Reflection { metadata: database, leftovers, default_schema } = reflection;
        unqualify(&mut target, &default_schema);
        aludel_compare::settle_known(&database, &mut target);
        let renames = Renames::hinted(Pair::new(&database, &target), dialect);
        renames.carry_over(&database, &mut target, dialect);
        settle(connection, dialect, &database, &mut target, &renames, &origins).await?;
        let upgrade = aludel_compare::plan(dialect, Pair::new(&database, &target), &renames);
        let back = renames.reversed();
        let mut downgrade = aludel_compare::plan(dialect, Pair::new(&target, &database), &back);
        aludel_compare::fill_restored(dialect, &mut downgrade, &database);
        Ok(Self { dialect, upgrade, downgrade, leftovers })
    }
}

/// `public.users` and `users` are one table where `public` is the default schema.
fn unqualify(metadata: &mut Metadata, default_schema: &str) {
    metadata.schemas.remove(default_schema);
    metadata.schemas.remove("public");
    let strip = |name: &mut QualifiedName| {
        if name.schema.as_deref() == Some(default_schema) {
            name.schema = None;
        }
    };
    let prefix = format!("{default_schema}.");
    for mut enum_type in std::mem::take(&mut metadata.enums).into_values() {
        strip(&mut enum_type.name);
        metadata.enums.insert(enum_type.name.clone(), enum_type);
    }
    for mut sequence in std::mem::take(&mut metadata.sequences).into_values() {
        strip(&mut sequence.name);
        sequence.owned_by.iter_mut().for_each(|(table, _)| strip(table));
        metadata.sequences.insert(sequence.name.clone(), sequence);
    }
    for mut table in std::mem::take(&mut metadata.tables).into_values() {
        strip(&mut table.name);
        for column in &mut table.columns {
            if let Some(rest) = column.sql_type.written.strip_prefix(&prefix) {
                column.sql_type = aludel_schema::SqlText::new(rest);
            }
            if let Some(default) = &mut column.default {
                default.written =
                    default.written.replace(&format!("nextval('{prefix}"), "nextval('");
            }
        }
        for constraint in &mut table.constraints {
            if let aludel_schema::ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                strip(&mut key.references);
            }
        }
        metadata.add_table(table);
    }
}
