//! `aludel list-templates`

use aludel::command;
use serde_json::{Value, json};

use crate::output::{ID, Output, styled};

/// List what `init --template` takes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel list-templates\n  \
    aludel list-templates --json")]
pub(crate) struct Args {}

pub(super) fn run(output: &Output) -> u8 {
    if output.json {
        let all = command::TEMPLATES
            .iter()
            .map(|one| json!({ "name": one.name, "description": one.description }));
        output.json(&Value::Array(all.collect()));
        return 0;
    }
    for one in command::TEMPLATES {
        output.result(format_args!(
            "{} {}",
            styled(ID, format_args!("{:<9}", one.name)),
            one.description
        ));
    }
    0
}
