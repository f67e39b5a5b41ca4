//! `aludel show`

use aludel::command::{self, ListedRevision};
use aludel::{Error, Project};
use serde_json::Value;

use crate::completing;
use crate::failure::Failure;
use crate::listing::{line_json, print_verbose};
use crate::output::Output;
use clap_complete::ArgValueCandidates;

/// Show one revision and its SQL
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel show head\n  \
    aludel show ae10       the revision whose id begins so\n  \
    aludel show current    where the database is")]
pub(crate) struct Args {
    /// head, an id or the beginning of one, current
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
}

pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let lines = command::show(project, &command::target(&args.revision)?).await?;
    if output.json {
        let mut shown = lines.iter().map(|line| as_json(line, project));
        // An identifier that means one revision is answered by it.
        match (shown.next(), shown.next()) {
            (Some(one), None) => output.json(&one?),
            (first, second) => {
                let all: Result<Vec<Value>, Error> =
                    first.into_iter().chain(second).chain(shown).collect();
                output.json(&Value::from(all?));
            }
        }
        return Ok(0);
    }
    if lines.is_empty() {
        output.progress("that is the base: before every revision");
    }
    for line in &lines {
        print_verbose(line, project, output);
        output.text(text(line)?);
    }
    Ok(0)
}

fn text(line: &ListedRevision) -> Result<&str, Error> {
    line.revision.text().map_err(|problem| Error::Files(vec![problem]))
}

/// Returns a revision with the text of its file.
fn as_json(line: &ListedRevision, project: &Project) -> Result<Value, Error> {
    let mut revision = line_json(line, project);
    revision["text"] = Value::from(text(line)?);
    Ok(revision)
}
