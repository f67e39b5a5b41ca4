//! `aludel init`

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use aludel::Error;
use aludel::command::{self, InitOptions, Made};
use clap_complete::ArgValueCandidates;
use serde_json::json;

use crate::args::Global;
use crate::completing;
use crate::failure::{Context, Failure};
use crate::output::{BAD, HELP, Output, styled};
use crate::settings;

/// Make aludel.toml, the folder of revisions and a first model
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aludel init                                          asks for the database in a terminal\n  \
    aludel init --template postgres\n  \
    aludel init --database-url sqlite:data.db\n  \
    aludel init backend                                  in the folder backend"
)]
pub(crate) struct Args {
    /// The folder to start in
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The template of aludel.toml; `aludel list-templates` lists them. By default that of --database-url,
    /// which is written too, or else of DATABASE_URL
    #[arg(short, long, value_name = "NAME", add = ArgValueCandidates::new(completing::templates))]
    template: Option<String>,
}

/// Asks for a template in a terminal. Without one, the database is a SQLite file.
fn chosen() -> Result<Option<String>, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let each = command::TEMPLATES.iter();
    let choices = each.map(|template| format!("{}: {}", template.name, template.description));
    let answer = inquire::Select::new("Which database?", choices.collect()).raw_prompt();
    let answer = answer.map_err(|_| Failure::Unanswered)?;
    Ok(command::TEMPLATES.get(answer.index).map(|template| template.name.to_owned()))
}

pub(super) fn run(args: &Args, global: &Global, output: &Output) -> Result<u8, Failure> {
    let folder = settings::directory(global)?.join(&args.folder);
    let config = global.config.as_ref().map(|path| folder.join(path));
    let folder = config.as_deref().and_then(Path::parent).unwrap_or(&folder);
    let folder = settings::without_detour(folder);
    let url = global.database_url.clone();
    let stated = settings::stated(&folder).map_err(Error::from)?;
    let surrounding = settings::url_of_environment();
    let is_known = url.is_some()
        || surrounding.is_some()
        || stated.as_ref().is_some_and(|stated| !stated.url.is_empty());
    let template = match &args.template {
        None if !is_known => chosen()?,
        template => template.clone(),
    };
    let file_name = config.as_deref().and_then(Path::file_name).map(ToOwned::to_owned);
    let options = InitOptions { template, url, stated, surrounding, file_name };
    let made = command::init(&folder, &options).map_err(|error| {
        let context = Context { root: folder.clone(), ..Context::default() };
        Failure::from(error).in_project(context)
    })?;
    let shown = |path: &Path| path.strip_prefix(&folder).unwrap_or(path).display().to_string();
    if output.json {
        let made: Vec<String> = made.paths.iter().map(|path| path.display().to_string()).collect();
        output.json(&json!({ "created": made }));
        return Ok(0);
    }
    for path in &made.paths {
        output.result(format_args!("created {}", shown(path)));
    }
    if goes_before_another(global) {
        output.progress(format_args!(
            "{} DATABASE_URL in the environment names another database, and goes before the one that \
             was written: take it out of the environment",
            styled(BAD, "warning:")
        ));
    }
    output.progress(styled(HELP, "next:"));
    for step in next_steps(&made) {
        output.progress(format_args!("  {step}"));
    }
    Ok(0)
}

/// Returns true if the environment states another URL than `--database-url` does.
fn goes_before_another(global: &Global) -> bool {
    let stated = global.database_url.as_ref().zip(settings::url_of_environment());
    stated.is_some_and(|(written, first)| *written != first)
}

/// Returns what is left to do before the first revision is applied.
fn next_steps(made: &Made) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = |command: &str, what: &str| steps.push(format!("{command:<54} {what}"));
    if !made.has_package {
        step("cargo init", "make a package");
    }
    if !made.has_dependency {
        let package = match made.in_member {
            true => format!(" -p {}", made.package.as_deref().unwrap_or("PACKAGE")),
            false => String::new(),
        };
        let add = format!("cargo add{package} aludel --no-default-features");
        step(&add, "the macros of the models, and no driver");
    }
    if let (Some(foreign), Some(models)) = (&made.foreign, made.models.first()) {
        let (from, path) = (foreign.notation.name(), &foreign.path);
        let reflect = format!("aludel reflect --from {from} {path} -o {models}");
        step(&reflect, "make models of these declarations, and add the module");
    }
    if made.models_are_new {
        step("mod models;", "in src/main.rs or src/lib.rs; then edit src/models.rs");
    }
    if made.needs_models {
        step("models = [\"…/src/models.rs\"]", "in aludel.toml: where the models are");
    }
    if made.needs_url && settings::url_of_environment().is_none() {
        step("DATABASE_URL=postgresql://…", "in .env, or `url` in aludel.toml");
    }
    if made.needs_database {
        step("aludel database create", "unless it is there");
    }
    step("aludel revision --autogenerate -m \"initial schema\"", "write the first revision");
    step("aludel upgrade head", "apply it");
    steps.iter().map(|step| step.trim_end().to_owned()).collect()
}
