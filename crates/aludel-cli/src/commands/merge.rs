//! `aludel merge`

use aludel::command::{self, MergeOptions, Orders};
use aludel::{Project, Symbol};
use serde_json::{Value, json};

use crate::completing;
use crate::failure::{DIFFERS, Failure};
use crate::listing::{conflicts_json, print_conflicts};
use crate::output::{BAD, HELP, Output, styled};
use clap_complete::ArgValueCandidates;

/// Join branches by a revision that changes nothing itself
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aludel merge heads\n  aludel merge ae10 b2f4 -m \"merge billing\""
)]
pub(crate) struct Args {
    /// The heads to join; `heads` means all
    #[arg(required = true, add = ArgValueCandidates::new(completing::revisions))]
    revisions: Vec<String>,
    /// A description of the change, in a few words
    #[arg(short, long, default_value = "")]
    message: String,
    /// The id of the new revision; by default a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// Allow to merge what is no head
    #[arg(long)]
    splice: bool,
    /// Apply the branches in either order to empty databases and compare; on PostgreSQL next to the
    /// database of this URL, for SQLite in memory
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "sqlite::memory:")]
    scratch: Option<String>,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let revisions: Vec<Symbol> =
        args.revisions.iter().map(|text| command::target(text)).collect::<Result<_, _>>()?;
    let options = MergeOptions {
        revisions: revisions.clone(),
        message: args.message.clone(),
        id: args.rev_id.clone(),
        splice: args.splice,
        branch_labels: args.branch_label.clone(),
    };
    let conflicts = command::conflicts(project, &revisions)?;
    let orders = match &args.scratch {
        Some(url) => Some(command::orders(project, &revisions, Some(url)).await?),
        None => None,
    };
    let fits = matches!(orders, None | Some(Orders::Same));
    // After a failed comparison the merge is only written without `--scratch`.
    let new = if fits { Some(command::merge(project, &options)?) } else { None };
    let code = if fits { 0 } else { DIFFERS };
    let path = new.as_ref().map(|new| project.shown(&new.path));
    if output.json {
        output.json(&json!({
            "revision": new.as_ref().map(|new| &new.id),
            "path": path,
            "conflicts": conflicts_json(&conflicts),
            "orders": orders.as_ref().map(orders_json),
        }));
        return Ok(code);
    }
    print_conflicts(&conflicts, output);
    if let Some(orders) = &orders {
        print_orders(orders, output);
    }
    match path {
        Some(path) => output.result(format_args!("created {}", path.display())),
        None => output.progress(format_args!(
            "{} nothing was written; mend the branches, or merge without --scratch",
            styled(HELP, "help:")
        )),
    }
    Ok(code)
}

fn orders_json(orders: &Orders) -> Value {
    match orders {
        Orders::Same => json!({ "same": true }),
        Orders::Different(operations) => json!({ "same": false, "operations": operations }),
        Orders::Fails { order, reason } => {
            json!({ "same": false, "order": order, "error": reason })
        }
    }
}

fn print_orders(orders: &Orders, output: &Output) {
    match orders {
        Orders::Same => output.progress("applied in either order they give the same schema"),
        Orders::Different(operations) => {
            output.progress(format_args!(
                "{} in the other order the schema is another one:",
                styled(BAD, "warning:")
            ));
            operations.iter().for_each(|operation| output.progress(format_args!("  {operation}")));
        }
        Orders::Fails { order, reason } => output.progress(format_args!(
            "{} applied in the order {} they fail: {reason}",
            styled(BAD, "warning:"),
            order.join(", ")
        )),
    }
}
