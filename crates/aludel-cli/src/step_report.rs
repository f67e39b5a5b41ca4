//! Reports of steps in Rust that this program can't run.

use std::path::Path;

use aludel::StepPlace;

use crate::report_text::{Report, placed};

/// The remedy for a step that is not there.
const OWN_PROGRAM: &str = "run it by the project's own `aludel`, which registers its steps: \
    docs/embedding.md, \"A project's own `aludel`\"";

/// Returns the report of a step that is not registered. `meant` is the one that is spelled almost
/// the same.
pub(crate) fn unknown(
    at: &StepPlace,
    registered: &[String],
    meant: Option<&str>,
    root: &Path,
) -> Report {
    let there = match registered {
        [] => "a step is a function in Rust, and this program registers none".to_owned(),
        steps => format!("registered: {}", steps.join(", ")),
    };
    let help = match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => OWN_PROGRAM.to_owned(),
    };
    let facts = vec![there, "nothing was run".to_owned()];
    Report { facts, help, ..report(at, "is not in this program", root) }
}

/// Returns the report of a step in a range that is to be printed as a script.
pub(crate) fn in_script(at: &StepPlace, root: &Path) -> Report {
    let facts = vec!["it is a function in Rust".to_owned(), "nothing was printed".to_owned()];
    let help = "run it by `aludel upgrade`, or print the range before it".to_owned();
    Report { facts, help, ..report(at, "can't stand in a script", root) }
}

fn report(at: &StepPlace, what: &str, root: &Path) -> Report {
    let StepPlace { revision, path, line, step } = at;
    let what = format!("revision {revision} runs the step `{step}`, which {what}");
    placed(&what, root, path.strip_prefix(root).unwrap_or(path), *line, None)
}
