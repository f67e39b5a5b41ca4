//! The output of upgrade and downgrade while they run and at their end.

use std::time::{Duration, Instant};

use aludel::command::Ran;
use aludel::{Direction, Edited, Event, Observer, Project, Rounds, Session};
use serde_json::{Value, json};

use crate::bar::Bar;
use crate::interrupt::Interrupt;
use crate::listing::elsewhere_note;
use crate::output::{BAD, GOOD, HELP, ID, Output, styled, unified};
use crate::words::count;

/// A run that has ended. There is no bar any more, so that its result stands in a line of its own.
pub(crate) struct Ended<'a> {
    output: &'a Output,
    /// The completed revisions with their durations.
    completed: Vec<(String, Duration)>,
    took: Duration,
    /// True if the interruption came too late to change anything.
    is_late: bool,
}

/// Prints the result of a run.
pub(crate) fn print_ran(direction: Direction, ran: &Ran, project: &Project, ended: &Ended) {
    let output = ended.output;
    if output.json {
        output.json(&ran_json(direction, ran, ended));
    } else if !ran.any {
        let folders = project.config.revisions.join(", ");
        output.progress(format_args!("nothing to do: there is no revision in {folders}"));
    } else if ran.revisions.is_empty() {
        output.progress(match direction {
            Direction::Upgrade => "nothing to do: everything up to the target is applied already",
            Direction::Downgrade => "nothing to do: no revision above the target is applied",
        });
    } else {
        let done = match direction {
            Direction::Upgrade => "applied",
            Direction::Downgrade => "undone",
        };
        let count = count(ran.revisions.len(), "revision");
        let took = HumanDuration(ended.took);
        let late = if ended.is_late {
            "; the interruption came after the last COMMIT was sent"
        } else {
            ""
        };
        output.progress(format_args!("{count} {done} in {took}{late}"));
    }
}

/// Returns the result of a run as JSON.
pub(crate) fn ran_json(direction: Direction, ran: &Ran, ended: &Ended) -> Value {
    let completed = ended.completed.iter().map(
        |(revision, took)| json!({ "revision": revision, "duration_ms": milliseconds(*took) }),
    );
    json!({
        "direction": direction.as_str(),
        "revisions": ran.revisions,
        "completed": completed.collect::<Vec<_>>(),
        "duration_ms": milliseconds(ended.took),
    })
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// The time between two lines about the steps of something long, where there is no bar.
const STEP_EVERY: Duration = Duration::from_secs(10);

/// The time from which on a revision is told to have taken long.
const LONG: Duration = Duration::from_secs(1);

/// A duration in one unit, such as `0.42 s` or `3:07 min`.
struct HumanDuration(Duration);

impl std::fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0..60 => write!(f, "{:.2} s", self.0.as_secs_f64()),
            _ => write!(f, "{}:{:02} min", seconds / 60, seconds % 60),
        }
    }
}

/// Returns the warning about an edited file, with the difference from the text that was applied.
fn edited_warning(edited: &Edited) -> String {
    let head = format!(
        "{} the file of {} has changed since it was applied",
        styled(BAD, "warning:"),
        styled(ID, &edited.revision)
    );
    let help = format!(
        "{} put it back, or accept it: `aludel stamp --rebless {}`",
        styled(HELP, "help:"),
        edited.revision
    );
    match &edited.applied {
        Some(applied) => {
            format!("{head}\n{}\n{help}", unified(applied, &edited.file, "applied", "file"))
        }
        None => format!("{head}\n{help}"),
    }
}

