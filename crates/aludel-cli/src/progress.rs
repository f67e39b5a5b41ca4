//! The common parts of upgrade and downgrade: their options, and their output while they run.

use std::io::IsTerminal as _;
use std::time::Duration;

use aludel::command::{Ran, RunOptions};
use aludel::{
    Direction, Edited, Event, Observer, Project, Revision, RunSettings, Session, Symbol,
    UnknownOutcome,
};
use serde_json::json;

use crate::interrupt::Interrupt;
use crate::output::{BAD, GOOD, HELP, ID, Output, styled, unified};
use crate::settings;

/// The options that upgrade and downgrade share.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Refuse if the file of an applied revision has changed since
    #[arg(long)]
    strict: bool,
    /// Run everything in one transaction: all of it is applied, or nothing
    #[arg(long)]
    single_transaction: bool,
    /// Give up a lock after this time and try again, so that nobody waits behind it for longer; 0
    /// for no limit
    #[arg(long, value_name = "TIME", value_parser = time)]
    lock_timeout: Option<Duration>,
    /// Wait this long for another runner; without end in a terminal, else for 10min
    #[arg(long, value_name = "TIME", value_parser = time)]
    lock_wait: Option<Duration>,
    /// Go on behind a statement whose outcome is unknown
    #[arg(long, conflicts_with = "run_again")]
    assume_done: bool,
    /// Execute a statement whose outcome is unknown again
    #[arg(long)]
    run_again: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    aludel::duration(text)
        .ok_or_else(|| "write a number with a unit: 500ms, 2s, 5min, or 0".to_owned())
}

impl RunArgs {
    /// Returns the options of a run, with the identity of the user of this program.
    pub(crate) fn options(
        &self,
        project: &Project,
        target: Symbol,
        from_journal: Vec<Revision>,
    ) -> RunOptions {
        let configured = project.run_settings();
        let in_terminal = std::io::stderr().is_terminal();
        let stated = self.lock_wait.or(project.config.database.lock_wait);
        let settings = RunSettings {
            strict: self.strict,
            single_transaction: self.single_transaction,
            lock_timeout: self.lock_timeout.or(configured.lock_timeout),
            lock_wait: if in_terminal { stated } else { stated.or(configured.lock_wait) },
            unknown: match (self.assume_done, self.run_again) {
                (true, _) => UnknownOutcome::AssumeDone,
                (false, true) => UnknownOutcome::RunAgain,
                (false, false) => UnknownOutcome::Stop,
            },
            ..configured
        };
        RunOptions { target, identity: settings::identity(), settings, from_journal }
    }
}

/// Prints the result of a run.
pub(crate) fn print_ran(direction: Direction, ran: &Ran, project: &Project, output: &Output) {
    if output.json {
        output.json(&json!({ "direction": direction.as_str(), "revisions": ran.revisions }));
    } else if !ran.any {
        let folders = project.config.revisions.join(", ");
        output.progress(format_args!("nothing to do: there is no revision in {folders}"));
    } else if ran.revisions.is_empty() {
        output.progress("nothing to do: the database is there already");
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

/// An observer that prints the events of a run.
pub(crate) struct Reporter<'a> {
    pub(crate) output: &'a Output,
    pub(crate) interrupt: Interrupt,
}

impl Observer for Reporter<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Waiting { holder } => {
                self.output.progress("waiting for another runner to finish");
                holder.into_iter().for_each(|holder| self.session(holder));
            }
            Event::Running { direction, revision, parents, message, .. } => {
                self.output.progress(running(direction, revision, parents, message));
            }
            Event::Completed { .. } => {}
            Event::Edited(edited) => self.output.progress(edited_warning(edited)),
            Event::Resuming { revision, done } => self.output.progress(format_args!(
                "{revision}: going on behind statement {done}, which an earlier run has done"
            )),
            Event::Found { revision, statement, completed } => {
                let found = if completed { "was completed" } else { "was not completed" };
                self.output.progress(format_args!(
                    "{revision}: statement {statement}, which an earlier run began, {found}"
                ));
            }
            Event::CleaningUp { revision, sql } => self.output.progress(format_args!(
                "{revision}: removing what a failed attempt has left: {sql}"
            )),
            Event::Batch { revision, rows, total, elapsed } => {
                self.batch(revision, rows, total, elapsed);
            }
            Event::Lagging { revision, lag } => self.output.progress(format_args!(
                "{revision}: waiting for a replica that is {:.1} s behind",
                lag.as_secs_f64()
            )),
            Event::Retrying { revision, attempt, of, pause, reason } => {
                self.output.progress(format_args!(
                    "{revision}: {reason}; rolled back, trying again in {:.1} s ({attempt} of {of})",
                    pause.as_secs_f64()
                ));
            }
            Event::Blocked { by } => {
                self.output.progress("the statement waits for a lock of");
                by.iter().for_each(|session| self.session(session));
            }
            Event::Progress { phase, done, total } => {
                if self.output.verbose {
                    self.output.progress(format_args!("{phase}: {done} of {total}"));
                }
            }
            Event::Notice(notice) => self.output.progress(format_args!(
                "{}: {}",
                notice.severity.to_lowercase(),
                notice.message
            )),
            Event::LockLost => self.output.progress(format_args!(
                "{} the lock of the runner was gone at the end: another runner may have run too",
                styled(BAD, "warning:")
            )),
        }
    }

    fn stop(&self) -> bool {
        self.interrupt.pressed()
    }
}

impl Reporter<'_> {
    /// Prints the progress of a batch.
    fn batch(&self, revision: &str, rows: u64, total: u64, elapsed: Duration) {
        if self.output.verbose {
            let seconds = elapsed.as_secs_f64().max(0.001);
            #[expect(clippy::cast_precision_loss, reason = "the rate is for people")]
            let rate = total as f64 / seconds;
            self.output.progress(format_args!(
                "{revision}: {rows} rows, {total} in all, {rate:.0} rows/s"
            ));
        }
    }

    /// Prints a session of the server.
    fn session(&self, session: &Session) {
        let Session { pid, user, client, since, query } = session;
        let user = user.as_deref().unwrap_or("unknown");
        let since = since.as_deref().map(|since| format!(", since {since}")).unwrap_or_default();
        self.output.progress(format_args!("  pid {pid}, user {user}, {client}{since}"));
        if let Some(query) = query {
            let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
            self.output.progress(format_args!("  {line}"));
        }
    }
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
