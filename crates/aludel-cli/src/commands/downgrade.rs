//! `aludel downgrade`

use std::io::IsTerminal as _;

use aludel::command::{self, Ran};
use aludel::{Direction, Error, Project, Remembered, RunError};

use crate::completing;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{ID, Output, styled, unified};
use crate::progress::{self, Reporter};
use crate::run_args::RunArgs;
use crate::settings;
use clap_complete::ArgValueCandidates;

/// Undo revisions
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aludel downgrade -1\n  aludel downgrade ae10      undo what is on top of it\n  \
    aludel downgrade billing@base    undo one branch\n  aludel downgrade base      undo everything"
)]
pub(crate) struct Args {
    /// base, an id or the beginning of one, LABEL@base, -N, ID-N
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
    #[command(flatten)]
    run: RunArgs,
    /// Undo revisions that have no file as the journal remembers them, without asking
    #[arg(long)]
    from_journal: bool,
    /// Do not ask before everything is undone
    #[arg(long)]
    yes: bool,
    /// Print the SQL and run nothing; FROM:TO, for a database that stands at FROM
    #[arg(long)]
    sql: bool,
}

pub(super) async fn run(
    args: &Args,
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Failure> {
    if args.sql {
        let nobody = settings::nobody();
        output.text(&command::offline(project, Direction::Downgrade, &args.revision, nobody)?);
        return Ok(0);
    }
    if !args.yes && args.revision == "base" && !may_lose_rows(project).await? {
        return Err(Failure::NoConsent { what: "undo everything".to_owned() });
    }
    let mut reporter = Reporter::new(output, interrupt.clone());
    let ran = undo(args, project, &mut reporter).await?;
    progress::print_ran(Direction::Downgrade, &ran, project, &reporter);
    Ok(0)
}

/// Asks in a terminal whether everything may be undone on a database that holds rows. A script is
/// not asked.
async fn may_lose_rows(project: &Project) -> Result<bool, Error> {
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    let tables = command::filled_tables(project).await?;
    let question = match tables.as_slice() {
        [] => return Ok(true),
        [first] => format!("{first} holds rows. Undo every revision?"),
        [first, rest @ ..] => {
            format!("{first} and {} more tables hold rows. Undo every revision?", rest.len())
        }
    };
    Ok(inquire::Confirm::new(&question).with_default(false).prompt().unwrap_or(false))
}

/// Undoes revisions. One without a file is shown first, and undone only after confirmation.
async fn undo(args: &Args, project: &Project, reporter: &mut Reporter<'_>) -> Result<Ran, Error> {
    let target = command::target(&args.revision)?;
    let first = args.run.options(project, target.clone(), Vec::new());
    let error = match command::downgrade(project, first, reporter).await {
        Err(error @ Error::Run(RunError::UnknownInDatabase { .. })) => error,
        other => return other,
    };
    let remembered = command::remembered(project).await?;
    if remembered.is_empty() || !may_undo(&remembered, args.from_journal, reporter.output)? {
        return Err(error);
    }
    let revisions = remembered.into_iter().map(|known| known.revision).collect();
    let again = args.run.options(project, target, revisions);
    command::downgrade(project, again, reporter).await
}

/// Shows what the journal remembers, and asks for confirmation unless `sure` is set.
fn may_undo(remembered: &[Remembered], sure: bool, output: &Output) -> Result<bool, Error> {
    for Remembered { revision, applied_at } in remembered {
        output.progress(format_args!(
            "{} has no file here; this was applied at {applied_at}:",
            styled(ID, &revision.id)
        ));
        let text = revision.text().map_err(|problem| Error::Files(vec![problem]))?;
        output.progress(unified("", text, "no file", "journal"));
    }
    // Without a terminal to ask on, the answer is no.
    Ok(sure
        || inquire::Confirm::new("Undo these as the journal remembers them?")
            .with_default(false)
            .prompt()
            .unwrap_or(false))
}