/// An observer that prints the events of a run: as lines, and in a terminal also as a bar.
pub(crate) struct Reporter<'a> {
    pub(crate) output: &'a Output,
    interrupt: Interrupt,
    bar: Bar,
    begun: Instant,
    /// The completed revisions with their durations.
    completed: Vec<(String, Duration)>,
    /// The time of the last line about a step.
    stepped: Instant,
    /// The sessions that were last told to hold a lock, by their process ids.
    blocked_by: Vec<String>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(output: &'a Output, interrupt: Interrupt) -> Self {
        let bar = if output.shows_bars() { Bar::in_terminal() } else { Bar::none() };
        interrupt.print_in(bar.room());
        let (begun, completed, blocked_by) = (Instant::now(), Vec::new(), Vec::new());
        Self { output, interrupt, bar, begun, completed, stepped: begun, blocked_by }
    }

    /// Erases the bar, and returns what the result of the run tells.
    pub(crate) fn end(self) -> Ended<'a> {
        Ended {
            output: self.output,
            completed: self.completed,
            took: self.begun.elapsed(),
            is_late: self.interrupt.pressed(),
        }
    }
}

impl Observer for Reporter<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting { holder } => {
                self.line("waiting for another runner to finish");
                holder.into_iter().for_each(|holder| self.session(holder));
            }
            Event::Running { direction, revision, parents, message, number, of } => {
                self.line(running(direction, revision, parents, message));
                self.bar.revision(number, of, revision);
                self.blocked_by.clear();
            }
            Event::Completed { revision, took } => self.completed(revision, took),
            // The error of the run says why, and the next revision that it was worth waiting.
            Event::Failed { .. } | Event::Locked { .. } => {}
            Event::Edited(edited) => self.line(edited_warning(edited)),
            Event::Elsewhere(elsewhere) => self.line(elsewhere_note(elsewhere)),
            Event::Resuming { revision, done, rounds } => {
                self.line(format_args!("{revision}: {}", resuming(done, rounds)));
            }
            Event::BatchChanged { revision, statement, rounds } => {
                self.line(batch_changed(revision, statement, rounds));
            }
            Event::LeftUnfinished { revision, direction } => {
                self.line(left_unfinished(revision, direction));
            }
            Event::Found { revision, statement, completed } => {
                let found = if completed { "was completed" } else { "runs again" };
                let begun = format!("statement {statement}, which an earlier run began");
                self.line(format_args!("{revision}: {begun}, {found}"));
            }
            Event::CleaningUp { revision, sql } => self
                .line(format_args!("{revision}: removing what a failed attempt has left: {sql}")),
            Event::Batch { revision, rows, total, most, elapsed } => {
                let text = batch(rows, total, most, elapsed);
                self.step(&format!("{revision}: {text}"), text);
            }
            Event::Lagging { revision, lag } => self.line(format_args!(
                "{revision}: waiting for a replica that is {:.1} s behind",
                lag.as_secs_f64()
            )),
            Event::Retrying { revision, attempt, of, pause, reason } => {
                let pause = pause.as_secs_f64();
                let again = format!("trying again in {pause:.1} s ({attempt} of {of})");
                self.line(format_args!("{revision}: {reason}; rolled back, {again}"));
            }
            Event::Blocked { by } => self.blocked(by),
            Event::Progress { phase, done, total } => {
                let text = format!("{phase}: {done} of {total}");
                self.step(&text.clone(), text);
            }
            Event::ProgressEnded => self.bar.message(String::new()),
            Event::Notice(notice) => {
                self.line(format_args!("{}: {}", notice.severity.to_lowercase(), notice.message));
            }
            Event::Committing => self.interrupt.set_committing(true),
            Event::Committed => self.interrupt.set_committing(false),
            Event::LockLost => self.line(lock_lost()),
        }
    }

    fn stop(&self) -> bool {
        self.interrupt.pressed()
    }
}

