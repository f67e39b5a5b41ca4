//! Reports of imports that can't be done.

use std::path::Path;

use aludel::{FileProblem, ImportError};

use crate::report_text::{Report, placed, server_facts, three};
use crate::server_help::server_help;

/// Returns the reports of an import: one for each place in a file, or one.
pub(crate) fn import(error: &ImportError, root: &Path) -> Vec<Report> {
    let what = error.to_string();
    let one = |facts: &[String], help: &str| vec![three(&what, facts, help)];
    match error {
        ImportError::Files { problems, .. } => {
            places(problems, root, "nothing was written; mend the files, or a copy of them")
        }
        ImportError::Unreadable { problems, .. } => places(
            problems,
            root,
            "`--with-gaps` writes these as gaps to be filled by hand; docs/import.md says how to \
             begin with the schema of the database instead",
        ),
        ImportError::Empty { expected, .. } => {
            one(&[format!("expected: {expected}")], "name the folder of the migrations")
        }
        ImportError::Io { .. } => one(&[], "name the folder of the migrations"),
        ImportError::Program { .. } => one(
            &[],
            "run it where Alembic works: in its virtual environment, or name its Python by \
             `--python PROGRAM`, and set what its env.py needs",
        ),
        ImportError::OtherDialect { .. } => one(
            &[],
            "the URL in Alembic's configuration says for which database; set it for this import",
        ),
        ImportError::Failed { tool, .. } => one(
            &["nothing was written".into()],
            &format!("mend the database and the row as {tool} says, then import again"),
        ),
        ImportError::NoFile { .. } => one(
            &["nothing was written".into()],
            "bring the files back, from another branch or from the deployed version",
        ),
        ImportError::Hole { tool, .. } => one(
            &["nothing was written".into()],
            &format!("apply what is missing by {tool} first, then import"),
        ),
        ImportError::NoTable { .. } => one(
            &[],
            "is it the right database? `--from-table` names a table of another name or schema",
        ),
        ImportError::Driver(error) => one(&server_facts(error), &server_help(error, "")),
    }
}

/// Returns a report for each place. The remedy is the same for all of them.
fn places(problems: &[FileProblem], root: &Path, help: &str) -> Vec<Report> {
    let each = problems.iter().map(|p| placed(&p.message, root, &p.path, p.line, None));
    let mut reports: Vec<Report> = each.collect();
    reports.last_mut().into_iter().for_each(|last| help.clone_into(&mut last.help));
    reports
}
