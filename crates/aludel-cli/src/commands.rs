//! One function a command: ask the library, print the answer.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

use aludel::command::{self, Comparison, Current, Line, RevisionOptions};
use aludel::{Direction, Error, Project};
use serde_json::{Value, json};

use crate::args::{Args, Command, RevisionArgs};
use crate::interrupt::{Interrupt, Reporter};
use crate::output::{BOLD, GOOD, HELP, ID, Output, styled};
use crate::report::Failure;
use crate::settings;

/// The exit code when things are not as asked for: `check` and `current --check-heads`.
const DIFFERS: u8 = 3;

/// Runs the command; gives the exit code.
pub(crate) async fn run(args: &Args, output: &Output) -> Result<u8, Failure> {
    match &args.command {
        Command::Init { folder } => {
            return init(&settings::directory(&args.global)?.join(folder), output);
        }
        Command::Completions { shell } => return Ok(completions(*shell, output)),
        _ => {}
    }
    let project = settings::project(&args.global)?;
    let work = dispatch(&args.command, &project, output);
    let failed =
        |error: Error| Failure::Command { error: Box::new(error), root: project.root.clone() };
    match &args.command {
        Command::Reflect { output: Some(path) } => reflect_to(&project, path, output).await,
        Command::Upgrade { .. } | Command::Downgrade { .. } => {
            let interrupt = Interrupt::default();
            let run = migrate(&args.command, &project, output, &interrupt);
            interrupt.guard(output, run).await.ok_or(Failure::Interrupted)?.map_err(failed)
        }
        _ => work.await.map_err(failed),
    }
}

async fn dispatch(command: &Command, project: &Project, output: &Output) -> Result<u8, Error> {
    match command {
        Command::Revision(args) => revision(args, project, output).await,
        Command::Current { check_heads } => current(*check_heads, project, output).await,
        Command::History { rev_range, indicate_current } => {
            let lines = command::history(project, rev_range.as_deref(), *indicate_current).await?;
            Ok(revisions(&lines, project, output))
        }
        Command::Heads => Ok(revisions(&command::heads(project)?, project, output)),
        Command::Show { revision } => show(revision, project, output).await,
        Command::Stamp { revisions, purge } => stamp(revisions, *purge, project, output).await,
        Command::Check => check(project, output).await,
        Command::Diff { downgrade } => diff(*downgrade, project, output).await,
        _ => reflect(project, output).await,
    }
}

fn init(folder: &Path, output: &Output) -> Result<u8, Failure> {
    let made = command::init(folder)
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
    output.progress(format_args!(
        "{} say where the database is in aludel.toml, then `aludel revision --autogenerate -m \"initial schema\"`",
        styled(HELP, "next:")
    ));
    Ok(0)
}

