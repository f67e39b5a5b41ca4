//! The commands. Each one has a file with its arguments, their help, its work and its output.
//!
//! A command calls the library and prints the answer. Output that several commands share is in
//! files next to this folder.

mod branches;
mod check;
mod completions;
mod current;
mod database;
mod diagram;
mod diff;
mod doctor;
mod downgrade;
mod edit;
mod ensure_version;
mod heads;
mod history;
mod import;
mod init;
mod list_templates;
mod log;
mod man;
mod merge;
mod rebase;
mod reflect;
mod revision;
mod setup;
mod show;
mod squash;
mod stamp;
mod status;
mod upgrade;

use aludel::{Project, Steps};
use clap::{CommandFactory as _, Parser, Subcommand};

pub(crate) use completions::VARIABLE as COMPLETIONS;

use crate::args::Global;
use crate::failure::{Context, Failure};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::settings::{self, Sources};

/// Schema migrations for Rust: models, autogenerate, a revision graph.
#[derive(Debug, Parser)]
#[command(
    name = "aludel",
    version,
    about = "Schema migrations for Rust: models, autogenerate, a revision graph",
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        aludel init                                       start in this folder\n  \
        aludel revision --autogenerate -m \"add status\"    write what differs from the models\n  \
        aludel upgrade head                               apply everything\n  \
        aludel downgrade -1                               undo the last revision\n  \
        aludel check                                      exit 3 if models and database differ"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    ListTemplates(list_templates::Args),
    #[command(flatten)]
    InProject(ProjectCommand),
    Completions(completions::Args),
    Man(man::Args),
}

/// The commands that need a project.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    Revision(revision::Args),
    Upgrade(upgrade::Args),
    Downgrade(downgrade::Args),
    Current(current::Args),
    Status(status::Args),
    History(history::Args),
    Log(log::Args),
    Heads(heads::Args),
    Branches(branches::Args),
    Show(show::Args),
    Stamp(stamp::Args),
    EnsureVersion(ensure_version::Args),
    Database(database::Args),
    Setup(setup::Args),
    Check(check::Args),
    Diff(diff::Args),
    Diagram(diagram::Args),
    Doctor(doctor::Args),
    Reflect(reflect::Args),
    Import(import::Args),
    Merge(merge::Args),
    Rebase(rebase::Args),
    Squash(squash::Args),
    Edit(edit::Args),
}

impl ProjectCommand {
    /// Returns true if the command does not write to the database.
    fn only_reads(&self) -> bool {
        match self {
            Self::Upgrade(_)
            | Self::Downgrade(_)
            | Self::Stamp(_)
            | Self::EnsureVersion(_)
            | Self::Database(_)
            | Self::Setup(_)
            | Self::Import(_) => false,
            Self::Revision(_)
            | Self::Current(_)
            | Self::Status(_)
            | Self::History(_)
            | Self::Log(_)
            | Self::Heads(_)
            | Self::Branches(_)
            | Self::Show(_)
            | Self::Check(_)
            | Self::Diff(_)
            | Self::Diagram(_)
            | Self::Doctor(_)
            | Self::Reflect(_)
            | Self::Merge(_)
            | Self::Rebase(_)
            | Self::Squash(_)
            | Self::Edit(_) => true,
        }
    }
}

/// Runs the command and returns the exit code. `steps` are those of the project.
pub(crate) async fn run(
    arguments: &Arguments,
    steps: &Steps,
    output: &Output,
) -> Result<u8, Failure> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Init(args) => init::run(args, global, output),
        Command::ListTemplates(_) => Ok(list_templates::run(output)),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, Arguments::command(), output),
        Command::InProject(command) => {
            let settings::Found { mut project, sources } = settings::find(global)?;
            project.steps = steps.clone();
            let ran = in_project(command, &project, &sources, output).await;
            ran.map_err(|failure| {
                let context = sources.context(&project);
                failure.in_project(Context { only_reads: command.only_reads(), ..context })
            })
        }
    }
}

