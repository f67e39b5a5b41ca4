//! `aludel init`

use std::io::IsTerminal as _;
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
    #[arg(short, long, value_name = "NAME")]
    template: Option<String>,
}

/// Asks for a template in a terminal. Without one, the database is a SQLite file.
fn chosen() -> String {
    const DEFAULT: &str = "sqlite";
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return DEFAULT.to_owned();
    }
    let each = command::TEMPLATES.iter();
    let choices = each.map(|template| format!("{}: {}", template.name, template.description));
    let answer = inquire::Select::new("Which database?", choices.collect()).raw_prompt();
    let chosen = answer.ok().and_then(|answer| command::TEMPLATES.get(answer.index));
    chosen.map_or(DEFAULT, |template| template.name).to_owned()
}

pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<u8, Failure> {
    let folder = settings::directory(global)?.join(&args.folder);
    let template = args.template.clone().unwrap_or_else(chosen);
    let made = command::init(&folder, &template)
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
