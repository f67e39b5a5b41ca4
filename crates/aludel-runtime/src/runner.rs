//! The runner: brings a database from its present revisions to a target.

use std::time::Instant;

use aludel_dialect::RunnerLock;
use aludel_driver::Connection;
use aludel_revision::{Direction, Goal, RevisionMap, Symbol, Transition};

use crate::begun::{self, Begun};
use crate::edited::Edited;
use crate::error::{RunError, Stage};
use crate::execution::{Execution, Run};
use crate::flag::Flag;
use crate::journal::{Identity, Journal};
use crate::lock::Lock;
use crate::observer::{Event, Observer, Silent};
use crate::session_facts::SessionFacts;
use crate::settings::RunSettings;
use crate::steps::Steps;
use crate::turn::Turn;
use crate::unfinished::Unfinished;
use crate::version_table::VersionTable;
use crate::watch::{Watched, answered};
use crate::{database, held, locking, past, refused, single};

/// The steps of a runner that has none.
static NO_STEPS: Steps = Steps::new();

/// Runs revisions on a database.
#[derive(Debug)]
pub struct Runner<'a> {
    pub(crate) connection: &'a Connection<'a>,
    pub(crate) map: &'a RevisionMap,
    pub(crate) table: VersionTable,
    pub(crate) journal: Journal,
    settings: RunSettings,
    facts: SessionFacts,
    steps: &'a Steps,
}

impl<'a> Runner<'a> {
    /// Creates a runner for the revisions of `map`.
    pub fn new(
        connection: &'a Connection<'a>,
        map: &'a RevisionMap,
        table: VersionTable,
        identity: Identity,
    ) -> Self {
        let journal = database::journal(&table, identity);
        let (settings, facts) = (RunSettings::default(), SessionFacts::default());
        Self { connection, map, table, journal, settings, facts, steps: &NO_STEPS }
    }

