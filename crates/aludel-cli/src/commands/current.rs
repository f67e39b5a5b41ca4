//! `aludel current`

use aludel::Project;
use aludel::command::{self, Current};
use serde_json::json;

use crate::failure::{DIFFERS, Failure};
use crate::listing::{
    begun_json, elsewhere_json, elsewhere_note, gone_json, lines_json, marks, print_gone,
    print_verbose, unfinished, unknown_mark,
};
use crate::output::{ID, Output, styled};

/// Show where the database is
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel current\n  \
    aludel current -v                with message and file\n  \
    aludel current --check-heads     exit 3 unless everything is applied")]
pub(crate) struct Args {
    /// Exit 3 unless every head is applied
    #[arg(long)]
    check_heads: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let current = command::current(project).await?;
    print_gone(&current.gone, output);
    if let Some(elsewhere) = &current.elsewhere {
        output.progress(elsewhere_note(elsewhere));
    }
    if output.json {
        output.json(&json!({
            "database": current.database,
            "revisions": lines_json(&current.revisions, project),
            "unknown": current.unknown,
            "at_heads": current.at_heads,
            "begun": begun_json(&current.begun),
            "gone": gone_json(&current.gone),
            "elsewhere": elsewhere_json(current.elsewhere.as_ref()),
        }));
    } else {
        print_current(&current, project, output);
    }
    for begun in &current.begun {
        output.progress(format_args!("begun and not finished: {}", unfinished(begun)));
    }
    if args.check_heads && !current.at_heads {
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
