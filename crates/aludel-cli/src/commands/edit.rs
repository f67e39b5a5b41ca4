//! `aludel edit`

use aludel::Project;
use aludel::command;
use serde_json::json;

use crate::completing;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings;
use clap_complete::ArgValueCandidates;

/// Open a revision in $VISUAL or $EDITOR
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel edit head\n  \
    aludel edit ae10       the revision whose id begins so")]
pub(crate) struct Args {
    /// head, an id or the beginning of one, current
    #[arg(allow_negative_numbers = true, add = ArgValueCandidates::new(completing::revisions))]
    revision: String,
}

/// Opens the file in the user's editor, and reads all revisions afterwards.
pub(super) async fn run(args: &Args, project: &Project, output: &Output) -> Result<u8, Failure> {
    let lines = command::show(project, &command::target(&args.revision)?).await?;
    if lines.is_empty() {
        return Err(Failure::NothingToEdit { symbol: args.revision.clone() });
    }
    let editor = settings::editor().ok_or(Failure::NoEditor)?;
    for line in &lines {
        let path = &line.revision.path;
        // The shell interprets quotes in the variable.
        let script = format!("{editor} \"$@\"");
        let mut command = std::process::Command::new("sh");
        let status = command.args(["-c", &script, "sh"]).arg(path).status();
        let ended = status.map_err(|source| Failure::Editor { editor: editor.clone(), source })?;
        if !ended.success() {
            let source = std::io::Error::other(format!("it ended with {ended}"));
            return Err(Failure::Editor { editor, source });
        }
        let path = project.shown(path);
        if output.json {
            output.json(&json!({ "revision": line.revision.id, "path": path }));
        } else {
            output.progress(format_args!("edited {}", path.display()));
        }
    }
    // A revision that the edit has broken is reported at once.
    project.revisions()?;
    Ok(0)
}
