//! Waiting for an answer of the database, with an eye on interruptions.

use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use aludel_driver::Connection;

use crate::observer::{Event, Observer};
use crate::postgres::server::monitor::Monitor;

/// The time between two looks at the observer.
const TICK: Duration = Duration::from_millis(50);

/// The facts about a run that waiting for an answer needs.
#[derive(Clone, Copy)]
pub(crate) struct Watched<'a> {
    pub(crate) connection: &'a Connection<'a>,
    /// The process of the server; empty for as long as it is not known.
    pub(crate) pid: &'a OnceLock<i64>,
    /// The limit of the run for waiting for a lock.
    pub(crate) lock_timeout: Option<Duration>,
}

/// Waits for `answer`. If the observer wants to stop meanwhile, the running statement is cancelled.
/// A cancellation may fall between two statements of a message, and is therefore repeated until
/// the answer is there.
pub(crate) async fn answered<T>(
    watched: Watched<'_>,
    observer: &mut dyn Observer,
    answer: impl Future<Output = T>,
) -> T {
    let Watched { connection, pid, lock_timeout } = watched;
    let mut answer = pin!(answer);
    let mut monitor = Monitor::new(lock_timeout);
    let answered = loop {
        tokio::select! {
            biased;
            answered = &mut answer => break answered,
            () = tokio::time::sleep(TICK) => {
                if observer.stop() {
                    tokio::select! {
                        biased;
                        answered = &mut answer => break answered,
                        () = connection.cancel() => {}
                    }
                } else if let Some(pid) = pid.get() {
                    tokio::select! {
                        biased;
                        answered = &mut answer => break answered,
                        () = monitor.tick(connection, *pid, observer) => {}
                    }
                }
            }
        }
        tell_notices(connection, observer);
    };
    tell_notices(connection, observer);
    monitor.end(observer);
    answered
}

fn tell_notices(connection: &Connection<'_>, observer: &mut dyn Observer) {
    for notice in connection.take_notices() {
        observer.event(Event::Notice(&notice));
    }
}
