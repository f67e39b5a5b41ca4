//! A configuration, and the folder that it belongs to.

use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, LibpqEnvironment, OpenMode};
use aludel_models::Models;
use aludel_revision::{Revision, RevisionMap};
use aludel_runtime::{RunSettings, Steps, VersionTable};

use crate::config::Config;
use crate::databases::{dialect_of, named};
use crate::error::Error;
use crate::sources::sources;
use crate::unknown_url::UnknownUrl;

/// The project that a command works on.
#[derive(Clone)]
pub struct Project {
    /// The folder to which paths are relative.
    pub root: PathBuf,
    /// The configuration.
    pub config: Config,
    /// The database's URL as it was given, whichever setting it came from.
    pub url: Option<String>,
    /// The reason why nobody knows which URL is meant; `None` if `url` says it, or says that there is
    /// none.
    pub unknown_url: Option<UnknownUrl>,
    /// The URL for commands that change the database; `None` for `url`.
    pub migration_url: Option<String>,
    /// The surroundings that fill in what a PostgreSQL URL leaves out; empty by default.
    pub surroundings: LibpqEnvironment,
    /// The steps in Rust that the program has; empty for one that belongs to no project.
    pub steps: Steps,
}

/// The output omits the URL, which may contain a password.
impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Project {
    /// Returns the URL of the database.
    ///
    /// # Errors
    ///
    /// Fails if there is no URL, if it is not known, or if it does not parse.
    pub fn database_url(&self) -> Result<DatabaseUrl, Error> {
        if let Some(unknown) = &self.unknown_url {
            return Err(unknown.clone().into());
        }
        let text = self.url.as_deref().ok_or(Error::NoUrl)?;
        Ok(DatabaseUrl::parse_in(text, &self.root, &self.surroundings)?)
    }

    /// Returns the dialect of the database.
    ///
    /// # Errors
    ///
    /// Fails if there is no URL, or if it does not parse.
    pub fn dialect(&self) -> Result<Dialect, Error> {
        Ok(dialect_of(&self.database_url()?))
    }

    /// Returns the dialects for which a revision is written; by default, that of the URL.
    ///
    /// # Errors
    ///
    /// Fails if a configured dialect is unknown, or if none is configured and there is no valid
    /// URL.
    pub fn dialects(&self) -> Result<Vec<Dialect>, Error> {
        let said = &self.config.database.dialects;
        let said: Vec<Dialect> = said.iter().map(|name| named(name)).collect::<Result<_, _>>()?;
        if said.is_empty() { Ok(vec![self.dialect()?]) } else { Ok(said) }
    }

    /// Connects to the database for reading, in the configured role.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid URL, or if the database can't be reached.
    pub async fn connect(&self, mode: OpenMode) -> Result<Connection<'static>, Error> {
        Ok(self.in_role(Connection::open(&self.database_url()?, mode).await?))
    }

    /// Returns a connection to the project's own database for reading in the configured role.
    pub(crate) fn in_role(&self, connection: Connection<'static>) -> Connection<'static> {
        aludel_runtime::in_role(connection, self.config.database.role.as_deref())
    }

    /// Connects to the database as commands do that change it. The role is taken by the run.
    ///
    /// # Errors
    ///
    /// Fails if there is no valid URL, or if the database can't be reached.
    pub async fn connect_to_migrate(&self, mode: OpenMode) -> Result<Connection<'static>, Error> {
        Ok(Connection::open(&self.migration_url()?, mode).await?)
    }

    /// Returns the URL of the database as commands use it that change the database.
    ///
    /// # Errors
    ///
    /// Fails if there is no URL, or if it does not parse.
    pub fn migration_url(&self) -> Result<DatabaseUrl, Error> {
        match self.migration_url.as_ref().filter(|_| self.unknown_url.is_none()) {
            Some(text) => Ok(DatabaseUrl::parse_in(text, &self.root, &self.surroundings)?),
            None => self.database_url(),
        }
    }

    /// Returns the settings of a run as the configuration states them.
    pub fn run_settings(&self) -> RunSettings {
        let database = &self.config.database;
        let default = RunSettings::default();
        RunSettings {
            role: database.role.clone(),
            lock_timeout: database.lock_timeout,
            lock_wait: database.lock_wait.or(default.lock_wait),
            ..default
        }
    }

    /// Returns the folders of revision files.
    pub fn revision_folders(&self) -> Vec<PathBuf> {
        self.config.revisions.iter().map(|folder| self.root.join(folder)).collect()
    }

    /// Reads all revisions and builds their graph.
    ///
    /// # Errors
    ///
    /// Fails if a file or folder can't be read, if a file is not a valid revision, or if the
    /// revisions form no graph.
    pub fn revisions(&self) -> Result<RevisionMap, Error> {
        self.revisions_and(Vec::new())
    }

    /// Reads all revisions, and adds others that are not in the folders.
    pub(crate) fn revisions_and(&self, mut others: Vec<Revision>) -> Result<RevisionMap, Error> {
        let mut problems = Vec::new();
        let mut revisions = Vec::new();
        for folder in self.revision_folders() {
            let loaded = aludel_revision::load(&folder).map_err(|source| Error::Io {
                action: "can't read",
                path: folder,
                source,
            })?;
            problems.extend(loaded.problems.into_iter().map(|p| self.shortened(p)));
            revisions.extend(loaded.revisions);
        }
        if !problems.is_empty() {
            return Err(Error::Files(problems));
        }
        revisions.append(&mut others);
        RevisionMap::new(revisions).map_err(Error::Graph)
    }

    pub(crate) fn shortened(
        &self,
        mut problem: aludel_revision::FileProblem,
    ) -> aludel_revision::FileProblem {
        problem.path = self.shown(&problem.path);
        problem
    }

    /// Returns a path as messages show it: relative to the project, if it is inside.
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// Returns the version table, in a dialect.
    pub fn version_table(&self, dialect: Dialect) -> VersionTable {
        VersionTable { name: self.config.version_table.clone(), dialect }
    }

    /// Reads all models and object files.
    ///
    /// # Errors
    ///
    /// Fails if a file or folder can't be read or parsed, or if there is neither a model nor an object
    /// file: that means a wrong path, not an empty database.
    pub fn models(&self) -> Result<Models, Error> {
        let files = sources(&self.root, &self.config.models)?;
        let objects = sources(&self.root, &self.config.object_patterns())?;
        let has_objects = !objects.is_empty();
        let models = Models::parse(&files, objects).map_err(Error::Models)?;
        let models = models.within(self.config.scope.clone());
        if models.table_count() == 0 && !has_objects {
            return Err(Error::NoModels { patterns: self.config.models.clone() });
        }
        Ok(models)
    }
}
