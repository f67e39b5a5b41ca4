//! The events of a run for the subscribers of `tracing`: a span for each revision, with its
//! duration, and an event for everything that happens meanwhile.

use std::time::Duration;

use aludel_runtime::{Event, Observer};
use tracing::{Span, debug, field, info, info_span, warn};

/// An observer that hands on what it hears, and traces it.
pub(crate) struct Traced<'o> {
    inner: &'o mut dyn Observer,
    /// The revisions that run. They are several in a single transaction, in which all of them begin
    /// before the first one is completed.
    running: Vec<Running>,
}

struct Running {
    revision: String,
    span: Span,
}

impl<'o> Traced<'o> {
    pub(crate) fn new(inner: &'o mut dyn Observer) -> Self {
        Self { inner, running: Vec::new() }
    }

    /// Returns the span of the revision that has begun last; a disabled one between revisions.
    fn span(&self) -> Span {
        self.running.last().map_or_else(Span::none, |one| one.span.clone())
    }

    fn trace(&mut self, event: &Event<'_>) {
        let span = &self.span();
        match event {
            Event::Waiting { holder } => {
                info!(parent: span, pid = holder.map(|one| one.pid.as_str()), "waiting for another runner");
            }
            Event::Locked { waited } => {
                info!(parent: span, waited_ms = milliseconds(*waited), "got the lock");
            }
            Event::Running { direction, revision, message, number, of, .. } => {
                self.begin(revision, info_span!("aludel.revision", %direction, revision, message, number, of, took_ms = field::Empty, outcome = field::Empty));
            }
            Event::Completed { revision, took } => self.end("completed", revision, *took),
            Event::Failed { revision, took } => self.end("failed", revision, *took),
            Event::Edited(edited) => {
                warn!(parent: span, revision = edited.revision, "the file of an applied revision has changed");
            }
            Event::Elsewhere(elsewhere) => {
                warn!(parent: span, schemas = elsewhere.schemas.join(", "), search_path = elsewhere.search_path, "other schemas have a version table");
            }
            Event::Resuming { revision, done, rounds } => {
                info!(parent: span, revision, done, rounds = rounds.count, "going on behind an earlier run");
            }
            Event::BatchChanged { revision, statement, rounds } => {
                warn!(parent: span, revision, statement, rounds = rounds.count, "the text of a batch has changed since its first rounds");
            }
            Event::LeftUnfinished { revision, .. } => {
                warn!(parent: span, revision, "an earlier run began a revision, and this run does not complete it");
            }
            Event::Found { revision, statement, completed } => {
                info!(parent: span, revision, statement, completed, "found the outcome of a statement");
            }
            Event::CleaningUp { revision, sql } => {
                info!(parent: span, revision, sql, "removing what a failed attempt has left");
            }
            Event::Batch { revision, rows, total, elapsed, .. } => {
                info!(parent: span, revision, rows, total, elapsed_ms = milliseconds(*elapsed), "batch");
            }
            Event::Lagging { revision, lag } => {
                info!(parent: span, revision, lag_ms = milliseconds(*lag), "waiting for a replica");
            }
            Event::Retrying { revision, attempt, of, pause, reason } => {
                warn!(parent: span, revision, attempt, of, pause_ms = milliseconds(*pause), reason, "rolled back, trying again");
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

    fn begin(&mut self, revision: &str, span: Span) {
        info!(parent: &span, revision, "revision begins");
        // One that is tried again begins again.
        self.running.retain(|one| one.revision != revision);
        self.running.push(Running { revision: revision.to_owned(), span });
    }

    fn end(&mut self, outcome: &str, revision: &str, took: Duration) {
        let place = self.running.iter().position(|one| one.revision == revision);
        let span = place.map_or_else(Span::none, |place| self.running.remove(place).span);
        let took_ms = milliseconds(took);
        span.record("took_ms", took_ms);
        span.record("outcome", outcome);
        info!(parent: &span, revision, took_ms, outcome, "revision ends");
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aludel_runtime::Silent;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber, subscriber};

    use super::*;

    /// A subscriber that notes what it is told, with the number of the span.
    #[derive(Clone, Default)]
    struct Notes(Arc<Mutex<Vec<String>>>);

    /// The fields of a span or an event, as `name=value`.
    #[derive(Default)]
    struct Fields(String);

    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0 += &format!(" {field}={value:?}");
        }
    }

    impl Notes {
        fn note(&self, what: &str, id: u64, fields: &Fields) {
            self.0.lock().unwrap().push(format!("{what} {id}{}", fields.0));
        }
    }

    impl Subscriber for Notes {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, attributes: &Attributes<'_>) -> Id {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            let spans = self.0.lock().unwrap().iter().filter(|one| one.starts_with("span")).count();
            let id = spans as u64 + 1;
            self.note("span", id, &fields);
            Id::from_u64(id)
        }

        fn record(&self, span: &Id, values: &Record<'_>) {
            let mut fields = Fields::default();
            values.record(&mut fields);
            self.note("record", span.into_u64(), &fields);
        }

        fn event(&self, event: &tracing::Event<'_>) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            self.note("event", event.parent().map_or(0, Id::into_u64), &fields);
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    /// Returns what a subscriber is told of events.
    fn told(events: &[Event<'_>]) -> Vec<String> {
        let notes = Notes::default();
        subscriber::with_default(notes.clone(), || {
            let mut silent = Silent;
            let mut traced = Traced::new(&mut silent);
            for event in events {
                traced.trace(event);
            }
        });
        std::mem::take(&mut notes.0.lock().unwrap())
    }

    fn running(revision: &str, number: usize) -> Event<'_> {
        let direction = aludel_revision::Direction::Upgrade;
        Event::Running { direction, revision, parents: &[], message: "m", number, of: 2 }
    }

    fn completed(revision: &str) -> Event<'_> {
        Event::Completed { revision, took: Duration::from_millis(5) }
    }

    #[test]
    fn a_revision_is_a_span_with_its_duration_and_outcome() {
        let events = [
            Event::Locked { waited: Duration::ZERO },
            running("a1", 1),
            Event::Committing,
            Event::Failed { revision: "a1", took: Duration::from_millis(5) },
        ];
        assert_eq!(
            told(&events),
            [
                "event 0 message=got the lock waited_ms=0.0",
                "span 1 direction=upgrade revision=\"a1\" message=\"m\" number=1 of=2",
                "event 1 message=revision begins revision=\"a1\"",
                "event 1 message=COMMIT is sent",
                "record 1 took_ms=5.0",
                "record 1 outcome=\"failed\"",
                "event 1 message=revision ends revision=\"a1\" took_ms=5.0 outcome=\"failed\"",
            ]
        );
    }

    #[test]
    fn revisions_of_one_transaction_have_a_span_each() {
        let events = [running("a1", 1), running("b2", 2), completed("a1"), completed("b2")];
        let told = told(&events);
        let records: Vec<&String> = told.iter().filter(|one| one.starts_with("record")).collect();
        assert_eq!(
            records,
            [
                "record 1 took_ms=5.0",
                "record 1 outcome=\"completed\"",
                "record 2 took_ms=5.0",
                "record 2 outcome=\"completed\"",
            ]
        );
    }
}
