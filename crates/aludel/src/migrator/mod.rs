//! Migrations as a part of an application.

mod embedded;
mod error;
mod report;
#[cfg(feature = "tracing")]
mod traced;

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use aludel_driver::{Connect, Connection, OpenMode, Pending};
use aludel_revision::{Direction, FileProblem, Goal, Loaded, Revision, RevisionMap, Symbol};
use aludel_runtime::{
    Identity, Observer, RunError, RunSettings, Runner, Silent, StepConnection, StepError, StepFn,
    StepRows, Steps, VersionTable,
};

pub use embedded::{Embedded, EmbeddedFile};
pub use error::MigrateError;
pub use report::{MigrationStatus, PlannedRevision};

/// Revisions and the way to run them: what an application needs to migrate its own database.
///
/// A method takes what it works on as its first argument: a URL, or a connection that the
/// application has already (see [`Connect`]). One runner at a time works on a database, so that any
/// number of instances may call [`upgrade`](Self::upgrade) when they start. The futures are `Send`.
/// They need the timers of tokio; [`block_on`](crate::block_on) runs them in a program without it.
///
/// A future of `upgrade` or `downgrade` is to be awaited to its end. An [`Observer`] can ask it to
/// stop, which rolls back what is not committed; a future that is dropped leaves that to the end of
/// the connection.
#[derive(Debug)]
pub struct Migrator {
    embedded: Embedded,
    map: OnceLock<RevisionMap>,
    version_table: Cow<'static, str>,
    settings: RunSettings,
    identity: Option<Identity>,
    newer: NewerDatabase,
    steps: Steps,
}

/// The treatment of a database with a revision that the program does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewerDatabase {
    /// It is an error that names the revision.
    #[default]
    Refuse,
    /// It is as good as a database at head if its journal shows that every head of the program has
    /// been applied, so that an older version runs on while a newer one is rolled out.
    Accept,
}

impl Migrator {
    /// Creates a migrator for the revisions that [`embed!`](crate::embed) has put into the program.
    pub const fn new(embedded: Embedded) -> Self {
        Self {
            embedded,
            map: OnceLock::new(),
            version_table: Cow::Borrowed("aludel_version"),
            settings: RunSettings::DEFAULT,
            identity: None,
            newer: NewerDatabase::Refuse,
            steps: Steps::new(),
        }
    }

    /// Creates a migrator for the revisions in a folder, which are read now.
    ///
    /// # Errors
    ///
    /// Fails if the folder or a file in it can't be read or is no revision, or if the revisions form
    /// no graph.
    pub fn from_folder(path: impl AsRef<Path>) -> Result<Self, MigrateError> {
        let path = path.as_ref();
        let unreadable = |source| MigrateError::Folder { path: path.to_owned(), source };
        // A missing folder is a wrong path here, not a project that begins.
        std::fs::metadata(path).map_err(unreadable)?;
        let Loaded { revisions, problems } = aludel_revision::load(path).map_err(unreadable)?;
        let migrator = Self::new(Embedded { files: &[] });
        // The cell is new, and therefore empty.
        let _ = migrator.map.set(graph(revisions, problems)?);
        Ok(migrator)
    }

    /// Sets the name of the version table; `aludel_version` by default. The journal has the same
    /// name with `_log` behind it.
    #[must_use]
    pub fn version_table(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.version_table = name.into();
        self
    }

