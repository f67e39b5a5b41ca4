//! `aludel revision`

use std::io::IsTerminal;
use std::path::PathBuf;

use aludel::command::{self, DialectPlan, RevisionOptions, RevisionOutcome};
use aludel::{LikelyRename, Project};
use serde_json::{Value, json};

use crate::completing;
use crate::failure::Failure;
use crate::output::{BAD, HELP, Output, styled};
use crate::plan_text::{
    operations_json, print_missing_schema, print_seen_by, print_uncompared, steps_json,
    uncompared_json,
};
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
    let asks = !output.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut confirm = |likely: &LikelyRename| if asks { confirmed(likely) } else { Some(false) };
    let outcome = command::revision(project, &options, &mut confirm).await?;
    print_uncompared(&outcome.uncompared, output);
    print_seen_by(&outcome.seen_by, output);
    print_missing_schema(outcome.missing_schema.as_deref(), output);
    let Some(new) = &outcome.file else {
        print_unchanged(&outcome, output);
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
            "likely_renames": outcome.likely_renames.iter().map(likely_json).collect::<Vec<_>>(),
            "uncompared": uncompared_json(&outcome.uncompared),
            "seen_by": outcome.seen_by,
            "missing_schema": outcome.missing_schema,
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
    if !asks {
        outcome.likely_renames.iter().for_each(|likely| suggest(likely, output));
    }
    output.result(format_args!("created {}", path.display()));
    Ok(0)
}

/// Tells that no file was written, because there is nothing to write.
fn print_unchanged(outcome: &RevisionOutcome, output: &Output) {
    if !output.json {
        output.result("No new upgrade operations detected: no file was written.");
        return;
    }
    output.json(&json!({
        "revision": null,
        "path": null,
        "operations": [],
        "destructive": [],
        "likely_renames": outcome.likely_renames.iter().map(likely_json).collect::<Vec<_>>(),
        "uncompared": uncompared_json(&outcome.uncompared),
        "seen_by": outcome.seen_by,
        "missing_schema": outcome.missing_schema,
        "plans": [],
    }));
}

/// Asks whether a suggested rename is one. Returns `None` if the question is broken off.
fn confirmed(likely: &LikelyRename) -> Option<bool> {
    let LikelyRename { from, to, evidence, .. } = likely;
    let question = format!("Was {from} renamed to {to}? ({evidence})");
    inquire::Confirm::new(&question).with_default(false).prompt().ok()
}

/// Tells how a suggested rename is asked for.
fn suggest(likely: &LikelyRename, output: &Output) {
    let LikelyRename { asked, from, to, evidence } = likely;
    output.progress(format_args!(
        "{} if {from} was renamed to {to} ({evidence}), delete the file and say so: --rename {asked}",
        styled(HELP, "note:")
    ));
}

fn likely_json(likely: &LikelyRename) -> Value {
    let LikelyRename { asked, from, to, evidence } = likely;
    json!({ "rename": asked, "from": from, "to": to, "evidence": evidence })
}

fn print_operations(upgrade: &DialectPlan, several: bool, output: &Output) {
    for operation in upgrade.plan.summary() {
        match several {
            true => output.progress(format_args!("  {}: {operation}", upgrade.dialect.name())),
            false => output.progress(format_args!("  {operation}")),
        }
    }
}
