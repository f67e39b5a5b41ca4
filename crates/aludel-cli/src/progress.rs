//! The common parts of upgrade and downgrade: their options, and their output while they run.

use aludel::command::{Ran, RunOptions};
use aludel::{Direction, Edited, Event, Observer, Project, Revision, Symbol};
use serde_json::json;

use crate::interrupt::Interrupt;
use crate::output::{BAD, GOOD, HELP, ID, Output, styled, unified};
use crate::settings;

/// Returns the options of a run, with the identity of the user of this program.
pub(crate) fn options(target: Symbol, strict: bool, from_journal: Vec<Revision>) -> RunOptions {
    RunOptions { target, identity: settings::identity(), strict, from_journal }
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
            Event::Waiting => self.output.progress("waiting for another runner to finish"),
            Event::Running { direction, revision, parents, message } => {
                let parents =
                    if parents.is_empty() { "base".to_owned() } else { parents.join(", ") };
                let (from, to) = match direction {
                    Direction::Upgrade => (parents.as_str(), revision),
                    Direction::Downgrade => (revision, parents.as_str()),
                };
                self.output.progress(format_args!(
                    "{} {} -> {}, {message}",
                    styled(GOOD, format_args!("Running {direction}")),
                    styled(ID, from),
                    styled(ID, to),
                ));
            }
            Event::Edited(edited) => self.output.progress(edited_warning(edited)),
            Event::Resuming { revision, done } => self.output.progress(format_args!(
                "{revision}: going on behind statement {done}, which an earlier run has done"
            )),
            Event::Batch { revision, rows } => {
                if self.output.verbose {
                    self.output.progress(format_args!("{revision}: {rows} rows"));
                }
            }
        }
    }

    fn stop(&self) -> bool {
        self.interrupt.pressed()
    }
}
