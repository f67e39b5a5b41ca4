//! `aludel rebase`

use aludel::Project;
use aludel::command;
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::output::{ID, Output, styled};
use clap_complete::ArgValueCandidates;

/// Put a branch that is not applied yet onto another head
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aludel rebase ae10                 onto the only other head\n  \
    aludel rebase ae10 --onto b2f4"
)]
pub(crate) struct Args {
    /// The head of the branch to move
    #[arg(add = ArgValueCandidates::new(completing::ids))]
    revision: String,
    /// The revision to put it on; the only other head, if it does not say
    #[arg(long, value_name = "REV", add = ArgValueCandidates::new(completing::ids))]
    onto: Option<String>,
    /// Do not ask the database whether the branch is applied
    #[arg(long)]
    offline: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let onto = args.onto.as_deref().map(command::target).transpose()?;
    let head = command::target(&args.revision)?;
    let moved = command::rebase(project, &head, onto.as_ref(), !args.offline).await?;
    let path = project.shown(&moved.path);
    if output.json {
        output.json(&json!({
            "revision": moved.revision, "path": path, "from": moved.from, "onto": moved.onto, "moved": moved.branch,
        }));
        return Ok(0);
    }
    let from = if moved.from.is_empty() { "<base>".to_owned() } else { moved.from.join(", ") };
    output.result(format_args!(
        "moved {} from {from} to {}: changed {}",
        styled(ID, moved.branch.join(", ")),
        styled(ID, &moved.onto),
        path.display()
    ));
    Ok(0)
}