    /// Sets the settings of the runs.
    #[must_use]
    pub fn settings(mut self, settings: RunSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets the steps in Rust that the revisions may name.
    #[must_use]
    pub fn steps(mut self, steps: &'a Steps) -> Self {
        self.steps = steps;
        self
    }

    /// Applies everything that `target` requires, and returns the ids of the applied revisions.
    ///
    /// # Errors
    ///
    /// Fails if the target can't be resolved, if the version table has unknown rows or changes
    /// during the run, if the lock or a revision fails, if the observer stops the run, or, in
    /// strict mode, if the file of an applied revision has changed. Revisions that are completed
    /// before a failure stay applied.
    pub async fn upgrade(
        &self,
        target: &Symbol,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let result = self.run(Direction::Upgrade, target, observer).await;
        refused::explained(self.connection, result).await
    }

    /// Undoes everything above `target`, and returns the ids of the undone revisions.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`upgrade`](Self::upgrade), and if a revision is irreversible.
    /// All revisions are checked for that before the first one is undone.
    pub async fn downgrade(
        &self,
        target: &Symbol,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let result = self.run(Direction::Downgrade, target, observer).await;
        refused::explained(self.connection, result).await
    }

    /// Creates the version table and the journal if they do not exist.
    ///
    /// # Errors
    ///
    /// Fails if the database refuses a statement.
    pub async fn ensure_version(&self) -> Result<(), RunError> {
        let this = self.prepared().await?;
        let created = this.create_tables(&mut Silent).await;
        let given_back = this.give_back().await;
        refused::explained(self.connection, created.and(given_back)).await
    }

    /// Returns the applied revisions whose files have changed since.
    ///
    /// # Errors
    ///
    /// Fails if the version table or the journal can't be read, or if a section can't be parsed.
    pub async fn edited(&self) -> Result<Vec<Edited>, RunError> {
        let reading = self.reading();
        let rows = self.table.heads(&reading).await?;
        let (map, here) = self.map.seen_from(&rows)?;
        past::edited(&reading, &map, &self.table, &here, self.host()).await
    }

    /// Returns the revisions that an earlier run began outside a transaction and did not complete.
    ///
    /// # Errors
    ///
    /// Fails if the journal can't be read.
    pub async fn begun(&self) -> Result<Vec<Unfinished>, RunError> {
        let begun = begun::begun(&self.reading(), &self.journal).await?;
        let each = begun.into_iter().map(|begun| Unfinished {
            is_open: begun.attempt.as_ref().is_some_and(|attempt| attempt.is_open),
            revision: begun.revision,
            direction: begun.direction,
            done: begun.done,
        });
        Ok(each.collect())
    }

    /// Fails as an upgrade does that is refused before anything is executed. `map` is seen from the rows
    /// `here`, and `transitions` is what would run.
    ///
    /// # Errors
    ///
    /// Fails if an earlier run has begun the other way, if a section can't be executed, or if the journal
    /// can't be read.
    pub async fn check_upgrade(
        &self,
        map: &RevisionMap,
        here: &[String],
        transitions: &[Transition<'_>],
    ) -> Result<(), RunError> {
        self.check_begun(Direction::Upgrade, map, here, &mut Silent).await?;
        let all_begun = self.all_begun(&mut Silent).await?;
        let prepared = Flag::default();
        Turn::all(self.of_run(&prepared), transitions, &all_begun)?;
        Ok(())
    }

    /// Returns what the transitions of a run share.
    fn of_run<'r>(&'r self, prepared: &'r Flag) -> Run<'r> {
        Run {
            connection: self.connection,
            table: &self.table,
            journal: &self.journal,
            settings: &self.settings,
            facts: &self.facts,
            steps: self.steps,
            prepared,
        }
    }

    /// Returns the revisions that earlier runs have begun to move in the given direction, and fails if
    /// one was begun the other way: one that is half undone counts as applied, and one that is half
    /// applied does not.
    async fn check_begun(
        &self,
        direction: Direction,
        map: &RevisionMap,
        here: &[String],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let mut same_way = Vec::new();
        let applied: Vec<&str> = map.applied(here).iter().map(|r| r.id.as_str()).collect();
        for begun in self.all_begun(observer).await? {
            let is_applied = applied.contains(&begun.revision.as_str());
            let counts = match begun.direction {
                Direction::Upgrade => !is_applied,
                Direction::Downgrade => is_applied,
            };
            if counts && begun.direction != direction {
                let (revision, direction) = (begun.revision, begun.direction);
                return Err(RunError::BegunOtherWay { revision, direction });
            }
            if counts {
                same_way.push(begun.revision);
            }
        }
        Ok(same_way)
    }

    /// Returns the connection for what is read before the session takes the role.
    fn reading(&self) -> Connection<'_> {
        database::borrowed_in_role(self.connection, self.settings.role.as_deref())
    }

    /// Returns the rows of the version table; `None` if there is no such table. The process of the session
    /// is asked for in the same round trip, to see what the answer waits for.
    pub(crate) async fn rows(
        &self,
        observer: &mut dyn Observer,
    ) -> Result<Option<Vec<String>>, RunError> {
        let reading = self.reading();
        let process = async {
            if self.facts.pid.get().is_none()
                && let Some(pid) = database::process(self.connection).await?
            {
                self.facts.pid.get_or_init(|| pid);
            }
            Ok::<(), RunError>(())
        };
        let answers = async {
            let (process, rows) = tokio::join!(process, self.table.rows(&reading));
            process?;
            Ok(rows?)
        };
        self.read(answers, observer).await
    }

    /// Returns what earlier runs have begun and not completed.
    pub(crate) async fn all_begun(
        &self,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Begun>, RunError> {
        let reading = self.reading();
        let begun = async { Ok(begun::begun(&reading, &self.journal).await?) };
        self.read(begun, observer).await
    }

    /// Waits for an answer about the tables of the runner, which another session may have locked.
    pub(crate) async fn read<T>(
        &self,
        answer: impl Future<Output = Result<T, RunError>>,
        observer: &mut dyn Observer,
    ) -> Result<T, RunError> {
        let (pid, lock_timeout) = (&self.facts.pid, self.settings.lock_timeout);
        let watched = Watched { connection: self.connection, pid, lock_timeout };
        match answered(watched, observer, answer).await {
            Err(RunError::Driver(error)) if error.is_cancelled() && observer.stop() => {
                Err(RunError::Interrupted { revision: None, stage: Stage::Before, stays: 0 })
            }
            answered => answered,
        }
    }

    fn host(&self) -> Option<&str> {
        self.journal.identity().host.as_deref()
    }

    async fn tell_edited(
        &self,
        map: &RevisionMap,
        rows: &[String],
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let reading = self.reading();
        let edited = past::edited(&reading, map, &self.table, rows, self.host());
        let edited = self.read(edited, observer).await?;
        edited.iter().for_each(|edited| observer.event(Event::Edited(edited)));
        if self.settings.strict && !edited.is_empty() {
            let revisions = edited.into_iter().map(|edited| edited.revision).collect();
            return Err(RunError::Edited { revisions });
        }
        Ok(())
    }

    /// Tells of the version tables in other schemas before a run makes one.
    pub(crate) async fn tell_elsewhere(&self, observer: &mut dyn Observer) -> Result<(), RunError> {
        if let Some(elsewhere) = self.table.elsewhere(&self.reading()).await? {
            observer.event(Event::Elsewhere(&elsewhere));
        }
        Ok(())
    }

    /// Changes the version table in a transaction of its own, and writes lines of the journal in it.
    pub(crate) async fn set_rows(
        &self,
        from: &[String],
        to: &[String],
        lines: &[String],
    ) -> Result<(), RunError> {
        let moves = VersionTable::moves(from, to);
        let moves: Vec<String> = moves.iter().map(|change| self.table.statement(change)).collect();
        let begin = self.table.dialect.capabilities().begin;
        let mut statements = vec![begin];
        statements.extend(moves.iter().chain(lines).map(String::as_str));
        let touched = match self.connection.run_all(&statements).await {
            Ok(touched) => touched,
            Err((_, error)) => {
                self.connection.run("ROLLBACK").await?;
                return Err(error.into());
            }
        };
        if touched[1..].iter().any(|rows| *rows != 1) {
            self.connection.run("ROLLBACK").await?;
            return Err(RunError::VersionMoved { from: from.to_vec(), to: to.to_vec() });
        }
        self.connection.run("COMMIT").await?;
        Ok(())
    }

    async fn run(
        &self,
        direction: Direction,
        target: &Symbol,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        // A run with nothing to do neither waits for the lock nor creates tables.
        let found = self.rows(observer).await?;
        let is_new = found.is_none();
        let (map, here) = self.map.seen_from(&found.unwrap_or_default())?;
        self.check_known(&map, &here)?;
        self.tell_edited(&map, &here, observer).await?;
        // A relative target is resolved against the state that the user saw.
        let goal = map.goal(direction, target, &here)?;
        let begun = self.check_begun(direction, &map, &here, observer).await?;
        let transitions = map.transitions(&here, &goal)?;
        let completes = |id: &String| transitions.iter().any(|one| one.revision.id == *id);
        for revision in begun.iter().filter(|id| !completes(id)) {
            observer.event(Event::LeftUnfinished { revision, direction });
        }
        if transitions.is_empty() {
            return Ok(Vec::new());
        }
        if is_new {
            self.tell_elsewhere(observer).await?;
        }
        let this = self.prepared().await?;
        let lock = this.lock(observer).await?;
        let result = this.run_to(&goal, observer).await;
        this.unlock(lock, result, observer).await
    }

    /// Runs everything up to a goal, with the lock held.
    async fn run_to(
        &self,
        goal: &Goal,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        self.create_tables(observer).await?;
        let mut ran = Vec::new();
        // A lock file does not keep out a runner that reaches the database by another path.
        let others_may_run = self.table.dialect.capabilities().lock == RunnerLock::File;
        loop {
            let rows = self.rows(observer).await?.unwrap_or_default();
            let (map, here) = self.map.seen_from(&rows)?;
            self.check_known(&map, &here)?;
            let transitions = map.transitions(&here, goal)?;
            if rows != here && !transitions.is_empty() {
                // The row of a replaced revision gets the id of the revision that replaces it.
                self.set_rows(&rows, &here, &[]).await?;
            }
            match self.run_steps(&transitions, &mut ran, observer).await {
                Err(RunError::VersionMoved { .. }) if others_may_run => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(ran),
            }
        }
    }

    async fn run_steps(
        &self,
        transitions: &[Transition<'_>],
        ran: &mut Vec<String>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        self.check_reversible(transitions)?;
        held::check(self.connection, &self.facts, transitions).await?;
        let all_begun = self.all_begun(observer).await?;
        let prepared = Flag::default();
        let run = self.of_run(&prepared);
        if self.settings.single_transaction {
            let executions: Vec<Execution<'_>> = transitions
                .iter()
                .map(|transition| Execution::new(run, transition, &all_begun))
                .collect::<Result<_, _>>()?;
            let begun = Instant::now();
            let result = single::run(&executions, observer).await;
            for Transition { revision, .. } in transitions {
                observer.event(ended(&revision.id, begun, result.is_ok()));
            }
            result?;
            ran.extend(transitions.iter().map(|transition| transition.revision.id.clone()));
            return Ok(());
        }
        let turns = Turn::all(run, transitions, &all_begun)?;
        let worth_it =
            transitions.len() > 2 && self.table.dialect.capabilities().prepared_statements;
        let preparation = worth_it && self.journal.prepare(self.connection, &self.table).await;
        prepared.set(preparation);
        let result = self.execute(&turns, ran, observer).await;
        if preparation {
            self.journal.deallocate(self.connection).await;
        }
        result
    }

    async fn execute(
        &self,
        turns: &[Turn<'_>],
        ran: &mut Vec<String>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        for (at, turn) in turns.iter().enumerate() {
            let revision = turn.revision();
            if observer.stop() {
                let revision = Some(revision.to_owned());
                return Err(RunError::Interrupted { revision, stage: Stage::Before, stays: 0 });
            }
            let begun = Instant::now();
            let result = turn.run(at + 1, turns.len(), observer).await;
            observer.event(ended(revision, begun, result.is_ok()));
            result?;
            ran.push(revision.to_owned());
            if turn.may_release_lock() && !locking::hold_on(self.connection, &self.table).await? {
                return Err(RunError::LockReleased { revision: revision.to_owned() });
            }
        }
        Ok(())
    }

    /// Refuses to begin a downgrade if one of its revisions is irreversible.
    fn check_reversible(&self, transitions: &[Transition<'_>]) -> Result<(), RunError> {
        for transition in
            transitions.iter().filter(|transition| transition.direction == Direction::Downgrade)
        {
            let revision = transition.revision.unread();
            let section = revision.section(transition.direction, self.table.dialect.name())?;
            if let Some(reason) = section.irreversible {
                return Err(RunError::Irreversible {
                    revision: transition.revision.id.clone(),
                    reason,
                    path: transition.revision.path.clone(),
                    line: section.line,
                });
            }
        }
        Ok(())
    }

    /// Returns the same runner with the schema of its tables determined, on a session that belongs
    /// to it.
    pub(crate) async fn prepared(&self) -> Result<Self, RunError> {
        let table = self.table.in_schema(&self.reading()).await?;
        let journal = database::journal(&table, self.journal.identity().clone());
        let facts = database::prepare_session(self.connection, &table, &self.settings).await?;
        let settings = self.settings.clone();
        let Self { connection, map, steps, .. } = *self;
        Ok(Self { connection, map, table, journal, settings, facts, steps })
    }

    /// Takes the lock. What follows ends with [`unlock`](Self::unlock), whatever its result.
    pub(crate) async fn lock(&self, observer: &mut dyn Observer) -> Result<Lock, RunError> {
        let wait = self.settings.lock_wait;
        let taken = locking::take(self.connection, &self.table, wait, observer).await;
        if taken.is_err() {
            // The error of the run is the one to report.
            let _ = self.give_back().await;
        }
        taken
    }

    /// Releases the lock and returns the result of what was done under it.
    pub(crate) async fn unlock<T>(
        &self,
        lock: Lock,
        result: Result<T, RunError>,
        observer: &mut dyn Observer,
    ) -> Result<T, RunError> {
        let shared = matches!(result, Err(RunError::Pooled));
        let released = locking::release(lock, shared, self.connection, &self.table).await;
        let given_back = self.give_back().await;
        let value = result?;
        given_back?;
        if !released? {
            observer.event(Event::LockLost);
        }
        Ok(value)
    }

    /// Returns true if the version table and the journal are known to be there. A role may have the
    /// right to write them, and none to create tables.
    pub(crate) async fn has_tables(&self) -> Result<bool, RunError> {
        Ok(database::has_tables(self.connection, &self.table, &self.journal).await?)
    }

    /// Ends what the run has set in the session of a connection that goes on after it.
    async fn give_back(&self) -> Result<(), RunError> {
        if self.settings.role.is_some() || self.facts.timeouts.ends_idle {
            for sql in database::reset_settings(self.table.dialect) {
                self.connection.run(sql).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn create_tables(&self, observer: &mut dyn Observer) -> Result<(), RunError> {
        if self.has_tables().await? {
            return Ok(());
        }
        let create = async {
            self.table.create(self.connection).await?;
            Ok(self.journal.create(self.connection).await?)
        };
        self.read(create, observer).await
    }

    /// Fails if the version table has rows without a file, because their contents are unknown.
    pub(crate) fn check_known(&self, map: &RevisionMap, rows: &[String]) -> Result<(), RunError> {
        let (_, unknown) = map.known(rows);
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown = unknown.into_iter().map(str::to_owned).collect();
        Err(RunError::UnknownInDatabase { unknown, table: self.table.name.clone() })
    }
}

/// Returns the event at the end of a revision.
fn ended(revision: &str, begun: Instant, is_completed: bool) -> Event<'_> {
    let took = begun.elapsed();
    if is_completed {
        Event::Completed { revision, took }
    } else {
        Event::Failed { revision, took }
    }
}
