//! `aludel import`

use std::path::PathBuf;

use aludel::command::{self, Books, ImportOptions, Imported};
use aludel::{FileProblem, Note, Project, Tool};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{GOOD, HELP, ID, Output, styled};
use crate::progress::Reporter;
use crate::settings;
use crate::words::count;

/// Take over the history of another tool: its files become revisions, its books become ours
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    aludel import alembic . --dry-run             what would be written and recorded\n  \
    aludel import sqlx migrations                 files, and what the database says is applied\n  \
    aludel import diesel migrations --no-stamp    only the files\n  \
    aludel import sqlx --stamp-only               on another database, when the files are there\n\n\
    Nothing of the other tool is changed: see docs/import.md")]
pub(crate) struct Args {
    /// The tool
    #[arg(value_parser = tool_names())]
    tool: String,
    /// The folder of its migrations; for Alembic the folder of alembic.ini
    #[arg(required_unless_present = "stamp_only")]
    path: Option<PathBuf>,
    /// Show what would be written and recorded, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Write files only, and ask no database
    #[arg(long, conflicts_with = "stamp_only")]
    no_stamp: bool,
    /// Record what the tool has applied, for revisions that were imported before
    #[arg(long, conflicts_with = "path")]
    stamp_only: bool,
    /// The table in which the tool keeps its books, if it has another name than usual
    #[arg(long, value_name = "TABLE")]
    from_table: Option<String>,
    /// Write what can't be read as SQL as a gap, to be filled by hand
    #[arg(long)]
    with_gaps: bool,
    /// The value of a placeholder of Flyway
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    placeholder: Vec<(String, String)>,
    /// The Python in which Alembic is installed
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: String,
    /// The folder of the new files, where `revisions` has several
    #[arg(long, value_name = "DIR")]
    version_path: Option<PathBuf>,
}

fn tool_names() -> clap::builder::PossibleValuesParser {
    Tool::ALL.map(Tool::name).into()
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let Some(tool) = Tool::from_name(&args.tool) else { return Ok(2) };
    let options = ImportOptions {
        tool,
        path: args.path.clone(),
        python: args.python.clone(),
        placeholders: args.placeholder.iter().cloned().collect(),
        table: args.from_table.clone(),
        stamp: !args.no_stamp,
        dry_run: args.dry_run,
        with_gaps: args.with_gaps,
        folder: args.version_path.clone(),
    };
    let mut reporter = Reporter::new(output, Interrupt::default());
    let imported = command::import(project, &options, settings::identity(), &mut reporter).await?;
    if output.json {
        output.json(&as_json(args, &imported, project));
    } else {
        print(args, tool, &imported, project, output);
    }
    Ok(0)
}

fn as_json(args: &Args, imported: &Imported, project: &Project) -> Value {
    let files = imported.files.iter().map(|file| {
        json!({
            "revision": file.id,
            "path": project.shown(&file.path),
            "from": project.shown(&file.origin),
            "new": file.is_new,
        })
    });
    let (table, applied, rows) = match &imported.books {
        Books::NotAsked => (None, None, None),
        Books::NoTable { table } => (Some(table), None, None),
        Books::Recorded { table, applied, rows } => (Some(table), Some(applied), Some(rows)),
    };
    json!({
        "tool": args.tool,
        "dry_run": args.dry_run,
        "files": files.collect::<Vec<_>>(),
        "gaps": imported.gaps.iter().map(gap_json).collect::<Vec<_>>(),
        "notes": imported.notes.iter().map(note_json).collect::<Vec<_>>(),
        "table": table,
        "applied": applied,
        "stamped": rows,
    })
}

fn note_json(note: &Note) -> Value {
    json!({ "path": note.path, "message": note.message })
}

fn gap_json(gap: &FileProblem) -> Value {
    json!({ "path": gap.path, "line": gap.line, "reason": gap.message })
}

fn print(args: &Args, tool: Tool, imported: &Imported, project: &Project, output: &Output) {
    let (creates, stamps) = match args.dry_run {
        true => ("would create", "would stamp"),
        false => ("created", "stamped"),
    };
    for file in imported.files.iter().filter(|file| file.is_new) {
        let path = project.shown(&file.path);
        output.result(format_args!("{creates} {}", path.display()));
    }
    for note in &imported.notes {
        output.progress(format_args!("{}: {}", note.path.display(), note.message));
    }
    for gap in &imported.gaps {
        output.progress(format_args!("gap: {}:{}: {}", gap.path.display(), gap.line, gap.message));
    }
    if !imported.gaps.is_empty() {
        let help = styled(HELP, "help:");
        output.progress(format_args!("{help} `aludel check --heads` lists what has to be written"));
    }
    match &imported.books {
        Books::NotAsked => output.progress("no database was asked: nothing is recorded as applied"),
        Books::NoTable { table } => output.progress(format_args!(
            "the database has no table {table} of {tool}: nothing is recorded as applied"
        )),
        Books::Recorded { rows, .. } => {
            let rows = if rows.is_empty() { "base".to_owned() } else { rows.join(", ") };
            output.result(format_args!("{stamps} {}", styled(ID, rows)));
        }
    }
    output.progress(styled(GOOD, summary(imported)));
}

fn summary(imported: &Imported) -> String {
    let new = imported.files.iter().filter(|file| file.is_new).count();
    let there = imported.files.len() - new;
    let mut parts = vec![count(new, "new file")];
    if there > 0 {
        parts.push(format!("{there} there already"));
    }
    if let Books::Recorded { applied, .. } = &imported.books {
        parts.push(format!("{} applied", count(applied.len(), "revision")));
    }
    parts.join(", ")
}
