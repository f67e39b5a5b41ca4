//! `aludel log`

use aludel::{LogFilter, LogLine, LogOutcome, Project, command};
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::output::{BAD, GOOD, ID, Output, styled};
use clap_complete::ArgValueCandidates;

/// Show what ran on the database: when, for how long, by whom, and what failed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel log -n 5\n  aludel log --revision ae10\n  \
    aludel log --revision ae10 --text > ae10.sql   bring its file back\n  \
    aludel -v log                with the beginnings of statements outside a transaction")]
pub(crate) struct Args {
    /// The number of lines; 0 for all
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20)]
    lines: usize,
    /// Only of the revision whose id begins so
    #[arg(long, value_name = "ID", add = ArgValueCandidates::new(completing::ids))]
    revision: Option<String>,
    /// Print the text that the revision had when it was applied, for a file that is gone
    #[arg(long, requires = "revision")]
    text: bool,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    if let Some(revision) = args.revision.as_ref().filter(|_| args.text) {
        let (revision, text) = command::text_in_journal(project, revision).await?;
        match output.json {
            true => output.json(&json!({ "revision": revision, "text": text })),
            false => output.text(&text),
        }
        return Ok(0);
    }
    let filter = LogFilter {
        limit: (args.lines > 0).then_some(args.lines),
        revision: args.revision.clone(),
        outcomes: !output.verbose,
    };
    let lines = command::log(project, &filter).await?;
    if output.json {
        output.json(&lines.iter().map(as_json).collect());
    } else if lines.is_empty() {
        output.progress("nothing has run");
    } else {
        lines.iter().for_each(|line| output.result(as_text(line)));
    }
    Ok(0)
}

fn as_json(line: &LogLine) -> serde_json::Value {
    let (outcome, error) = match &line.outcome {
        LogOutcome::Done => ("done", None),
        LogOutcome::Failed(error) => ("failed", Some(error)),
        LogOutcome::Paused => ("paused", None),
        LogOutcome::Began => ("began", None),
        LogOutcome::Unknown => ("unknown", None),
    };
    json!({
        "revision": line.revision,
        "event": line.event,
        "statement": line.statement,
        "outcome": outcome,
        "error": error,
        "progress": line.progress,
        "started": line.started,
        "finished": line.finished,
        "duration_ms": line.duration_ms,
        "who": line.who,
        "host": line.host,
        "tool": line.tool,
    })
}

fn as_text(line: &LogLine) -> String {
    let (event, is_assumed) = match line.event.strip_prefix("assume ") {
        Some(event) => (event, true),
        None => (line.event.trim_start_matches("begin "), false),
    };
    let what = match (line.statement, &line.outcome) {
        (
            Some(done),
            LogOutcome::Failed(_) | LogOutcome::Paused | LogOutcome::Began | LogOutcome::Unknown,
        ) => format!("{event}, behind statement {done}"),
        (Some(done), LogOutcome::Done) => format!("{event}, up to statement {done}"),
        (None, _) => event.to_owned(),
    };
    let took = format!("{:.0} ms", line.duration_ms);
    let after = |word: &str| match &line.progress {
        Some(progress) => format!(" {word} {progress}"),
        None => String::new(),
    };
    let outcome = match &line.outcome {
        LogOutcome::Done if is_assumed => styled(GOOD, "assumed to be done"),
        LogOutcome::Done => format!("{} in {took}{}", styled(GOOD, "done"), after("after")),
        LogOutcome::Failed(error) => {
            format!("{}{}: {error}", styled(BAD, "failed"), after("after"))
        }
        LogOutcome::Paused => format!("paused{}", after("after")),
        LogOutcome::Began => "began".to_owned(),
        LogOutcome::Unknown => {
            let at_least = after("after at least");
            styled(BAD, format_args!("began, and its outcome is not recorded{at_least}"))
        }
    };
    let from: Vec<&str> =
        [&line.who, &line.host].into_iter().flatten().map(String::as_str).collect();
    let tool = line.tool.as_deref().unwrap_or_default();
    let by = if from.is_empty() { String::new() } else { format!(" by {}", from.join("@")) };
    format!("{} {} {what}: {outcome}{by}, {tool}", line.finished, styled(ID, &line.revision))
}
