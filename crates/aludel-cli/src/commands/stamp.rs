//! `aludel stamp`

use aludel::command;
use aludel::{Error, Project, Symbol};
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{ID, Output, styled};
use crate::progress::Reporter;
use crate::settings;
use clap_complete::ArgValueCandidates;

/// Write the version table without running anything
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel stamp head            the schema is there already\n  \
    aludel stamp --purge head    forget what the version table says")]
pub(crate) struct Args {
    /// head, heads, base, an id or the beginning of one, LABEL@base
    #[arg(required_unless_present = "rebless", allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revisions: Vec<String>,
    /// Forget the rows that are there, even those that no file knows
    #[arg(long)]
    purge: bool,
    /// Print the SQL and run nothing; TO or FROM:TO
    #[arg(long, conflicts_with = "purge")]
    sql: bool,
    /// Accept that files of applied revisions have changed: all of them, or those named
    #[arg(long, conflicts_with_all = ["purge", "sql"])]
    rebless: bool,
}

impl Args {
    fn targets(&self) -> Result<Vec<Symbol>, Error> {
        self.revisions.iter().map(|text| command::target(text)).collect()
    }
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    if args.rebless {
        return rebless(args, project, output).await;
    }
    if args.sql {
        let sql = command::offline_stamp(project, &args.revisions, settings::nobody())?;
        output.script(None, &sql);
        return Ok(0);
    }
    let mut reporter = Reporter::new(output, Interrupt::default());
    let identity = settings::identity();
    let rows =
        command::stamp(project, &args.targets()?, args.purge, identity, &mut reporter).await?;
    if output.json {
        output.json(&json!({ "revisions": rows }));
    } else {
        let rows = if rows.is_empty() { "base".to_owned() } else { rows.join(", ") };
        output.result(format_args!("stamped {}", styled(ID, rows)));
    }
    Ok(0)
}

async fn rebless(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let mut reporter = Reporter::new(output, Interrupt::default());
    let identity = settings::identity();
    let accepted = command::rebless(project, &args.targets()?, identity, &mut reporter).await?;
    if output.json {
        output.json(&json!({ "reblessed": accepted }));
    } else if accepted.is_empty() {
        output.progress("nothing to accept: every applied revision is as it was");
    } else {
        output.result(format_args!("accepted {} as it is now", styled(ID, accepted.join(", "))));
    }
    Ok(0)
}
