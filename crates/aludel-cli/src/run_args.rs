//! The options that upgrade and downgrade share.

use std::io::IsTerminal as _;
use std::time::Duration;

use aludel::command::RunOptions;
use aludel::{Project, Revision, RunSettings, Symbol, UnknownOutcome};

use crate::settings;

/// The options that upgrade and downgrade share.
#[derive(Debug, Default, clap::Args)]
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
