//! Commands that look at the graph and at where a database is in it.

use aludel::command::{self, Current, Line, Status};
use aludel::{Error, Project};
use serde_json::{Value, json};

use super::revise::{conflicts_json, print_conflicts};
use super::{DIFFERS, graph};
use crate::args::HistoryArgs;
use crate::output::{BAD, BOLD, GOOD, HELP, ID, Output, styled};

pub(super) async fn current(
    check_heads: bool,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let current = command::current(project).await?;
    if output.json {
        output.json(&json!({
            "database": current.database,
            "revisions": lines_json(&current.revisions, project),
            "unknown": current.unknown,
            "at_heads": current.at_heads,
        }));
    } else {
        print_current(&current, project, output);
    }
    if check_heads && !current.at_heads {
        output.progress("Database is not on all head revisions");
        return Ok(DIFFERS);
    }
    Ok(0)
}

fn print_current(current: &Current, project: &Project, output: &Output) {
    if output.verbose {
        output.result(format_args!("Current revision(s) for {}:", current.database));
    }
    if current.revisions.is_empty() && current.unknown.is_empty() {
        output.progress("the database is at base: no revision is applied");
    }
    for line in &current.revisions {
        if output.verbose {
            print_verbose(line, project, output);
        } else {
            output.result(format_args!("{}{}", styled(ID, &line.revision.id), marks(line)));
        }
    }
    for id in &current.unknown {
        output.result(format_args!("{}{}", styled(ID, id), unknown_mark()));
    }
}

fn unknown_mark() -> String {
    styled(BAD, " (unknown: no revision file has this id)")
}

/// ` (head)`, or ` (effective head)` for one that another branch depends on.
fn head_mark(line: &Line) -> String {
    match (line.is_head, line.is_implied) {
        (true, true) => styled(GOOD, " (effective head)"),
        (true, false) => styled(GOOD, " (head)"),
        _ => String::new(),
    }
}

pub(super) async fn status(project: &Project, output: &Output) -> Result<u8, Error> {
    let status = command::status(project).await?;
    if output.json {
        output.json(&json!({
            "database": status.database,
            "current": lines_json(&status.current, project),
            "unknown": status.unknown,
            "heads": lines_json(&status.heads, project),
            "pending": lines_json(&status.pending, project),
            "edited": status.edited,
            "begun": status.begun,
        }));
        return Ok(0);
    }
    let row = |title: &str, text: String| {
        output.result(format_args!("{} {text}", styled(BOLD, format_args!("{title:<9}"))));
    };
    row("database", status.database.clone());
    row("at", place(&status));
    row("heads", named(&status.heads).unwrap_or_else(|| "none: there is no revision".to_owned()));
    row("would run", pending(&status));
    if !status.begun.is_empty() {
        let begun = status.begun.join(", ");
        row("begun", styled(BAD, format_args!("{begun}: the next upgrade goes on with it")));
    }
    if !status.edited.is_empty() {
        row("edited", styled(BAD, format_args!("{} since applied", status.edited.join(", "))));
    }
    Ok(0)
}

fn place(status: &Status) -> String {
    let unknown = status.unknown.iter().map(|id| format!("{}{}", styled(ID, id), unknown_mark()));
    let parts: Vec<String> = named(&status.current).into_iter().chain(unknown).collect();
    if parts.is_empty() { "base: nothing is applied".to_owned() } else { parts.join(", ") }
}

