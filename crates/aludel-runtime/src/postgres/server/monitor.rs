//! A second connection that watches a statement which runs for long: which sessions it waits for,
//! and how far it is.

use std::time::{Duration, Instant};

use aludel_driver::{Connection, DriverError};

use crate::observer::{Event, Observer};
use crate::postgres::lock::{SESSION, session};
use crate::session::Session;

use super::pooler;

/// The longest time after which a running statement is watched, and the time between two looks.
const AFTER: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_secs(1);

/// The views about the progress of a statement: the phase, the completed part and the whole.
const VIEWS: [&str; 4] = [
    "SELECT phase, CASE WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END AS done, \
     CASE WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END AS total \
     FROM pg_catalog.pg_stat_progress_create_index",
    "SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_vacuum",
    "SELECT phase, heap_blks_scanned, heap_blks_total FROM pg_catalog.pg_stat_progress_cluster",
    "SELECT 'copying', bytes_processed, bytes_total FROM pg_catalog.pg_stat_progress_copy",
];

/// The watch over one statement.
pub(crate) struct Monitor {
    begun: Instant,
    /// The time after which the statement is watched.
    after: Duration,
    looked: Option<Instant>,
    state: State,
    /// The sessions that the statement waited for at the last look.
    blocked: Vec<Session>,
    /// True if progress of the statement was told.
    has_told: bool,
}

enum State {
    Waiting,
    Watching(Box<Connection<'static>>),
    /// No second connection could be opened, or it failed.
    Off,
}

impl Monitor {
    /// Begins the watch over a statement that waits no longer than `lock_timeout` for a lock, so that
    /// the sessions that it waits for are seen before it gives up.
    pub(crate) fn new(lock_timeout: Option<Duration>) -> Self {
        let half = lock_timeout.filter(|time| !time.is_zero()).map(|time| time / 2);
        let after = half.map_or(AFTER, |half| half.min(AFTER));
        let (begun, state) = (Instant::now(), State::Waiting);
        Self { begun, after, looked: None, state, blocked: Vec::new(), has_told: false }
    }

    /// Looks at the statement that runs on `connection` if it is time to. What can't be seen is
    /// left out, because the statement itself is not affected.
    pub(crate) async fn tick(
        &mut self,
        connection: &Connection<'_>,
        pid: i64,
        observer: &mut dyn Observer,
    ) {
        let now = Instant::now();
        if now - self.begun < self.after || self.looked.is_some_and(|looked| now - looked < EVERY) {
            return;
        }
        self.looked = Some(now);
        if matches!(self.state, State::Waiting) {
            self.state = match pooler::another(connection).await {
                Some(other) => State::Watching(Box::new(other)),
                None => State::Off,
            };
        }
        let State::Watching(other) = &self.state else { return };
        match pooler::soon(look(other, pid)).await {
            Ok(seen) => self.tell(seen, observer),
            Err(_) => self.state = State::Off,
        }
    }

    /// Ends the watch when the statement has ended.
    pub(crate) fn end(self, observer: &mut dyn Observer) {
        if self.has_told {
            observer.event(Event::ProgressEnded);
        }
    }

    fn tell(&mut self, seen: Seen, observer: &mut dyn Observer) {
        if let Some(Progress { phase, done, total }) = &seen.progress {
            observer.event(Event::Progress { phase, done: *done, total: *total });
            self.has_told = true;
        }
        let pids = |sessions: &[Session]| -> Vec<String> {
            sessions.iter().map(|session| session.pid.clone()).collect()
        };
        if !seen.blocked.is_empty() && pids(&seen.blocked) != pids(&self.blocked) {
            observer.event(Event::Blocked { by: &seen.blocked });
        }
        self.blocked = seen.blocked;
    }
}

struct Seen {
    blocked: Vec<Session>,
    progress: Option<Progress>,
}

struct Progress {
    phase: String,
    done: u64,
    total: u64,
}

async fn look(other: &Connection<'_>, pid: i64) -> Result<Seen, DriverError> {
    let blocked = format!(
        "SELECT {SESSION} FROM pg_catalog.pg_stat_activity a \
         WHERE a.pid = ANY (pg_catalog.pg_blocking_pids({pid})) ORDER BY a.pid"
    );
    let views: Vec<String> = VIEWS.iter().map(|view| format!("{view} WHERE pid = {pid}")).collect();
    let progress = views.join(" UNION ALL ");
    let answers = other.query_all(&[&blocked, &progress]).await?;
    let [blocked, progress] = answers.as_slice() else {
        return Ok(Seen { blocked: Vec::new(), progress: None });
    };
    let blocked = blocked.iter().map(session).collect::<Result<Vec<_>, _>>()?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let progress = match progress.first() {
        Some(row) => Some(Progress {
            phase: row.text("phase")?.to_owned(),
            done: count(row.number("done")?),
            total: count(row.number("total")?),
        }),
        None => None,
    };
    Ok(Seen { blocked, progress })
}