fn completions(shell: clap_complete::Shell, output: &Output) -> u8 {
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

async fn revision(args: &RevisionArgs, project: &Project, output: &Output) -> Result<u8, Error> {
    let options = RevisionOptions {
        message: args.message.clone(),
        autogenerate: args.autogenerate,
        id: args.rev_id.clone(),
        head: args.head.clone(),
        splice: args.splice,
        branch_labels: args.branch_label.clone(),
        depends_on: args.depends_on.clone(),
        random: RandomState::new().build_hasher().finish(),
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
            crate::output::BAD,
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

async fn migrate(
    command: &Command,
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Error> {
    let mut reporter = Reporter { output, interrupt: interrupt.clone() };
    let identity = settings::identity();
    let arm = |canceller| interrupt.arm(canceller);
    let (direction, ran) = match command {
        Command::Downgrade { revision } => (
            Direction::Downgrade,
            command::downgrade(project, revision, identity, &mut reporter, arm).await?,
        ),
        Command::Upgrade { revision } => (
            Direction::Upgrade,
            command::upgrade(project, revision, identity, &mut reporter, arm).await?,
        ),
        _ => return Ok(0),
    };
    if output.json {
        output.json(&json!({ "direction": direction.as_str(), "revisions": ran.revisions }));
    } else if ran.revisions.is_empty() {
        output.progress("nothing to do: the database is there already");
    }
    Ok(0)
}

async fn current(check_heads: bool, project: &Project, output: &Output) -> Result<u8, Error> {
    let current = command::current(project).await?;
    if output.json {
        let rows: Vec<Value> = current
            .rows
            .iter()
            .map(|(id, head)| json!({ "revision": id, "known": head.is_some(), "head": head.unwrap_or(false) }))
            .collect();
        output.json(&json!({ "database": current.database, "revisions": rows, "at_heads": current.at_heads }));
    } else {
        print_current(&current, output);
    }
    if check_heads && !current.at_heads {
        output.progress("Database is not on all head revisions");
        return Ok(DIFFERS);
    }
    Ok(0)
}

fn print_current(current: &Current, output: &Output) {
    if output.verbose {
        output.result(format_args!("Current revision(s) for {}:", current.database));
    }
    if current.rows.is_empty() {
        output.progress("the database is at base: no revision is applied");
    }
    for (id, is_head) in &current.rows {
        let mark = match is_head {
            Some(true) => styled(GOOD, " (head)"),
            Some(false) => String::new(),
            None => styled(crate::output::BAD, " (unknown: no revision file has this id)"),
        };
        output.result(format_args!("{}{mark}", styled(ID, id)));
    }
}

fn revisions(lines: &[Line], project: &Project, output: &Output) -> u8 {
    if output.json {
        let all: Vec<Value> = lines.iter().map(|line| line_json(line, project)).collect();
        output.json(&Value::Array(all));
        return 0;
    }
    for line in lines {
        if output.verbose {
            print_verbose(line, project, output);
        } else {
            output.result(one_line(line));
        }
    }
    0
}

/// `<base> -> ae10 (label) (head) (current), message`
fn one_line(line: &Line) -> String {
    let revision = &line.revision;
    let down = if revision.down_revisions.is_empty() {
        "<base>".to_owned()
    } else {
        revision.down_revisions.join(", ")
    };
    let mut text = down;
    if !revision.depends_on.is_empty() {
        text.push_str(&format!(" ({})", revision.depends_on.join(", ")));
    }
    text.push_str(&format!(" -> {}", styled(ID, &revision.id)));
    if !revision.branch_labels.is_empty() {
        text.push_str(&format!(" ({})", revision.branch_labels.join(", ")));
    }
    for (yes, word) in [
        (line.is_head, "head"),
        (line.is_current == Some(true), "current"),
        (line.children.len() > 1, "branchpoint"),
        (revision.down_revisions.len() > 1, "mergepoint"),
    ] {
        if yes {
            text.push_str(&styled(GOOD, format_args!(" ({word})")));
        }
    }
    format!("{text}, {}", revision.message)
}

fn print_verbose(line: &Line, project: &Project, output: &Output) {
    let revision = &line.revision;
    let mut head = String::new();
    for (yes, word) in [(line.is_head, " (head)"), (line.is_current == Some(true), " (current)")] {
        head.push_str(if yes { word } else { "" });
    }
    output.result(format_args!(
        "{} {}{}",
        styled(BOLD, "Rev:"),
        styled(ID, &revision.id),
        styled(GOOD, head)
    ));
    match revision.down_revisions.as_slice() {
        [] => output.result("Parent: <base>"),
        [one] => output.result(format_args!("Parent: {one}")),
        several => output.result(format_args!("Merges: {}", several.join(", "))),
    }
    for (title, values) in [
        ("Also depends on", &revision.depends_on),
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

fn line_json(line: &Line, project: &Project) -> Value {
    let revision = &line.revision;
    json!({
        "revision": revision.id,
        "down_revisions": revision.down_revisions,
        "branch_labels": revision.branch_labels,
        "depends_on": revision.depends_on,
        "message": revision.message,
        "created": revision.created,
        "path": project.shown(&revision.path),
        "head": line.is_head,
        "current": line.is_current,
    })
}

async fn show(revision: &str, project: &Project, output: &Output) -> Result<u8, Error> {
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

async fn stamp(
    targets: &[String],
    purge: bool,
    project: &Project,
    output: &Output,
) -> Result<u8, Error> {
    let mut reporter = Reporter { output, interrupt: Interrupt::default() };
    let rows = command::stamp(project, targets, purge, settings::identity(), &mut reporter).await?;
    if output.json {
        output.json(&json!({ "revisions": rows }));
    } else {
        let rows = if rows.is_empty() { "base".to_owned() } else { rows.join(", ") };
        output.result(format_args!("stamped {}", styled(ID, rows)));
    }
    Ok(0)
}

async fn check(project: &Project, output: &Output) -> Result<u8, Error> {
    let comparison = command::check(project).await?;
    let code = if comparison.is_clean() { 0 } else { DIFFERS };
    if output.json {
        output.json(&comparison_json(&comparison));
        return Ok(code);
    }
    for difference in &comparison.differences {
        print_leftovers(&difference.leftovers, output);
        for operation in &difference.upgrade.operations {
            output.result(format_args!("  {operation}"));
        }
        for impossible in &difference.upgrade.impossible {
            output.result(format_args!("  table {}: {}", impossible.table, impossible.reason));
        }
    }
    if comparison.is_clean() {
        output.result(styled(GOOD, "No new upgrade operations detected."));
    } else {
        output.progress(format_args!(
            "{} `aludel revision --autogenerate -m \"…\"` writes these into a file",
            styled(HELP, "help:")
        ));
    }
    Ok(code)
}

fn comparison_json(comparison: &Comparison) -> Value {
    let differences: Vec<Value> = comparison
        .differences
        .iter()
        .map(|difference| {
            let operations: Vec<String> =
                difference.upgrade.operations.iter().map(ToString::to_string).collect();
            let leftovers: Vec<Value> = difference
                .leftovers
                .iter()
                .map(|leftover| json!({ "kind": leftover.kind, "name": leftover.name.to_string() }))
                .collect();
            json!({
                "dialect": difference.dialect.name(),
                "operations": operations,
                "destructive": difference.destructive(),
                "leftovers": leftovers,
            })
        })
        .collect();
    json!({ "clean": comparison.is_clean(), "differences": differences })
}

/// What the models can't say: the number of each kind, or with `-v` every name.
fn print_leftovers(leftovers: &[aludel::Leftover], output: &Output) {
    if leftovers.is_empty() {
        return;
    }
    if output.verbose {
        for leftover in leftovers {
            output.progress(format_args!(
                "not in the models' notation: {} {}",
                leftover.kind, leftover.name
            ));
        }
        return;
    }
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for leftover in leftovers {
        *kinds.entry(&leftover.kind).or_default() += 1;
    }
    let counts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    output.progress(format_args!("not compared (-v lists them): {}", counts.join(", ")));
}

async fn diff(downgrade: bool, project: &Project, output: &Output) -> Result<u8, Error> {
    let comparison = command::check(project).await?;
    for difference in &comparison.differences {
        let (up, down) = command::rendered(difference);
        if output.json {
            output.json(
                &json!({ "dialect": difference.dialect.name(), "upgrade": up, "downgrade": down }),
            );
        } else {
            let sql = if downgrade { down } else { up };
            if !sql.is_empty() {
                output.result(sql);
            }
        }
    }
    Ok(0)
}

async fn reflect(project: &Project, output: &Output) -> Result<u8, Error> {
    let reflected = command::reflect(project).await?;
    if output.json {
        output
            .json(&json!({ "source": reflected.source, "leftovers": leftovers_json(&reflected) }));
        return Ok(0);
    }
    output.text(&reflected.source);
    summary(&reflected, output);
    Ok(0)
}

fn leftovers_json(reflected: &command::Reflected) -> Vec<Value> {
    let one = |l: &aludel::Leftover| json!({ "kind": l.kind, "name": l.name.to_string() });
    reflected.leftovers.iter().map(one).collect()
}

async fn reflect_to(project: &Project, path: &Path, output: &Output) -> Result<u8, Failure> {
    let reflected = command::reflect(project)
        .await
        .map_err(|error| Failure::Command { error: Box::new(error), root: project.root.clone() })?;
    let path = project.root.join(path);
    let failed = |source| Failure::Write { path: path.clone(), source };
    // A file that is there is somebody's.
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, reflected.source.as_bytes()).map_err(failed)?;
    if output.json {
        output.json(
            &json!({ "path": project.shown(&path), "leftovers": leftovers_json(&reflected) }),
        );
        return Ok(0);
    }
    output.result(format_args!("created {}", project.shown(&path).display()));
    summary(&reflected, output);
    Ok(0)
}

fn summary(reflected: &command::Reflected, output: &Output) {
    output.progress(format_args!("{} tables, {} enum types", reflected.tables, reflected.enums));
    for leftover in &reflected.leftovers {
        output.progress(format_args!(
            "not in the models' notation: {} {}",
            leftover.kind, leftover.name
        ));
    }
}
