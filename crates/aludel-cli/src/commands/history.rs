//! `aludel history`

use aludel::command::{self, Indicate};
use aludel::{Error, Project, Range};

use clap_complete::ArgValueCompleter;

use crate::completing;
use crate::drawing;
use crate::failure::Failure;
use crate::listing::{print_gone_and, print_revisions, without_parents};
use crate::output::{BAD, GOOD, Output, styled};

/// List the revisions, the newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel history --graph\n  aludel history -r ae10:head\n  \
    aludel history -r-3:current      the last three that are applied")]
pub(crate) struct Args {
    /// Only these: FROM:TO, FROM: or :TO
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true, add = ArgValueCompleter::new(completing::ranges))]
    rev_range: Option<String>,
    /// Mark where the database is
    #[arg(short, long)]
    indicate_current: bool,
    /// Draw the branches; a filled circle is applied
    #[arg(short, long)]
    graph: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let range = args.rev_range.as_deref().unwrap_or(":");
    let range = Range::parse(range).map_err(Error::from)?;
    // The drawing shows what is applied, if a database is configured.
    let indicate = match (args.indicate_current, args.graph && project.url.is_some()) {
        (true, _) => Indicate::Yes,
        (false, true) => Indicate::IfPossible,
        (false, false) => Indicate::No,
    };
    let command::History { revisions: lines, gone, unasked } =
        command::history(project, &range, indicate).await?;
    if let Some(reason) = &unasked {
        let warning = styled(BAD, "warning:");
        output.progress(format_args!("{warning} the database could not be asked: {reason}"));
    }
    print_gone_and(&gone, unasked.is_none(), output);
    if !args.graph || output.json {
        print_revisions(&lines, project, output);
        return Ok(0);
    }
    let nodes: Vec<drawing::Node<'_>> = lines
        .iter()
        .map(|line| drawing::Node {
            id: &line.revision.id,
            parents: &line.revision.down_revisions,
            filled: line.is_applied == Some(true),
        })
        .collect();
    for (drawn, line) in drawing::draw(&nodes).iter().zip(&lines) {
        drawn.before.iter().for_each(|lanes| output.result(lanes));
        let lanes = drawn.node.replace('●', &styled(GOOD, '●'));
        output.result(format_args!("{lanes} {}", without_parents(line)));
        drawn.after.iter().for_each(|lanes| output.result(lanes));
    }
    Ok(0)
}
