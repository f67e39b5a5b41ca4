//! `aludel diff`

use aludel::Project;
use aludel::command;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::plan_text::{print_missing_schema, print_seen_by, print_uncompared, uncompared_json};

/// Print the SQL that autogenerate would write
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel diff\n  \
    aludel diff --downgrade")]
pub(crate) struct Args {
    /// The way back
    #[arg(long)]
    downgrade: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let comparison = command::check(project).await?;
    for difference in &comparison.differences {
        print_uncompared(&difference.uncompared, output);
        print_seen_by(&difference.seen_by, output);
        print_missing_schema(difference.missing_schema.as_deref(), output);
        let (up, down) = command::rendered(difference);
        if output.json {
            output.json(&json!({
                "dialect": difference.dialect.name(),
                "upgrade": up,
                "downgrade": down,
                "uncompared": uncompared_json(&difference.uncompared),
                "seen_by": difference.seen_by,
                "missing_schema": difference.missing_schema,
            }));
        } else {
            let sql = if args.downgrade { down } else { up };
            if !sql.is_empty() {
                output.result(sql);
            }
        }
    }
    Ok(0)
}
