//! `aludel ensure-version`

use aludel::Project;
use aludel::command;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Make the version table and the journal, if they are not there
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel ensure-version\n  \
    aludel ensure-version --database-url sqlite:other.db")]
pub(crate) struct Args {}

pub(super) async fn run(project: &Project, output: &Output) -> Result<u8, Failure> {
    command::ensure_version(project).await?;
    let table = &project.config.version_table;
    if output.json {
        output.json(&json!({ "version_table": table }));
    } else {
        output.result(format_args!("{table} is there"));
    }
    Ok(0)
}
