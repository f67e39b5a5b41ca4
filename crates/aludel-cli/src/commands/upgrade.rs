//! `aludel upgrade`

use aludel::command;
use aludel::{Direction, Project};

use crate::completing;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::progress::{self, Reporter};
use crate::run_args::RunArgs;
use crate::settings;
use clap_complete::ArgValueCandidates;

/// Apply revisions
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aludel upgrade head\n  aludel upgrade +1\n  aludel upgrade ae10\n  \
    aludel upgrade heads       every branch"
)]
pub(crate) struct Args {
    /// head, heads, an id or the beginning of one, LABEL@head, +N, ID+N
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
    #[command(flatten)]
    run: RunArgs,
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
        let sql = command::offline(project, Direction::Upgrade, &args.revision, nobody)?;
        output.script(Some(Direction::Upgrade), &sql);
        return Ok(0);
    }
    let mut reporter = Reporter::new(output, interrupt.clone());
    let target = command::target(&args.revision)?;
    let options = args.run.options(project, target, Vec::new());
    let ran = command::upgrade(project, options, &mut reporter).await?;
    progress::print_ran(Direction::Upgrade, &ran, project, &reporter.end());
    Ok(0)
}
