//! Execution of a batch: a statement that is repeated until it affects no row, or a step in Rust that
//! is repeated until it reports none.
//!
//! Each round is a transaction of its own, so that a run that ends in the middle loses nothing. The
//! next run repeats the statement, which finds the rows that are left.

use std::time::{Duration, Instant};

use aludel_dialect::{Directive, adds_the_same, batch_target};
use aludel_driver::DriverError;

use crate::alone::{begin, check_place, record_end, timed};
use crate::cause::Cause;
use crate::error::{RunError, Stage};
use crate::execution::{self, Execution, now};
use crate::journal::{Entry, LineText, PAUSED};
use crate::observer::{Event, Observer};
use crate::postgres::server::replica::Replicas;
use crate::schedule::Alone;
use crate::sqlite::wholeness::Wholeness;
use crate::step_run::{self, Done};
use crate::{database, error, retry};

/// The time between two lines of the journal about the progress.
const NOTE_EVERY: Duration = Duration::from_secs(2);

/// The number of rounds after which the rows of the table are counted for the first time.
const SUSPICIOUS: u64 = 20;

/// The rounds of a batch in this run.
struct Rounds {
    /// The rounds of earlier runs.
    before: error::Rounds,
    started: String,
    begun: Instant,
    noted: Instant,
    rounds: u64,
    rows: u64,
    /// The number of rounds in a row that affected the same number of rows.
    same: u64,
    last: u64,
    /// The number of affected rows from which on the rows of the table are counted again.
    count_at: u64,
    replicas: Replicas,
}

/// Runs a batch to its end.
pub(crate) async fn run(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    wholeness: Option<&Wholeness>,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    check_place(execution, batch).await?;
    let mut rounds = Rounds::begin(execution, batch);
    begin(execution, &timed(&batch.begin, &rounds.started), observer).await?;
    if let Some(wholeness) = wholeness {
        wholeness.enforce(execution, true).await?;
    }
    let mut result = all_rounds(execution, batch, &mut rounds, observer).await;
    if let Some(wholeness) = wholeness {
        wholeness.enforce(execution, false).await?;
        if result.is_ok() {
            result = wholeness.check(execution, batch.done + 1).await.map_err(Stop::from);
        }
    }
    if rounds.rounds > 0 {
        observer.event(Event::ProgressEnded);
    }
    let progress = rounds.all().to_string();
    if let Err(stop) = result {
        return Err(stopped(execution, batch, &rounds, stop, observer).await);
    }
    let text = LineText::Finished(&progress);
    let line = Entry { text, ..timed(&batch.line, &rounds.started) };
    record_end(execution, &line, observer).await
}

/// The reason why a batch stops before its end.
enum Stop {
    /// A round, or a question of the runner, failed.
    Failed(Cause),
    Other(RunError),
}

impl<E: Into<Cause>> From<E> for Stop {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Driver(error) => Self::Failed(error.into()),
            other => Self::Other(other),
        }
    }
}

/// Records the reason why a batch stops, with its progress, and returns the error of the run.
async fn stopped(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    rounds: &Rounds,
    stop: Stop,
    observer: &dyn Observer,
) -> RunError {
    let progress = rounds.all().to_string();
    let text = LineText::Progress(&progress);
    let error = match stop {
        Stop::Failed(cause) if cause.is_cancelled() && observer.stop() => {
            Rounds::paused(execution, batch)
        }
        Stop::Failed(cause) => {
            let failed = execution.failed_after(text, batch.statement, batch.done, cause);
            return rounds.told_by(failed.await);
        }
        Stop::Other(error) => error,
    };
    let words = match &error {
        RunError::Interrupted { .. } => PAUSED.to_owned(),
        other => other.to_string(),
    };
    let error_text = Some(words.as_str());
    let line = Entry { error: error_text, text, ..timed(&batch.line, &rounds.started) };
    execution.record_stop(&Entry { statement: Some(batch.done), ..line }).await;
    error
}

async fn all_rounds(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    rounds: &mut Rounds,
    observer: &mut dyn Observer,
) -> Result<(), Stop> {
    let dialect = execution.run.table.dialect;
    let most = match batch_target(batch.statement.sql, dialect) {
        Some(table) => database::estimated_rows(execution, &table).await?,
        None => None,
    };
    let revision = &execution.transition.revision.id;
    loop {
        if !observer.stop() {
            wait(execution, batch, rounds, observer).await?;
        }
        if observer.stop() {
            return Err(Rounds::paused(execution, batch).into());
        }
        let Done { rows, change } = round(execution, batch, observer).await?;
        if rows == 0 {
            return Ok(());
        }
        rounds.add(rows);
        let (total, elapsed) = (rounds.rows, rounds.begun.elapsed());
        observer.event(Event::Batch { revision, rows, total, most, elapsed });
        let change = change.as_deref().unwrap_or(batch.statement.sql);
        rounds.check_end(execution, change).await?;
        if rounds.noted.elapsed() > NOTE_EVERY {
            rounds.noted = Instant::now();
            note(execution, batch, rounds).await?;
        }
    }
}

