//! The events of a run for the subscribers of `tracing`: a span for each revision, with its
//! duration, and an event for everything that happens meanwhile.

use std::time::Duration;

use aludel_runtime::{Event, Observer};
use tracing::{Span, debug, field, info, info_span, warn};

/// An observer that hands on what it hears, and traces it.
pub(crate) struct Traced<'o> {
    inner: &'o mut dyn Observer,
    /// The span of the revision that runs; disabled between two of them.
    span: Span,
}

impl<'o> Traced<'o> {
    pub(crate) fn new(inner: &'o mut dyn Observer) -> Self {
        Self { inner, span: Span::none() }
    }

    fn trace(&mut self, event: &Event<'_>) {
        let span = &self.span;
        match event {
            Event::Waiting { holder } => {
                let pid = holder.map(|holder| holder.pid.as_str());
                info!(parent: span, pid, "waiting for another runner");
            }
            Event::Locked { waited } => {
                info!(parent: span, waited_ms = milliseconds(*waited), "got the lock");
            }
            Event::Running { direction, revision, message, number, of, .. } => {
                self.span = info_span!(
                    "aludel.revision", %direction, revision, message, number, of,
                    took_ms = field::Empty, outcome = field::Empty
                );
                info!(parent: &self.span, revision, "revision begins");
            }
            Event::Completed { revision, took } => self.end("completed", revision, *took),
            Event::Failed { revision, took } => self.end("failed", revision, *took),
            Event::Edited(edited) => {
                warn!(parent: span, revision = edited.revision, "the file of an applied revision has changed");
            }
            Event::Resuming { revision, done } => {
                info!(parent: span, revision, done, "going on behind an earlier run");
            }
            Event::Found { revision, statement, completed } => {
                info!(parent: span, revision, statement, completed, "found the outcome of a statement");
            }
            Event::CleaningUp { revision, sql } => {
                info!(parent: span, revision, sql, "removing what a failed attempt has left");
            }
            Event::Batch { revision, rows, total, elapsed, .. } => {
                let elapsed_ms = milliseconds(*elapsed);
                info!(parent: span, revision, rows, total, elapsed_ms, "batch");
            }
            Event::Lagging { revision, lag } => {
                info!(parent: span, revision, lag_ms = milliseconds(*lag), "waiting for a replica");
            }
            Event::Retrying { revision, attempt, of, pause, reason } => {
                let pause_ms = milliseconds(*pause);
                warn!(parent: span, revision, attempt, of, pause_ms, reason, "rolled back, trying again");
            }
            Event::Blocked { by } => {
                let pids: Vec<&str> = by.iter().map(|session| session.pid.as_str()).collect();
                warn!(parent: span, pids = pids.join(" "), "the statement waits for a lock");
            }
            Event::Progress { phase, done, total } => {
                info!(parent: span, phase, done, total, "progress");
            }
            Event::Notice(notice) if notice.is_warning => {
                warn!(parent: span, message = notice.message);
            }
            Event::Notice(notice) => info!(parent: span, message = notice.message),
            // The end of the revision is told, with its duration.
            Event::ProgressEnded => {}
            Event::Committing => debug!(parent: span, "COMMIT is sent"),
            Event::Committed => debug!(parent: span, "COMMIT is answered"),
            Event::LockLost => warn!(parent: span, "the lock of the runner was gone at the end"),
        }
    }

    fn end(&mut self, outcome: &str, revision: &str, took: Duration) {
        let took_ms = milliseconds(took);
        self.span.record("took_ms", took_ms);
        self.span.record("outcome", outcome);
        info!(parent: &self.span, revision, took_ms, outcome, "revision ends");
        self.span = Span::none();
    }
}

impl Observer for Traced<'_> {
    fn event(&mut self, event: Event<'_>) {
        self.trace(&event);
        self.inner.event(event);
    }

    fn stop(&self) -> bool {
        self.inner.stop()
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
