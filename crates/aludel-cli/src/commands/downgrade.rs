//! `aludel downgrade`

use std::io::IsTerminal as _;

use aludel::command::{self, AtStake, Ran};
use aludel::{Direction, Error, Project, Remembered, Revision, RunError};

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
#[command(after_help = "Examples:\n  aludel downgrade -1\n  \
    aludel downgrade ae10            undo what is on top of it\n  \
    aludel downgrade billing@base    undo one branch\n  \
    aludel downgrade base            undo everything; asks if rows would be lost\n  \
    aludel downgrade base --yes      the same in a script")]
pub(crate) struct Args {
    /// base, an id or the beginning of one, LABEL@base, -N, ID-N
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
    #[command(flatten)]
    run: RunArgs,
    /// Undo revisions that have no file as the journal remembers them, without asking
    #[arg(long)]
    from_journal: bool,
    /// Do not ask before a first revision is undone and rows are lost
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
        let sql = command::offline(project, Direction::Downgrade, &args.revision, nobody)?;
        output.script(Some(Direction::Downgrade), &sql);
        return Ok(0);
    }
    let mut reporter = Reporter::new(output, interrupt.clone());
    let ran = undo(args, project, &mut reporter).await?;
    progress::print_ran(Direction::Downgrade, &ran, project, &reporter.end());
    Ok(0)
}

/// Undoes revisions. One without a file is shown first, and undone only after confirmation.
async fn undo(args: &Args, project: &Project, reporter: &mut Reporter<'_>) -> Result<Ran, Failure> {
    let error = match undo_with(args, project, Vec::new(), reporter).await? {
        Err(error @ Error::Run(RunError::UnknownInDatabase { .. })) => error,
        other => return Ok(other?),
    };
    let remembered = command::remembered(project).await?;
    if remembered.is_empty() || !may_undo(&remembered, args.from_journal, reporter.output)? {
        return Err(error.into());
    }
    let revisions = remembered.into_iter().map(|known| known.revision).collect();
    Ok(undo_with(args, project, revisions, reporter).await??)
}

/// Undoes revisions, if it is agreed that the rows at stake may be lost.
async fn undo_with(
    args: &Args,
    project: &Project,
    from_journal: Vec<Revision>,
    reporter: &mut Reporter<'_>,
) -> Result<Result<Ran, Error>, Failure> {
    let target = command::target(&args.revision)?;
    if !args.yes {
        let at_stake = command::rows_at_stake(project, &target, from_journal.clone()).await?;
        if !at_stake.is_empty() && !may_lose(&at_stake) {
            let rows = at_stake.iter().map(words).collect();
            return Err(Failure::RowsAtStake { rows });
        }
    }
    let options = args.run.options(project, target, from_journal);
    Ok(command::downgrade(project, options, reporter).await)
}

/// Asks in a terminal whether rows may be lost. Without one, the answer is no.
fn may_lose(at_stake: &[AtStake]) -> bool {
    const SHOWN: usize = 5;
    let mut tables: Vec<String> = at_stake.iter().take(SHOWN).map(words).collect();
    if at_stake.len() > SHOWN {
        tables.push(format!("{} more tables have rows", at_stake.len() - SHOWN));
    }
    let question = format!("{}. Undo the first revision, and lose them?", tables.join(", "));
    std::io::stdin().is_terminal()
        && inquire::Confirm::new(&question).with_default(false).prompt().unwrap_or(false)
}

fn words(at_stake: &AtStake) -> String {
    match at_stake.rows {
        Some(rows) => format!("{} has {rows}", at_stake.table),
        None => format!("{} has rows", at_stake.table),
    }
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
