//! `aludel diagram`

use aludel::command::{self, DiagramOptions};
use aludel::{DiagramFormat, Project};
use clap::ValueEnum;
use clap_complete::ArgValueCandidates;
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::output::Output;

/// Draw the tables and their references
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel diagram > schema.mmd\n  aludel diagram documents\n  \
    aludel diagram --format svg > schema.svg")]
pub(crate) struct Args {
    /// Only these tables and their neighbours
    #[arg(add = ArgValueCandidates::new(completing::tables))]
    tables: Vec<String>,
    /// The source of the diagram
    #[arg(long, value_name = "WHAT", default_value = "models")]
    from: From,
    /// The language; svg is a picture
    #[arg(long, value_name = "LANGUAGE", default_value = "mermaid")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    Models,
    Database,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Mermaid,
    Dot,
    Svg,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let options = DiagramOptions {
        tables: args.tables.clone(),
        from_database: matches!(args.from, From::Database),
        format: match args.format {
            Format::Mermaid => DiagramFormat::Mermaid,
            Format::Dot => DiagramFormat::Dot,
            Format::Svg => DiagramFormat::Svg,
        },
    };
    let text = command::diagram(project, &options).await?;
    if output.json {
        output.json(&json!({ "diagram": text }));
    } else {
        output.text(&text);
    }
    Ok(0)
}
