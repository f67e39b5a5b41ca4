//! `aludel reflect`

use std::path::{Path, PathBuf};

use aludel::command::{self, ReflectOptions, Reflected};
use aludel::{ForeignNotation, Project};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{BAD, HELP, Output, styled};
use crate::plan_text::{leftovers_json, uncompared_json};
use crate::words::count;

/// Write models for the tables of a database, and object files for everything else in it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel reflect                      print the models\n  \
    aludel reflect -o src/models.rs     write them, and objects/*.sql beside aludel.toml\n  \
    aludel reflect --from diesel src/schema.rs -o src/models.rs\n  \
    aludel reflect --from sea-orm src/entities -o src/models.rs")]
pub(crate) struct Args {
    /// The file of the models; by default they are printed, and no object file is written
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The folder of the object files
    #[arg(long, value_name = "DIR", default_value = "objects")]
    objects: PathBuf,
    /// Replace files that are there
    #[arg(long)]
    force: bool,
    /// Read the declarations of another library instead of the database
    #[arg(long, value_name = "LIBRARY", requires = "files", value_parser = notations())]
    from: Option<String>,
    /// The files or folders with these declarations
    #[arg(requires = "from")]
    files: Vec<PathBuf>,
}

fn notations() -> clap::builder::PossibleValuesParser {
    ForeignNotation::ALL.map(ForeignNotation::name).into()
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    if let Some(notation) = args.from.as_deref().and_then(ForeignNotation::from_name) {
        return from_source(args, notation, project, output);
    }
    let reflected = command::reflect(project).await?;
    match &args.output {
        Some(models) => write(args, models, &reflected, project, output)?,
        None => print(&reflected, output),
    }
    if !output.json {
        print_summary(&reflected, output);
    }
    Ok(0)
}

/// Writes or prints the models that other declarations stand for.
fn from_source(
    args: &Args,
    notation: ForeignNotation,
    project: &Project,
    output: &Output,
) -> Result<u8, Failure> {
    let found = command::reflect_source(project, notation, &args.files)?;
    let path = args.output.as_ref().map(|models| {
        let options = ReflectOptions {
            models: models.clone(),
            objects: args.objects.clone(),
            force: args.force,
        };
        command::write_models(project, &found.source, &options)
    });
    let path = path.transpose()?.map(|path| project.shown(&path));
    if output.json {
        let source = path.is_none().then_some(&found.source);
        output.json(&json!({ "source": source, "path": path, "notes": found.notes }));
        return Ok(0);
    }
    match path {
        Some(path) => output.result(format_args!("created {}", path.display())),
        None => output.text(&found.source),
    }
    output.progress(counts(found.tables, found.enums));
    found.notes.iter().for_each(|note| output.progress(format_args!("unknown: {note}")));
    let help = "`aludel check` compares them with the database";
    output.progress(format_args!("{} {help}", styled(HELP, "help:")));
    Ok(0)
}

fn print(reflected: &Reflected, output: &Output) {
    if !output.json {
        return output.text(&reflected.source);
    }
    let objects = reflected.objects.iter();
    let objects = objects.map(|file| json!({ "name": file.name, "text": file.text }));
    output.json(&json!({
        "source": reflected.source,
        "objects": objects.collect::<Vec<_>>(),
        "leftovers": leftovers_json(&reflected.leftovers),
        "unread": uncompared_json(&reflected.unread),
    }));
}

fn write(
    args: &Args,
    models: &Path,
    reflected: &Reflected,
    project: &Project,
    output: &Output,
) -> Result<(), Failure> {
    let (models, objects) = (models.to_owned(), args.objects.clone());
    let options = ReflectOptions { models, objects, force: args.force };
    let written = command::write_reflected(project, reflected, &options)?;
    let shown: Vec<PathBuf> = written.files.iter().map(|path| project.shown(path)).collect();
    if output.json {
        output.json(&json!({
            "path": shown.first(),
            "files": shown,
            "others": written.others,
            "leftovers": leftovers_json(&reflected.leftovers),
            "unread": uncompared_json(&reflected.unread),
        }));
        return Ok(());
    }
    shown.iter().for_each(|path| output.result(format_args!("created {}", path.display())));
    for other in &written.others {
        output.progress(format_args!(
            "{} {} stays, and what it declares counts as well: delete it if it is of a former reflection",
            styled(BAD, "warning:"),
            other.display()
        ));
    }
    Ok(())
}

fn print_summary(reflected: &Reflected, output: &Output) {
    output.progress(counts(reflected.tables, reflected.enums));
    for leftover in &reflected.leftovers {
        output.progress(format_args!("not in the models' notation: {leftover}"));
    }
    for unread in &reflected.unread {
        output.progress(format_args!("{} left out: {unread}", styled(BAD, "warning:")));
    }
}

fn counts(tables: usize, enums: usize) -> String {
    format!("{}, {}", count(tables, "table"), count(enums, "enum type"))
}
