//! `aludel show`

use aludel::command;
use aludel::{Error, Project};

use crate::completing;
use crate::failure::Failure;
use crate::listing::{print_revisions, print_verbose};
use crate::output::Output;
use clap_complete::ArgValueCandidates;

/// Show one revision and its SQL
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel show head\n  \
    aludel show ae10       the revision whose id begins so\n  \
    aludel show current    where the database is")]
pub(crate) struct Args {
    /// head, an id or the beginning of one, current
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let lines = command::show(project, &command::target(&args.revision)?).await?;
    if output.json {
        print_revisions(&lines, project, output);
        return Ok(0);
    }
    if lines.is_empty() {
        output.progress("that is the base: before every revision");
    }
    for line in &lines {
        print_verbose(line, project, output);
        let text = line.revision.text().map_err(|problem| Error::Files(vec![problem]))?;
        output.text(text);
    }
    Ok(0)
}