async fn in_project(
    command: &ProjectCommand,
    project: &Project,
    sources: &Sources,
    output: &Output,
) -> Result<u8, Failure> {
    let interrupt = Interrupt::default();
    match command {
        ProjectCommand::Revision(args) => revision::run(args, project, output).await,
        ProjectCommand::Upgrade(args) => {
            let run = upgrade::run(args, project, output, &interrupt);
            interrupt
                .guard(output, run)
                .await
                .ok_or_else(|| Failure::Interrupted { committing: interrupt.is_committing() })?
        }
        ProjectCommand::Downgrade(args) => {
            let run = downgrade::run(args, project, output, &interrupt);
            interrupt
                .guard(output, run)
                .await
                .ok_or_else(|| Failure::Interrupted { committing: interrupt.is_committing() })?
        }
        ProjectCommand::Current(args) => current::run(args, project, output).await,
        ProjectCommand::Status(_) => status::run(project, sources, output).await,
        ProjectCommand::History(args) => history::run(args, project, output).await,
        ProjectCommand::Log(args) => log::run(args, project, output).await,
        ProjectCommand::Heads(args) => heads::run(args, project, output),
        ProjectCommand::Branches(_) => branches::run(project, output),
        ProjectCommand::Show(args) => show::run(args, project, output).await,
        ProjectCommand::Stamp(args) => stamp::run(args, project, output).await,
        ProjectCommand::EnsureVersion(_) => ensure_version::run(project, output).await,
        ProjectCommand::Database(args) => {
            let run = database::run(args, project, sources, output, &interrupt);
            interrupt
                .guard(output, run)
                .await
                .ok_or_else(|| Failure::Interrupted { committing: interrupt.is_committing() })?
        }
        ProjectCommand::Setup(_) => {
            let run = setup::run(project, output, &interrupt);
            interrupt
                .guard(output, run)
                .await
                .ok_or_else(|| Failure::Interrupted { committing: interrupt.is_committing() })?
        }
        ProjectCommand::Check(args) => check::run(args, project, output).await,
        ProjectCommand::Diff(args) => diff::run(args, project, output).await,
        ProjectCommand::Diagram(args) => diagram::run(args, project, output).await,
        ProjectCommand::Doctor(_) => doctor::run(project, sources, output).await,
        ProjectCommand::Reflect(args) => reflect::run(args, project, output).await,
        ProjectCommand::Import(args) => import::run(args, project, output).await,
        ProjectCommand::Merge(args) => merge::run(args, project, output).await,
        ProjectCommand::Rebase(args) => rebase::run(args, project, output).await,
        ProjectCommand::Squash(args) => squash::run(args, project, output),
        ProjectCommand::Edit(args) => edit::run(args, project, output).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits a command of an example as a shell does, up to a comment, a pipe or another file.
    fn words(example: &str) -> Vec<String> {
        let command = example.trim().split("  ").next().unwrap_or_default();
        let command = command.split([')', '>', '|']).next().unwrap_or_default();
        let mut words = Vec::new();
        for (at, part) in command.split(['"', '\'']).enumerate() {
            match at % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        words
    }

    fn check(command: &clap::Command, name: &str) {
        let own = command.get_subcommands().filter(|one| one.get_name() != "help");
        own.for_each(|one| check(one, &format!("{name} {}", one.get_name())));
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples: Vec<&str> = help.lines().filter(|line| line.contains("aludel ")).collect();
        assert!(help.starts_with("Examples:") && !examples.is_empty(), "{name} has no examples");
        for example in examples {
            let from = example.find("aludel ").unwrap_or_default();
            let parsed = Arguments::try_parse_from(words(&example[from..]));
            assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.err().unwrap());
        }
    }

    #[test]
    fn every_command_has_examples_that_it_takes() {
        check(&Arguments::command(), "aludel");
    }
}
