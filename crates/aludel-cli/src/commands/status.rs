//! `aludel status`

use aludel::command::{self, Status};
use aludel::{Error, Project};
use serde_json::json;

use crate::codes;
use crate::failure::{Context, Failure};
use crate::listing::{
    begun_json, elsewhere_json, elsewhere_note, gone_json, lines_json, named, print_gone,
    unfinished, unknown_mark,
};
use crate::output::{BAD, BOLD, GOOD, HELP, ID, Output, styled};
use crate::report::of_error;
use crate::settings::{self, Sources};
use crate::words::count as counted;

/// Show where the database is and what an upgrade would run
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel status\n  \
    aludel status --json\n  \
    aludel status --database-url postgresql://localhost/other")]
pub(crate) struct Args {}

pub(super) async fn run(
    project: &Project,
    sources: &Sources,
    output: &Output,
) -> Result<u8, Failure> {
    let status = command::status(project, settings::identity()).await?;
    print_gone(&status.gone, output);
    if let Some(elsewhere) = &status.elsewhere {
        output.progress(elsewhere_note(elsewhere));
    }
    if output.json {
        output.json(&json!({
            "database": status.database,
            "current": lines_json(&status.current, project),
            "unknown": status.unknown,
            "heads": lines_json(&status.heads, project),
            "pending": lines_json(&status.pending, project),
            "refused": status.refused.as_deref().map(|error| {
                json!({ "code": codes::of_error(error), "message": error.to_string() })
            }),
            "overlapping": status.overlap.as_ref().map(|overlap| &overlap.revision),
            "edited": status.edited,
            "begun": begun_json(&status.begun),
            "gone": gone_json(&status.gone),
            "elsewhere": elsewhere_json(status.elsewhere.as_ref()),
        }));
        return Ok(0);
    }
    let row = |title: &str, text: String| {
        output.result(format_args!("{} {text}", styled(BOLD, format_args!("{title:<9}"))));
    };
    row("database", status.database.clone());
    row("at", place(&status));
    row("heads", named(&status.heads).unwrap_or_else(|| "none: there is no revision".to_owned()));
    row(
        "would run",
        match &status.refused {
            Some(error) => refusal(error, &sources.context(project)),
            None => pending(&status),
        },
    );
    for begun in &status.begun {
        row("begun", styled(BAD, unfinished(begun)));
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

/// Returns the reason why an upgrade is refused, and what to do about it.
fn refusal(error: &Error, context: &Context) -> String {
    let report = of_error(error, context).into_iter().next().unwrap_or_default();
    let place = report.place.map(|place| format!(" ({place})")).unwrap_or_default();
    let why = format!("nothing: an upgrade is refused: {}{place}", report.message);
    let facts: String = report.facts.iter().map(|fact| format!("\n          {fact}")).collect();
    let help = match report.help.as_str() {
        "" => String::new(),
        help => format!("\n          {} {help}", styled(HELP, "help:")),
    };
    format!("{}{facts}{help}", styled(BAD, why))
}

fn pending(status: &Status) -> String {
    const SHOWN: usize = 3;
    let count = status.pending.len();
    if count == 0 {
        return styled(GOOD, "nothing");
    }
    let mut first = named(&status.pending[..count.min(SHOWN)]).unwrap_or_default();
    if count > SHOWN {
        first.push_str(&format!(" and {} more", count - SHOWN));
    }
    let target = if status.heads.len() > 1 { "heads" } else { "head" };
    let number = counted(count, "revision");
    format!("{number} by {}: {first}", styled(HELP, format_args!("aludel upgrade {target}")))
}
