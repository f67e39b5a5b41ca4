//! The turn of a transition in a run.

use aludel_revision::{Revision, Transition};

use crate::begun::Begun;
use crate::error::RunError;
use crate::execute;
use crate::execution::{Execution, Run};
use crate::observer::Observer;

/// A transition that waits for its turn. Its section has been parsed without an error.
pub(crate) enum Turn<'a> {
    Parsed(Box<Execution<'a>>),
    /// One of several large files, whose text is read again, so that no more than one is held.
    Large {
        run: Run<'a>,
        transition: &'a Transition<'a>,
        all_begun: &'a [Begun],
    },
}

impl<'a> Turn<'a> {
    /// Parses the sections of all transitions.
    pub(crate) fn all(
        run: Run<'a>,
        transitions: &'a [Transition<'a>],
        all_begun: &'a [Begun],
    ) -> Result<Vec<Self>, RunError> {
        let is_large = |transition: &&Transition<'_>| transition.revision.stamp().is_some();
        let are_several = transitions.iter().filter(is_large).count() > 1;
        let turn = |transition: &'a Transition<'a>| {
            if are_several && is_large(&transition) {
                let revision = transition.revision.unread();
                Execution::new(run, &with(transition, &revision), all_begun)?;
                return Ok(Self::Large { run, transition, all_begun });
            }
            Ok(Self::Parsed(Box::new(Execution::new(run, transition, all_begun)?)))
        };
        transitions.iter().map(turn).collect()
    }

    /// Returns true if the statements may have released the lock of the runner, which the session holds.
    pub(crate) fn may_release_lock(&self) -> bool {
        match self {
            Self::Parsed(execution) => {
                let statements = &execution.script.statements;
                let releases = |word| execution.script.mentions(statements, word);
                execution.script.steps().next().is_some()
                    || ["pg_advisory_unlock", "pg_advisory_unlock_all", "discard"]
                        .into_iter()
                        .any(releases)
            }
            // What is not held any more is not looked at again.
            Self::Large { .. } => true,
        }
    }

    /// Returns the id of the revision.
    pub(crate) fn revision(&self) -> &'a str {
        match self {
            Self::Parsed(execution) => &execution.transition.revision.id,
            Self::Large { transition, .. } => &transition.revision.id,
        }
    }

    /// Runs the transition, which is number `number` of the `of` ones of the run.
    pub(crate) async fn run(
        &self,
        number: usize,
        of: usize,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        match self {
            Self::Parsed(execution) => {
                execution.tell_running(number, of, observer);
                execute::run(execution, observer).await
            }
            Self::Large { run, transition, all_begun } => {
                let revision = transition.revision.unread();
                let transition = with(transition, &revision);
                let execution = Execution::new(*run, &transition, all_begun)?;
                execution.tell_running(number, of, observer);
                execute::run(&execution, observer).await
            }
        }
    }
}

/// Returns the transition with another instance of its revision.
fn with<'r>(transition: &Transition<'_>, revision: &'r Revision) -> Transition<'r> {
    Transition {
        revision,
        direction: transition.direction,
        from: transition.from.clone(),
        to: transition.to.clone(),
    }
}