/// `ae10 add status, b2 …`
fn named(lines: &[Line]) -> Option<String> {
    let name = |line: &Line| format!("{} {}", styled(ID, &line.revision.id), line.revision.message);
    let names: Vec<String> = lines.iter().map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn pending(status: &Status) -> String {
    const SHOWN: usize = 3;
    let count = status.pending.len();
    if !status.unknown.is_empty() {
        return styled(BAD, "nothing: an upgrade refuses a row that no file knows");
    }
    if count == 0 {
        return styled(GOOD, "nothing");
    }
    let mut first = named(&status.pending[..count.min(SHOWN)]).unwrap_or_default();
    if count > SHOWN {
        first.push_str(&format!(" and {} more", count - SHOWN));
    }
    let target = if status.heads.len() > 1 { "heads" } else { "head" };
    let noun = if count == 1 { "revision" } else { "revisions" };
    format!("{count} {noun} by {}: {first}", styled(HELP, format_args!("aludel upgrade {target}")))
}

pub(super) async fn history(
    args: &HistoryArgs,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let range = args.rev_range.as_deref();
    // A drawing shows what is applied, if there is a database to ask.
    let indicate = args.indicate_current || (args.graph && project.url.is_some());
    let lines = command::history(project, range, indicate).await?;
    if !args.graph || output.json {
        return Ok(revisions(&lines, project, output));
    }
    let nodes: Vec<graph::Node<'_>> = lines
        .iter()
        .map(|line| graph::Node {
            id: &line.revision.id,
            parents: &line.revision.down_revisions,
            filled: line.is_applied == Some(true),
        })
        .collect();
    for (drawn, line) in graph::draw(&nodes).iter().zip(&lines) {
        drawn.before.iter().for_each(|lanes| output.result(lanes));
        let lanes = drawn.node.replace('●', &styled(GOOD, '●'));
        output.result(format_args!("{lanes} {}", without_parents(line)));
        drawn.after.iter().for_each(|lanes| output.result(lanes));
    }
    Ok(0)
}

pub(super) fn heads(resolve: bool, project: &Project, output: &Output) -> Result<u8, Error> {
    Ok(revisions(&command::heads(project, resolve)?, project, output))
}

/// For CI: one head, or an answer that says how to get there.
pub(super) fn check_heads(project: &Project, output: &Output) -> Result<u8, Error> {
    let heads = command::heads(project, false)?;
    let several = heads.len() > 1;
    let conflicts = match several {
        // Without a database nobody knows the dialect, and there is nothing to say of its SQL.
        true => command::conflicts(project, &["heads".to_owned()]).unwrap_or_default(),
        false => Vec::new(),
    };
    if output.json {
        output.json(&json!({
            "clean": !several,
            "heads": lines_json(&heads, project),
            "conflicts": conflicts_json(&conflicts),
        }));
    } else if several {
        output.result(format_args!("{} heads:", heads.len()));
        heads.iter().for_each(|line| output.result(format_args!("  {}", one_line(line))));
        print_conflicts(&conflicts, output);
        output.progress(format_args!(
            "{} `aludel merge heads` joins them, `aludel rebase REV` puts one onto the other",
            styled(HELP, "help:")
        ));
    } else {
        output.result(styled(GOOD, "One head."));
    }
    Ok(if several { DIFFERS } else { 0 })
}

pub(super) fn branches(project: &Project, output: &Output) -> Result<u8, Error> {
    let branches = command::branches(project)?;
    if output.json {
        let points = branches.iter().map(|(point, children)| {
            json!({ "revision": line_json(point, project), "branches": lines_json(children, project) })
        });
        output.json(&Value::Array(points.collect()));
        return Ok(0);
    }
    for (point, children) in &branches {
        if output.verbose {
            print_verbose(point, project, output);
        } else {
            output.result(without_parents(point));
        }
        for child in children {
            output.result(format_args!("    -> {}", without_parents(child)));
        }
    }
    Ok(0)
}

fn revisions(lines: &[Line], project: &Project, output: &Output) -> u8 {
    if output.json {
        output.json(&lines_json(lines, project));
        return 0;
    }
    if output.verbose {
        lines.iter().for_each(|line| print_verbose(line, project, output));
    } else {
        // A long history is one piece of output, not thousands.
        let text: String = lines.iter().map(|line| format!("{}\n", one_line(line))).collect();
        output.text(&text);
    }
    0
}

/// `<base> -> ae10 (label) (head) (current), message`
fn one_line(line: &Line) -> String {
    let revision = &line.revision;
    let mut down = match revision.down_revisions.as_slice() {
        [] => "<base>".to_owned(),
        parents => parents.join(", "),
    };
    if !revision.depends_on.is_empty() {
        down.push_str(&format!(" ({})", revision.depends_on.join(", ")));
    }
    format!("{down} -> {}", without_parents(line))
}

/// `ae10 (label) (head) (current), message`
fn without_parents(line: &Line) -> String {
    let revision = &line.revision;
    let mut text = styled(ID, &revision.id);
    if !revision.branch_labels.is_empty() {
        text.push_str(&format!(" ({})", revision.branch_labels.join(", ")));
    }
    let current = if line.is_current == Some(true) { " (current)" } else { "" };
    text.push_str(&format!("{}{}", styled(GOOD, current), marks(line)));
    if !revision.replaces.is_empty() {
        text.push_str(&format!(" (replaces {})", revision.replaces.len()));
    }
    format!("{text}, {}", revision.message)
}

/// ` (head) (branchpoint) (mergepoint)`
fn marks(line: &Line) -> String {
    let mut text = head_mark(line);
    for (yes, word) in [
        (line.children.len() > 1, "branchpoint"),
        (line.revision.down_revisions.len() > 1, "mergepoint"),
    ] {
        if yes {
            text.push_str(&styled(GOOD, format_args!(" ({word})")));
        }
    }
    text
}

fn print_verbose(line: &Line, project: &Project, output: &Output) {
    let revision = &line.revision;
    let current = if line.is_current == Some(true) { " (current)" } else { "" };
    let head = format!("{}{}", head_mark(line), styled(GOOD, current));
    output.result(format_args!("{} {}{}", styled(BOLD, "Rev:"), styled(ID, &revision.id), head));
    match revision.down_revisions.as_slice() {
        [] => output.result("Parent: <base>"),
        [one] => output.result(format_args!("Parent: {one}")),
        several => output.result(format_args!("Merges: {}", several.join(", "))),
    }
    for (title, values) in [
        ("Also depends on", &revision.depends_on),
        ("Replaces", &revision.replaces),
        ("Branch names", &revision.branch_labels),
        ("Branches into", &line.children),
    ] {
        if !values.is_empty() && (title != "Branches into" || values.len() > 1) {
            output.result(format_args!("{title}: {}", values.join(", ")));
        }
    }
    output.result(format_args!("Path: {}", project.shown(&revision.path).display()));
    if let Some(created) = &revision.created {
        output.result(format_args!("Created: {created}"));
    }
    output.result(format_args!("\n    {}\n", revision.message));
}

fn lines_json(lines: &[Line], project: &Project) -> Value {
    lines.iter().map(|line| line_json(line, project)).collect()
}

fn line_json(line: &Line, project: &Project) -> Value {
    let revision = &line.revision;
    json!({
        "revision": revision.id,
        "down_revisions": revision.down_revisions,
        "branch_labels": revision.branch_labels,
        "depends_on": revision.depends_on,
        "replaces": revision.replaces,
        "message": revision.message,
        "created": revision.created,
        "path": project.shown(&revision.path),
        "head": line.is_head,
        "effective_head": line.is_implied,
        "current": line.is_current,
        "applied": line.is_applied,
    })
}

pub(super) async fn show(revision: &str, project: &Project, output: &Output) -> Result<u8, Error> {
    let lines = command::show(project, revision).await?;
    if output.json {
        return Ok(revisions(&lines, project, output));
    }
    if lines.is_empty() {
        output.progress("that is the base: before every revision");
    }
    for line in &lines {
        print_verbose(line, project, output);
        output.text(line.revision.text());
    }
    Ok(0)
}
