//! `aludel squash`

use aludel::command::{self, SquashOptions};
use aludel::{Error, Project, Range};
use clap_complete::ArgValueCompleter;
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::output::{HELP, Output, styled};

/// Write one revision that replaces a range of them
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel squash ae10:b2f4 -m \"the first year\"")]
pub(crate) struct Args {
    /// FROM:TO, both included
    #[arg(add = ArgValueCompleter::new(completing::ranges))]
    range: String,
    /// A description of the changes, in a few words
    #[arg(short, long, default_value = "")]
    message: String,
    /// The id of the new revision; by default a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
}

pub(super) fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let options = SquashOptions {
        range: Range::parse(&args.range).map_err(Error::from)?,
        message: args.message.clone(),
        id: args.rev_id.clone(),
    };
    let squashed = command::squash(project, &options)?;
    let path = project.shown(&squashed.file.path);
    if output.json {
        output.json(&json!({
            "revision": squashed.file.id, "path": path, "replaces": squashed.replaces,
        }));
        return Ok(0);
    }
    output.result(format_args!("created {}", path.display()));
    output.progress(format_args!(
        "{} it replaces {}: keep their files until no database stands among them",
        styled(HELP, "note:"),
        squashed.replaces.join(", ")
    ));
    Ok(0)
}