/// Runs one round. A round that fails because of a lock or a conflict is rolled back, and is tried
/// again.
async fn round(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<Done, Cause> {
    let attempts = execution.run.settings.lock_attempts.max(1);
    let is_atomic = batch.statement.step().is_some()
        || execution.run.table.dialect.is_atomic(batch.statement.sql);
    let mut attempt = 1;
    loop {
        let result = once(execution, batch, observer).await;
        let Err(error) = &result else { return result };
        let is_passing =
            error.database().is_some_and(|error| database::may_repeat(execution, error));
        let may_repeat = is_atomic && attempt < attempts && is_passing;
        if !may_repeat {
            return result;
        }
        let reason = error.to_string();
        let revision = &execution.transition.revision.id;
        retry::pause(revision, attempt, attempts, &reason, observer).await;
        attempt += 1;
    }
}

async fn once(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    observer: &mut dyn Observer,
) -> Result<Done, Cause> {
    match batch.statement.step() {
        Some(name) => step_run::round(execution, batch.statement, name, observer).await,
        None => {
            let rows = database::run_alone(execution, batch.statement, observer).await?;
            Ok(Done { rows, change: None })
        }
    }
}

impl Rounds {
    fn begin(execution: &Execution<'_>, batch: &Alone<'_>) -> Self {
        let begun = execution.begun.as_ref().filter(|begun| begun.done == batch.done);
        let begun = begun.filter(|_| execution.has_same_batch());
        let now = Instant::now();
        Self {
            before: begun.map(|begun| begun.rounds).unwrap_or_default(),
            started: execution::now(),
            begun: now,
            noted: now,
            rounds: 0,
            rows: 0,
            same: 0,
            last: 0,
            count_at: 0,
            replicas: Replicas::default(),
        }
    }

    /// Returns the rounds of all runs.
    fn all(&self) -> error::Rounds {
        let (count, rows) = (self.before.count + self.rounds, self.before.rows + self.rows);
        error::Rounds { count, rows }
    }

    /// Returns the error of a run that pauses here.
    fn paused(execution: &Execution<'_>, batch: &Alone<'_>) -> RunError {
        let revision = Some(execution.transition.revision.id.clone());
        RunError::Interrupted { revision, stage: Stage::Paused, stays: batch.done }
    }

    fn add(&mut self, rows: u64) {
        self.rounds += 1;
        self.rows += rows;
        self.same = if rows == self.last { self.same + 1 } else { 0 };
        self.last = rows;
    }

    /// Fails if the rounds affect more rows than the table of `change` has: always the same number, or
    /// ten times as many.
    async fn check_end(&mut self, execution: &Execution<'_>, change: &str) -> Result<(), RunError> {
        let is_steady = self.same >= SUSPICIOUS;
        if self.rounds < SUSPICIOUS || self.rows < self.count_at {
            return Ok(());
        }
        let dialect = execution.run.table.dialect;
        let Some(table) = batch_target(change, dialect) else { return Ok(()) };
        let query = format!("SELECT count(*) AS rows FROM {}", dialect.quote_name(&table));
        let answer = execution.run.connection.query(&query).await?;
        let size = match answer.first() {
            Some(row) => row.number("rows").map_err(DriverError::from)?,
            None => 0,
        };
        let size = u64::try_from(size).unwrap_or_default();
        // Only more rows than the table has now are suspicious, and many times more if the rounds
        // differ.
        let most = match is_steady {
            true if adds_the_same(change, dialect) => 0,
            true => size,
            false => size.saturating_mul(10),
        };
        if self.rows <= most {
            self.count_at = if is_steady { size + 1 } else { self.rows + size / 2 + 1 };
            return Ok(());
        }
        Err(RunError::EndlessBatch {
            revision: execution.transition.revision.id.clone(),
            rounds: self.rounds,
            rows: self.rows,
            table: table.to_string(),
            size,
        })
    }

    /// Adds the rounds to the failure of the statement.
    fn told_by(&self, error: RunError) -> RunError {
        match error {
            RunError::Statement(mut failure) => {
                failure.rounds = Some(error::Rounds { count: self.rounds, rows: self.rows });
                RunError::Statement(failure)
            }
            other => other,
        }
    }
}

/// Waits as the directives `pause` and `replica_lag` say.
async fn wait(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    rounds: &mut Rounds,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    for directive in batch.statement.directives() {
        match directive {
            Directive::Pause(pause) if rounds.rounds > 0 => retry::sleep(*pause, observer).await,
            Directive::ReplicaLag(limit) => {
                let replicas = &mut rounds.replicas;
                while let Some(lag) =
                    database::replica_lag(execution, replicas).await?.filter(|lag| lag > limit)
                    && !observer.stop()
                {
                    let revision = &execution.transition.revision.id;
                    observer.event(Event::Lagging { revision, lag });
                    retry::sleep(Duration::from_secs(1), observer).await;
                }
            }
            Directive::Pause(_)
            | Directive::NoTransaction
            | Directive::Batch
            | Directive::LockTimeout(_)
            | Directive::StatementTimeout(_) => {}
        }
    }
    Ok(())
}

/// Records the progress.
async fn note(
    execution: &Execution<'_>,
    batch: &Alone<'_>,
    rounds: &Rounds,
) -> Result<(), RunError> {
    let (words, started) = (rounds.all().to_string(), now());
    let line = Entry { text: LineText::Progress(&words), ..timed(&batch.begin, &started) };
    let journal = execution.run.journal;
    let touched = execution.run.connection.run(&journal.insert(&line)).await?;
    journal.check_written(line.revision, touched)
}
