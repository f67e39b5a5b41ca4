//! One function a command: ask the library, print the answer.

mod graph;
mod look;
mod migrate;
mod models;
mod revise;

use aludel::{Error, Project};

use crate::args::{Args, Command};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::report::Failure;
use crate::settings;

/// The exit code when things are not as asked for: `check` and `current --check-heads`.
const DIFFERS: u8 = 3;

/// Runs the command; gives the exit code.
pub(crate) async fn run(args: &Args, output: &Output) -> Result<u8, Failure> {
    match &args.command {
        Command::Init { folder, template } => {
            let folder = settings::directory(&args.global)?.join(folder);
            return revise::init(&folder, template, output);
        }
        Command::ListTemplates => return Ok(revise::templates(output)),
        Command::Completions { shell } => return Ok(revise::completions(*shell, output)),
        _ => {}
    }
    let project = settings::project(&args.global)?;
    let failed =
        |error: Error| Failure::Command { error: Box::new(error), root: project.root.clone() };
    match &args.command {
        Command::Reflect { output: Some(path) } => models::reflect_to(&project, path, output).await,
        Command::Edit { revision } => revise::edit(&project, revision, output).await,
        Command::Upgrade(_) | Command::Downgrade(_) => {
            let interrupt = Interrupt::default();
            let run = migrate::migrate(&args.command, &project, output, &interrupt);
            interrupt.guard(output, run).await.ok_or(Failure::Interrupted)?.map_err(failed)
        }
        command => dispatch(command, &project, output).await.map_err(failed),
    }
}

async fn dispatch(command: &Command, project: &Project, output: &Output) -> Result<u8, Error> {
    match command {
        Command::Revision(args) => revise::revision(args, project, output).await,
        Command::Merge(args) => revise::merge(args, project, output).await,
        Command::Squash(args) => revise::squash(args, project, output),
        Command::Rebase(args) => revise::rebase(args, project, output).await,
        Command::Current { check_heads } => look::current(*check_heads, project, output).await,
        Command::Status => look::status(project, output).await,
        Command::History(args) => look::history(args, project, output).await,
        Command::Heads { resolve_dependencies } => {
            look::heads(*resolve_dependencies, project, output)
        }
        Command::Branches => look::branches(project, output),
        Command::Show { revision } => look::show(revision, project, output).await,
        Command::Stamp(args) => migrate::stamp(args, project, output).await,
        Command::EnsureVersion => migrate::ensure_version(project, output).await,
        Command::Check { heads: true } => look::check_heads(project, output),
        Command::Check { .. } => models::check(project, output).await,
        Command::Diff { downgrade } => models::diff(*downgrade, project, output).await,
        _ => models::reflect(project, output).await,
    }
}
