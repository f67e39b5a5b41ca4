//! `aludel init`

use std::path::PathBuf;

use aludel::command;
use serde_json::json;

use crate::args::Global;
use crate::failure::Failure;
use crate::output::{HELP, Output, styled};
use crate::settings;

/// Make aludel.toml and the folder of revisions
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to start in
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The template of aludel.toml; `aludel list-templates` lists them
    #[arg(short, long, value_name = "NAME", default_value = "sqlite")]
    template: String,
}

pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<u8, Failure> {
    let folder = settings::directory(global)?.join(&args.folder);
    let made = command::init(&folder, &args.template)
        .map_err(|error| Failure::from(error).in_project(&folder))?;
    if output.json {
        let made: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
        output.json(&json!({ "created": made }));
        return Ok(0);
    }
    for path in made {
        let path = path.strip_prefix(&folder).unwrap_or(&path);
        output.result(format_args!("created {}", path.display()));
    }
    let place = match settings::database_is_known() {
        true => "",
        false => "say where the database is in aludel.toml, then ",
    };
    output.progress(format_args!(
        "{} {place}`aludel revision --autogenerate -m \"initial schema\"`",
        styled(HELP, "next:")
    ));
    Ok(0)
}