impl Reporter<'_> {
    /// Keeps the time of a revision, and tells it if it is worth a line.
    fn completed(&mut self, revision: &str, took: Duration) {
        if took >= LONG {
            self.line(format_args!("{revision} took {}", HumanDuration(took)));
        }
        self.completed.push((revision.to_owned(), took));
    }

    /// Prints the sessions that a statement waits for, once for all of its attempts.
    fn blocked(&mut self, by: &[Session]) {
        let pids: Vec<String> = by.iter().map(|session| session.pid.clone()).collect();
        if std::mem::replace(&mut self.blocked_by, pids.clone()) != pids {
            self.line("the statement waits for a lock of");
            by.iter().for_each(|session| self.session(session));
        }
    }

    /// Shows a step of something long: in the bar, and as a line with `--verbose`, or from time to time
    /// where there is no bar.
    fn step(&mut self, line: &str, text: String) {
        let is_due = !self.output.shows_bars() && self.stepped.elapsed() >= STEP_EVERY;
        if self.output.verbose || is_due {
            self.stepped = Instant::now();
            self.line(line);
        }
        self.bar.message(text);
    }

    /// Prints a line of progress, above the bar.
    fn line(&self, line: impl std::fmt::Display) {
        self.bar.above(|| self.output.progress(line));
    }

    /// Prints a session of the server.
    fn session(&self, session: &Session) {
        let Session { pid, user, client, since, query } = session;
        let user = user.as_deref().unwrap_or("unknown");
        let since = since.as_deref().map(|since| format!(", since {since}")).unwrap_or_default();
        self.line(format_args!("  pid {pid}, user {user}, {client}{since}"));
        if let Some(query) = query {
            let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
            self.line(format_args!("  {line}"));
        }
    }
}

/// Returns the progress of a batch, with the end that is the latest one at this rate.
fn batch(rows: u64, total: u64, most: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "the rate is for people")]
    let rate = total as f64 / seconds;
    let noun = if rows == 1 { "row" } else { "rows" };
    let Some(most) = most.filter(|most| *most >= total) else {
        return format!("{rows} {noun}, {total} in all, {rate:.0} rows/s");
    };
    #[expect(clippy::cast_precision_loss, reason = "the time is for people")]
    let left = Duration::from_secs_f64((most - total) as f64 / rate.max(0.001));
    format!(
        "{rows} {noun}, {total} of at most {most}, {rate:.0} rows/s, at most {} to go",
        HumanDuration(left)
    )
}

/// Returns the place at which a revision resumes.
fn resuming(done: usize, rounds: Rounds) -> String {
    match (done, rounds.count) {
        (0, 0) => "an earlier run has begun it, and has recorded no statement as done".to_owned(),
        (done, 0) => format!("going on behind statement {done}, which an earlier run has done"),
        (done, _) => format!(
            "going on with statement {}, a batch of which earlier runs have done {rounds}",
            done + 1
        ),
    }
}

/// Returns the warning about a batch whose first rounds had another text.
fn batch_changed(revision: &str, statement: usize, rounds: Rounds) -> String {
    let done = match rounds.count {
        0 => "what it did stays, and is not recorded".to_owned(),
        _ => format!("earlier runs have done {rounds}, which stays"),
    };
    format!(
        "{} statement {statement} of revision {}, a batch that an earlier run has begun, has changed since: \
         {done}; the file is followed from here",
        styled(BAD, "warning:"),
        styled(ID, revision)
    )
}

/// Returns the warning about a lock that was gone.
fn lock_lost() -> String {
    format!(
        "{} the lock of the runner was gone at the end: another runner may have run too",
        styled(BAD, "warning:")
    )
}

/// Returns the warning about a revision that was begun and is not completed by the run.
fn left_unfinished(revision: &str, direction: Direction) -> String {
    format!(
        "{} revision {} was begun by an earlier {direction}, and this one does not complete it\n\
         {} see `aludel status`. If it has no file any more, undo by hand what is done, and say where the \
         database is: `aludel stamp REV`",
        styled(BAD, "warning:"),
        styled(ID, revision),
        styled(HELP, "help:")
    )
}

/// Returns the line for a revision that begins.
fn running(direction: Direction, revision: &str, parents: &[String], message: &str) -> String {
    let parents = if parents.is_empty() { "base".to_owned() } else { parents.join(", ") };
    let (from, to) = match direction {
        Direction::Upgrade => (parents.as_str(), revision),
        Direction::Downgrade => (revision, parents.as_str()),
    };
    format!(
        "{} {} -> {}, {message}",
        styled(GOOD, format_args!("Running {direction}")),
        styled(ID, from),
        styled(ID, to),
    )
}
