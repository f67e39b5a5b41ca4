//! Ctrl-C: once cancels what runs and lets it roll back, twice ends the program.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use aludel::{Canceller, Direction, Edited, Event, Observer};

use crate::output::{BAD, GOOD, HELP, ID, Output, styled, unified};

/// What Ctrl-C has to do.
#[derive(Clone, Default)]
pub(crate) struct Interrupt {
    pressed: Rc<Cell<bool>>,
    canceller: Rc<RefCell<Option<Canceller>>>,
}

impl Interrupt {
    /// Notes what cancels the statement that runs.
    pub(crate) fn arm(&self, canceller: Canceller) {
        *self.canceller.borrow_mut() = Some(canceller);
    }

    /// Whether Ctrl-C was pressed.
    pub(crate) fn pressed(&self) -> bool {
        self.pressed.get()
    }

    /// Runs `work` to its end, also when it is interrupted: the end is then a rollback.
    pub(crate) async fn guard<T>(
        &self,
        output: &Output,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                signal = tokio::signal::ctrl_c() => {
                    if signal.is_err() || self.pressed.replace(true) {
                        return None;
                    }
                    output.progress("interrupted: cancelling what runs and rolling it back");
                    let canceller = self.canceller.borrow_mut().take();
                    if let Some(canceller) = canceller {
                        // The work has to go on meanwhile, or nobody hears the answer.
                        tokio::select! {
                            done = &mut work => return Some(done),
                            () = canceller.cancel() => {}
                        }
                    }
                }
            }
        }
    }
}

/// What was applied, and what the file says now.
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

/// Prints what a run tells.
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
