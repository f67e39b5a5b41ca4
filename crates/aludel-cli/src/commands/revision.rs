//! `aludel revision`

use std::path::PathBuf;

use aludel::Project;
use aludel::command::{self, DialectPlan, RevisionOptions};
use serde_json::{Value, json};

use crate::completing;
use crate::failure::Failure;
use crate::output::{BAD, Output, styled};
use crate::plan_text::{operations_json, print_uncompared, steps_json, uncompared_json};
use clap_complete::ArgValueCandidates;

/// Write a new revision file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel revision --autogenerate -m \"add status\"\n  \
    aludel revision -m \"fill status\"                  an empty one, to write by hand")]
pub(crate) struct Args {
    /// A description of the change, in a few words
    #[arg(short, long, default_value = "")]
    message: String,
    /// Fill it with what differs between the models and the database
    #[arg(long)]
    autogenerate: bool,
    /// The id of the new revision; by default a random one
    #[arg(long, value_name = "ID")]
    rev_id: Option<String>,
    /// The revision to go on top of
    #[arg(long, value_name = "REV", add = ArgValueCandidates::new(completing::revisions))]
    head: Option<String>,
    /// Allow to go on top of what is no head
    #[arg(long)]
    splice: bool,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    branch_label: Vec<String>,
    /// A revision of another branch that it needs
    #[arg(long, value_name = "REV", add = ArgValueCandidates::new(completing::ids))]
    depends_on: Vec<String>,
    /// The folder of its file, where `revisions` has several
    #[arg(long, value_name = "DIR")]
    version_path: Option<PathBuf>,
    /// A rename that the models do not hint at, such as users.mail=email or enum:mood=feeling
    #[arg(long, value_name = "OLD=NEW", requires = "autogenerate")]
    rename: Vec<String>,
    /// Compare for this dialect only; the sections of the others are gaps to be written
    #[arg(long, value_name = "DIALECT", requires = "autogenerate", value_parser = ["postgres", "sqlite"])]
    dialect: Vec<String>,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let options = RevisionOptions {
        message: args.message.clone(),
        autogenerate: args.autogenerate,
        id: args.rev_id.clone(),
        head: args.head.as_deref().map(command::target).transpose()?,
        splice: args.splice,
        branch_labels: args.branch_label.clone(),
        depends_on: args.depends_on.clone(),
        folder: args.version_path.clone(),
        renames: args.rename.clone(),
        dialects: args.dialect.clone(),
    };
    let outcome = command::revision(project, &options).await?;
    print_uncompared(&outcome.uncompared, output);
    let Some(new) = outcome.file else {
        if output.json {
            output.json(&Value::Null);
        } else {
            output.result("No new upgrade operations detected: no file was written.");
        }
        return Ok(0);
    };
    let path = project.shown(&new.path);
    if output.json {
        let operations = new.upgrades.iter().flat_map(|upgrade| operations_json(&upgrade.plan));
        let steps = new.upgrades.iter().map(|upgrade| {
            json!({ "dialect": upgrade.dialect.name(), "steps": steps_json(&upgrade.plan) })
        });
        output.json(&json!({
            "revision": new.id,
            "path": path,
            "operations": operations.collect::<Vec<_>>(),
            "destructive": new.destructive,
            "uncompared": uncompared_json(&outcome.uncompared),
            "plans": steps.collect::<Vec<_>>(),
        }));
        return Ok(0);
    }
    let several = new.upgrades.len() > 1;
    new.upgrades.iter().for_each(|upgrade| print_operations(upgrade, several, output));
    if !new.destructive.is_empty() {
        output.progress(styled(
            BAD,
            format_args!(
                "{} of these lose data: {}",
                new.destructive.len(),
                new.destructive.join("; ")
            ),
        ));
    }
    output.result(format_args!("created {}", path.display()));
    Ok(0)
}

fn print_operations(upgrade: &DialectPlan, several: bool, output: &Output) {
    for operation in upgrade.plan.operations() {
        match several {
            true => output.progress(format_args!("  {}: {operation}", upgrade.dialect.name())),
            false => output.progress(format_args!("  {operation}")),
        }
    }
}
