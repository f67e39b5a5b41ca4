//! Commands that write files: a project, revisions, merges.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

use aludel::command::{self, Conflict, MergeOptions, Orders, RevisionOptions, SquashOptions};
use aludel::{Error, Project};
use serde_json::{Value, json};

use super::DIFFERS;
use crate::args::{Args, MergeArgs, RebaseArgs, RevisionArgs, SquashArgs};
use crate::output::{BAD, HELP, ID, Output, styled};
use crate::report::Failure;
use crate::settings;

pub(super) fn init(folder: &Path, template: &str, output: &Output) -> Result<u8, Failure> {
    let made = command::init(folder, template)
        .map_err(|error| Failure::Command { error: Box::new(error), root: folder.to_owned() })?;
    if output.json {
        let made: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
        output.json(&json!({ "created": made }));
        return Ok(0);
    }
    for path in made {
        let path = path.strip_prefix(folder).unwrap_or(&path);
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

pub(super) fn templates(output: &Output) -> u8 {
    if output.json {
        let all = command::TEMPLATES
            .iter()
            .map(|(name, what, _)| json!({ "name": name, "description": what }));
        output.json(&Value::Array(all.collect()));
        return 0;
    }
    for (name, what, _) in command::TEMPLATES {
        output.result(format_args!("{} {what}", styled(ID, format_args!("{name:<9}"))));
    }
    0
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

pub(super) fn completions(shell: clap_complete::Shell, output: &Output) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut <Args as clap::CommandFactory>::command(),
        "aludel",
        &mut script,
    );
    output.text(&String::from_utf8_lossy(&script));
    0
}

pub(super) async fn revision(
    args: &RevisionArgs,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let options = RevisionOptions {
        message: args.message.clone(),
        autogenerate: args.autogenerate,
        id: args.rev_id.clone(),
        head: args.head.clone(),
        splice: args.splice,
        branch_labels: args.branch_label.clone(),
        depends_on: args.depends_on.clone(),
        folder: args.version_path.clone(),
        random: random(),
    };
    let Some(new) = command::revision(project, &options).await? else {
        if output.json {
            output.json(&Value::Null);
        } else {
            output.result("No new upgrade operations detected: no file was written.");
        }
        return Ok(0);
    };
    let path = project.shown(&new.path);
    if output.json {
        let operations: Vec<String> = all_operations(&new.operations).collect();
        output.json(&json!({ "revision": new.id, "path": path, "operations": operations, "destructive": new.destructive }));
        return Ok(0);
    }
    for operation in all_operations(&new.operations) {
        output.progress(format_args!("  {operation}"));
    }
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

fn all_operations(
    by_dialect: &[(aludel::Dialect, Vec<aludel::Operation>)],
) -> impl Iterator<Item = String> {
    let several = by_dialect.len() > 1;
    by_dialect.iter().flat_map(move |(dialect, operations)| {
        operations.iter().map(move |operation| {
            if several { format!("{}: {operation}", dialect.name()) } else { operation.to_string() }
        })
    })
}

pub(super) async fn merge(
    args: &MergeArgs,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let options = MergeOptions {
        revisions: args.revisions.clone(),
        message: args.message.clone(),
        id: args.rev_id.clone(),
        splice: args.splice,
        branch_labels: args.branch_label.clone(),
        random: random(),
    };
    let conflicts = command::conflicts(project, &args.revisions)?;
    let orders = match &args.scratch {
        Some(url) => Some(command::orders(project, &args.revisions, Some(url)).await?),
        None => None,
    };
    let fits = matches!(orders, None | Some(Orders::Same));
    // What was seen to fail is written only by somebody who does not look.
    let new = if fits { Some(command::merge(project, &options)?) } else { None };
    let code = if fits { 0 } else { DIFFERS };
    let path = new.as_ref().map(|new| project.shown(&new.path));
    if output.json {
        output.json(&json!({
            "revision": new.as_ref().map(|new| &new.id),
            "path": path,
            "conflicts": conflicts_json(&conflicts),
            "orders": orders.as_ref().map(orders_json),
        }));
        return Ok(code);
    }
    print_conflicts(&conflicts, output);
    if let Some(orders) = &orders {
        print_orders(orders, output);
    }
    match path {
        Some(path) => output.result(format_args!("created {}", path.display())),
        None => output.progress(format_args!(
            "{} nothing was written; mend the branches, or merge without --scratch",
            styled(HELP, "help:")
        )),
    }
    Ok(code)
}

pub(super) fn conflicts_json(conflicts: &[Conflict]) -> Value {
    conflicts.iter().map(|conflict| json!({ "what": conflict.what, "by": conflict.by })).collect()
}

/// What several branches change, and where.
pub(super) fn print_conflicts(conflicts: &[Conflict], output: &Output) {
    for conflict in conflicts {
        let by = conflict.by.values().map(|revisions| styled(ID, revisions.join(", ")));
        output.progress(format_args!(
            "{} {} is changed on several branches: by {}",
            styled(BAD, "warning:"),
            conflict.what,
            by.collect::<Vec<_>>().join(" and by ")
        ));
    }
}

fn orders_json(orders: &Orders) -> Value {
    match orders {
        Orders::Same => json!({ "same": true }),
        Orders::Different(operations) => json!({ "same": false, "operations": operations }),
        Orders::Fails { order, reason } => {
            json!({ "same": false, "order": order, "error": reason })
        }
    }
}

fn print_orders(orders: &Orders, output: &Output) {
    match orders {
        Orders::Same => output.progress("applied in either order they give the same schema"),
        Orders::Different(operations) => {
            output.progress(format_args!(
                "{} in the other order the schema is another one:",
                styled(BAD, "warning:")
            ));
            operations.iter().for_each(|operation| output.progress(format_args!("  {operation}")));
        }
        Orders::Fails { order, reason } => output.progress(format_args!(
            "{} applied in the order {} they fail: {reason}",
            styled(BAD, "warning:"),
            order.join(", ")
        )),
    }
}

pub(super) async fn rebase(
    args: &RebaseArgs,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let onto = args.onto.as_deref();
    let moved = command::rebase(project, &args.revision, onto, !args.offline).await?;
    let path = project.shown(&moved.path);
    if output.json {
        output.json(&json!({
            "revision": moved.revision, "path": path, "from": moved.from, "onto": moved.onto, "moved": moved.branch,
        }));
        return Ok(0);
    }
    let from = if moved.from.is_empty() { "<base>".to_owned() } else { moved.from.join(", ") };
    output.result(format_args!(
        "moved {} from {from} to {}: changed {}",
        styled(ID, moved.branch.join(", ")),
        styled(ID, &moved.onto),
        path.display()
    ));
    Ok(0)
}

pub(super) fn squash(args: &SquashArgs, project: &Project, output: &Output) -> Result<u8, Error> {
    let options = SquashOptions {
        range: args.range.clone(),
        message: args.message.clone(),
        id: args.rev_id.clone(),
        random: random(),
    };
    let squashed = command::squash(project, &options)?;
    let path = project.shown(&squashed.file.path);
    if output.json {
        output.json(&json!({
            "revision": squashed.file.id, "path": path, "replaces": squashed.replaces,
        }));
        return Ok(0);
    }
    output.result(format_args!("created {}", path.display()));
    output.progress(format_args!(
        "{} it replaces {}: keep their files until no database stands among them",
        styled(HELP, "note:"),
        squashed.replaces.join(", ")
    ));
    Ok(0)
}

/// Opens the file in the user's editor, and reads it afterwards.
pub(super) async fn edit(
    project: &Project,
    revision: &str,
    output: &Output,
) -> Result<u8, Failure> {
    let failed =
        |error: Error| Failure::Command { error: Box::new(error), root: project.root.clone() };
    let lines = command::show(project, revision).await.map_err(failed)?;
    if lines.is_empty() {
        return Err(Failure::NothingToEdit { symbol: revision.to_owned() });
    }
    let editor = settings::editor().ok_or(Failure::NoEditor)?;
    for line in &lines {
        let path = &line.revision.path;
        // The shell knows the quotes of the variable.
        let script = format!("{editor} \"$@\"");
        let mut command = std::process::Command::new("sh");
        let status = command.args(["-c", &script, "sh"]).arg(path).status();
        let ended = status.map_err(|source| Failure::Editor { editor: editor.clone(), source })?;
        if !ended.success() {
            let source = std::io::Error::other(format!("it ended with {ended}"));
            return Err(Failure::Editor { editor, source });
        }
        let path = project.shown(path);
        if output.json {
            output.json(&json!({ "revision": line.revision.id, "path": path }));
        } else {
            output.progress(format_args!("edited {}", path.display()));
        }
    }
    // What was broken is best said at once.
    project.revisions().map_err(failed)?;
    Ok(0)
}