    /// Sets the role that executes all statements, including the bookkeeping.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.settings.role = Some(role.into());
        self
    }

    /// Sets the longest time for which a statement that keeps others out may wait for a lock: two
    /// seconds by default, after which its transaction is tried again. Zero stands for no limit.
    #[must_use]
    pub fn lock_timeout(mut self, time: Duration) -> Self {
        self.settings.lock_timeout = Some(time);
        self
    }

    /// Sets the longest time to wait for another runner, ten minutes by default; `None` stands for
    /// no limit.
    #[must_use]
    pub fn lock_wait(mut self, time: Option<Duration>) -> Self {
        self.settings.lock_wait = time;
        self
    }

    /// Runs all revisions in one transaction, so that either all of them are applied or none.
    #[must_use]
    pub fn single_transaction(mut self, is_single: bool) -> Self {
        self.settings.single_transaction = is_single;
        self
    }

    /// Refuses to run if the file of an applied revision has changed since it was applied. Without
    /// this, the observer is told.
    #[must_use]
    pub fn strict(mut self, is_strict: bool) -> Self {
        self.settings.strict = is_strict;
        self
    }

    /// Sets all settings of a run.
    #[must_use]
    pub fn settings(mut self, settings: RunSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets what the journal records as the origin of a run.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Sets what to think of a database with a revision that this program does not know.
    #[must_use]
    pub fn newer_database(mut self, newer: NewerDatabase) -> Self {
        self.newer = newer;
        self
    }

    /// Registers a step in Rust, which revisions name by `-- aludel: run NAME`. The function gets a
    /// connection inside of the open transaction. If the transaction is rolled back because of a
    /// lock, the function is called again.
    ///
    /// ```
    /// use aludel::{Migrator, StepConnection, StepError};
    ///
    /// async fn normalise_emails(tx: StepConnection<'_>) -> Result<u64, StepError> {
    ///     let rows = tx.query("SELECT id, email FROM users WHERE email <> lower(email)", &[]).await?;
    ///     for row in &rows {
    ///         let email = row.text("email")?.trim().to_lowercase();
    ///         let values = [email.into(), row.number("id")?.into()];
    ///         tx.execute("UPDATE users SET email = $1 WHERE id = $2", &values).await?;
    ///     }
    ///     Ok(rows.len() as u64)
    /// }
    ///
    /// # fn with(migrator: Migrator) -> Migrator {
    /// migrator.step("normalise_emails", normalise_emails)
    /// # }
    /// ```
    ///
    /// An async closure does as well, if it captures nothing; see [`boxed_step`](Self::boxed_step) for
    /// one that does. A later step of the same name takes the place of an earlier one.
    #[must_use]
    pub fn step<F>(mut self, name: impl Into<String>, step: F) -> Self
    where
        F: for<'a> StepFn<'a> + 'static,
    {
        self.steps.insert(name, step);
        self
    }

    /// Registers a step in Rust that captures something of the application, and therefore returns its
    /// future in a box.
    ///
    /// ```
    /// use aludel::{Migrator, StepError};
    ///
    /// # fn with(migrator: Migrator, domain: String) -> Migrator {
    /// migrator.boxed_step("move_domain", move |tx| {
    ///     let domain = domain.clone();
    ///     Box::pin(async move {
    ///         let sql = "UPDATE users SET email = split_part(email, '@', 1) || '@' || $1";
    ///         Ok::<u64, StepError>(tx.execute(sql, &[domain.into()]).await?)
    ///     })
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn boxed_step<F, R, E>(self, name: impl Into<String>, step: F) -> Self
    where
        F: for<'a> Fn(StepConnection<'a>) -> Pending<'a, Result<R, E>> + Send + Sync + 'static,
        R: StepRows + 'static,
        E: Into<StepError> + 'static,
    {
        self.step(name, step)
    }

    /// Returns the steps in Rust that are registered.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// Applies everything that `target` requires, such as `head`, `heads`, `+1` or an id, and
    /// returns the ids of the applied revisions.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached, if the target does not resolve, if the database has
    /// an unknown revision that is not [accepted](Self::newer_database), or if the lock or a
    /// revision fails. Revisions that are completed before a failure stay applied.
    pub fn upgrade<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
        target: &'a str,
    ) -> Pending<'a, Result<Vec<String>, MigrateError>> {
        Box::pin(async move { self.upgrade_with(on, target, &mut Silent).await })
    }

    /// Like [`upgrade`](Self::upgrade), and tells an observer what happens.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons, and if the observer stops the run.
    pub fn upgrade_with<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
        target: &'a str,
        observer: &'a mut dyn Observer,
    ) -> Pending<'a, Result<Vec<String>, MigrateError>> {
        Box::pin(async move {
            let connection = on.connect(OpenMode::Write).await?;
            let result = self.run(&connection, Direction::Upgrade, target, observer).await;
            match result {
                Err(MigrateError::Run(RunError::UnknownInDatabase { unknown, .. })) => {
                    let role = self.settings.role.as_deref();
                    self.judge(&aludel_runtime::in_role(connection, role), unknown).await?;
                    Ok(Vec::new())
                }
                other => other,
            }
        })
    }

    /// Undoes everything above `target`, such as `-1`, `base` or an id, and returns the ids of the
    /// undone revisions.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`upgrade`](Self::upgrade), and if a revision is irreversible,
    /// before the first one is undone.
    pub fn downgrade<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
        target: &'a str,
    ) -> Pending<'a, Result<Vec<String>, MigrateError>> {
        Box::pin(async move { self.downgrade_with(on, target, &mut Silent).await })
    }

    /// Like [`downgrade`](Self::downgrade), and tells an observer what happens.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons, and if the observer stops the run.
    pub fn downgrade_with<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
        target: &'a str,
        observer: &'a mut dyn Observer,
    ) -> Pending<'a, Result<Vec<String>, MigrateError>> {
        Box::pin(async move {
            let connection = on.connect(OpenMode::Write).await?;
            self.run(&connection, Direction::Downgrade, target, observer).await
        })
    }

    /// Returns the rows of the version table, sorted: one for each head that is applied. Nothing is
    /// created.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached or refuses the query.
    pub fn current<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
    ) -> Pending<'a, Result<Vec<String>, MigrateError>> {
        Box::pin(async move {
            let connection = self.reading(on).await?;
            Ok(self.table(&connection).heads(&connection).await?)
        })
    }

    /// Returns the position of a database, and what an upgrade would apply. Nothing is created.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached or refuses the query.
    pub fn status<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
    ) -> Pending<'a, Result<MigrationStatus, MigrateError>> {
        Box::pin(async move {
            let connection = self.reading(on).await?;
            self.position(&connection).await
        })
    }

    /// Checks that every head is applied, with one query: for the start of a program that does not
    /// migrate by itself, and for a readiness probe. Nothing is created.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached, if a revision is not applied, or if the database has
    /// an unknown revision that is not [accepted](Self::newer_database). The journal is asked about
    /// that by a second query.
    pub fn check_at_head<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
    ) -> Pending<'a, Result<(), MigrateError>> {
        Box::pin(async move {
            let connection = self.reading(on).await?;
            let MigrationStatus { current, unknown, pending, .. } =
                self.position(&connection).await?;
            if !unknown.is_empty() {
                return self.judge(&connection, unknown).await;
            }
            if pending.is_empty() {
                Ok(())
            } else {
                Err(MigrateError::NotAtHead { current, pending })
            }
        })
    }

    /// Returns what a run to `target` would do, with its SQL. Nothing is run.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be reached, if the target does not resolve, if a revision has no
    /// section for the database, or if it names a step that is not registered.
    pub fn plan<'a, 'c: 'a>(
        &'a self,
        on: impl Connect<'c> + 'a,
        direction: Direction,
        target: &'a str,
    ) -> Pending<'a, Result<Vec<PlannedRevision>, MigrateError>> {
        Box::pin(async move {
            let connection = self.reading(on).await?;
            let table = self.table(&connection);
            let (map, here) = self.map()?.seen_from(&table.heads(&connection).await?)?;
            let unknown: Vec<String> = map.known(&here).1.into_iter().map(str::to_owned).collect();
            if !unknown.is_empty() {
                return Err(MigrateError::UnknownHead { unknown });
            }
            let goal = map.goal(direction, &Symbol::parse(target)?, &here)?;
            let transitions = map.transitions(&here, &goal)?;
            let planned = transitions.iter().map(|transition| {
                let Revision { id, message, path, .. } = transition.revision;
                self.steps.check_revision(transition.revision, direction, table.dialect)?;
                let section = transition.revision.section(direction, table.dialect.name());
                Ok(PlannedRevision {
                    id: id.clone(),
                    message: message.clone(),
                    path: path.clone(),
                    direction,
                    sql: section
                        .map_err(|problem| MigrateError::Files(vec![problem]))?
                        .body
                        .to_owned(),
                })
            });
            planned.collect()
        })
    }

    /// Connects for reading in the role of the runs. Inside of a transaction of the application, whose
    /// role would stay changed until its end, the role is the transaction's.
    async fn reading<'c>(&self, on: impl Connect<'c>) -> Result<Connection<'c>, MigrateError> {
        let connection = on.connect(OpenMode::Read).await?;
        match self.settings.role.as_deref() {
            Some(role) if !connection.is_in_transaction().await? => {
                Ok(aludel_runtime::in_role(connection, Some(role)))
            }
            Some(_) | None => Ok(connection),
        }
    }

    async fn run(
        &self,
        connection: &Connection<'_>,
        direction: Direction,
        target: &str,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, MigrateError> {
        let map = self.map()?;
        let target = Symbol::parse(target)?;
        if connection.is_in_transaction().await? {
            return Err(MigrateError::InTransaction);
        }
        let runner = Runner::new(connection, map, self.table(connection), self.origin())
            .settings(self.settings.clone())
            .steps(&self.steps);
        #[cfg(feature = "tracing")]
        let observer = &mut traced::Traced::new(observer);
        let result = match direction {
            Direction::Upgrade => runner.upgrade(&target, observer).await,
            Direction::Downgrade => runner.downgrade(&target, observer).await,
        };
        Ok(result?)
    }

    async fn position(&self, connection: &Connection<'_>) -> Result<MigrationStatus, MigrateError> {
        let rows = self.table(connection).heads(connection).await?;
        let (map, here) = self.map()?.seen_from(&rows)?;
        let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (current, unknown) = map.known(&here);
        let (current, unknown) = (owned(current), owned(unknown));
        let targets: Vec<String> = map.effective_heads().iter().map(|r| r.id.clone()).collect();
        let pending = if !unknown.is_empty() || targets.is_empty() {
            Vec::new()
        } else {
            let transitions = map.transitions(&current, &Goal::Up(targets))?;
            transitions.iter().map(|one| one.revision.id.clone()).collect()
        };
        let heads = map.heads().into_iter().map(|head| head.id.clone()).collect();
        Ok(MigrationStatus { current, unknown, heads, pending })
    }

    /// Decides about a database with unknown revisions.
    async fn judge(
        &self,
        connection: &Connection<'_>,
        unknown: Vec<String>,
    ) -> Result<(), MigrateError> {
        match self.newer {
            NewerDatabase::Refuse => return Err(MigrateError::UnknownHead { unknown }),
            NewerDatabase::Accept => {}
        }
        let heads: Vec<String> = self.map()?.heads().iter().map(|head| head.id.clone()).collect();
        let table = self.table(connection);
        let applied = aludel_runtime::journalled(connection, &table, &heads).await?;
        let missing: Vec<String> =
            heads.into_iter().filter(|head| !applied.contains(head)).collect();
        if missing.is_empty() { Ok(()) } else { Err(MigrateError::Diverged { unknown, missing }) }
    }

    fn table(&self, connection: &Connection<'_>) -> VersionTable {
        let dialect = aludel_runtime::dialect_of(connection);
        VersionTable { name: self.version_table.clone().into_owned(), dialect }
    }

    fn origin(&self) -> Identity {
        self.identity.clone().unwrap_or_else(|| Identity {
            who: None,
            host: None,
            tool: concat!("aludel ", env!("CARGO_PKG_VERSION"), ", in the application").to_owned(),
        })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn version_table_name(&self) -> &str {
        &self.version_table
    }

    /// Returns the graph, which is built when it is asked for first.
    pub(crate) fn map(&self) -> Result<&RevisionMap, MigrateError> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let (mut revisions, mut problems) = (Vec::new(), Vec::new());
        for file in self.embedded.files {
            match Revision::parse(Path::new(file.path), file.text.as_bytes().to_vec()) {
                Ok(revision) => revisions.push(revision),
                Err(problem) => problems.push(problem),
            }
        }
        let map = graph(revisions, problems)?;
        Ok(self.map.get_or_init(|| map))
    }
}

fn graph(
    revisions: Vec<Revision>,
    problems: Vec<FileProblem>,
) -> Result<RevisionMap, MigrateError> {
    if problems.is_empty() {
        RevisionMap::new(revisions).map_err(MigrateError::Graph)
    } else {
        Err(MigrateError::Files(problems))
    }
}
