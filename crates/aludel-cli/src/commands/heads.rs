//! `aludel heads`

use aludel::Project;
use aludel::command;

use crate::failure::Failure;
use crate::listing::print_revisions;
use crate::output::Output;

/// List the revisions that nothing stands on
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel heads\n  \
    aludel heads -v                       with message and file\n  \
    aludel heads --resolve-dependencies")]
pub(crate) struct Args {
    /// Leave out those that another branch depends on
    #[arg(long)]
    resolve_dependencies: bool,
}

pub(super) fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let heads = command::heads(project, args.resolve_dependencies)?;
    print_revisions(&heads, project, output);
    Ok(0)
}
