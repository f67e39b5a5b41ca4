//! `aludel reflect`

use std::path::{Path, PathBuf};

use aludel::Project;
use aludel::command::{self, ReflectOptions, Reflected};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::plan_text::leftovers_json;

/// Write models for the tables that the database holds, and object files for its views and domains
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel reflect                      print the models\n  \
    aludel reflect -o src/models.rs     write them, and objects/*.sql beside aludel.toml")]
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
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
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
    let files = command::write_reflected(project, reflected, &options)?;
    let shown: Vec<PathBuf> = files.iter().map(|path| project.shown(path)).collect();
    if output.json {
        output.json(&json!({
            "path": shown.first(),
            "files": shown,
            "leftovers": leftovers_json(&reflected.leftovers),
        }));
        return Ok(());
    }
    shown.iter().for_each(|path| output.result(format_args!("created {}", path.display())));
    Ok(())
}

fn print_summary(reflected: &Reflected, output: &Output) {
    let count = |number: usize, noun: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {noun}{plural}")
    };
    let (tables, enums) = (count(reflected.tables, "table"), count(reflected.enums, "enum type"));
    output.progress(format_args!("{tables}, {enums}"));
    for leftover in &reflected.leftovers {
        output.progress(format_args!("not in the models' notation: {leftover}"));
    }
}
