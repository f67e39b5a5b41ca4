//! `aludel doctor`

use aludel::{Error, Finding, Project, command};
use serde_json::json;

use crate::failure::Failure;
use crate::output::{BAD, BOLD, GOOD, HELP, Output, styled};
use crate::report;
use crate::settings::Sources;

/// Examine the configuration, the database and the rights, and change nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel doctor\n  \
    aludel doctor --json\n  \
    aludel doctor --database-url postgresql://localhost/app")]
pub(crate) struct Args {}

/// A line of the examination.
struct Line {
    subject: String,
    found: String,
    problem: Option<String>,
}

impl Line {
    fn fine(subject: &str, found: impl Into<String>) -> Self {
        Self { subject: subject.to_owned(), found: found.into(), problem: None }
    }

    fn of<T>(subject: &str, found: Result<T, Error>, words: impl FnOnce(T) -> String) -> Self {
        match found {
            Ok(found) => Self::fine(subject, words(found)),
            Err(error) => {
                let reports = report::report(&Failure::from(error));
                let first = reports.into_iter().next().unwrap_or_default();
                let (found, help) = (first.message, first.help);
                Self { subject: subject.to_owned(), found, problem: Some(help) }
            }
        }
    }
}

impl From<Finding> for Line {
    fn from(finding: Finding) -> Self {
        Self {
            subject: finding.subject.to_owned(),
            found: finding.found,
            problem: finding.problem.map(str::to_owned),
        }
    }
}

pub(super) async fn run(
    project: &Project,
    sources: &Sources,
    output: &Output,
) -> Result<u8, Failure> {
    let examination = command::doctor(project).await;
    let mut lines = vec![
        Line::fine("program", format!("aludel {}", env!("CARGO_PKG_VERSION"))),
        Line::fine("configuration", sources.configuration.display().to_string()),
        Line::fine("URL from", sources.url.clone()),
        Line::of("revisions", examination.revisions, |count| format!("{count} files")),
        Line::of("models", examination.tables, |count| format!("{count} tables")),
        Line::of("compares", examination.compared, |words| words),
        Line::of("database", examination.database, |url| url),
    ];
    match examination.findings {
        Ok(findings) => lines.extend(findings.into_iter().map(Line::from)),
        Err(error) => lines.push(Line::of("connection", Err::<(), _>(error), |()| String::new())),
    }
    let is_fine = lines.iter().all(|line| line.problem.is_none());
    if output.json {
        let lines = lines.iter().map(
            |line| json!({ "subject": line.subject, "found": line.found, "problem": line.problem }),
        );
        output.json(&json!({ "fine": is_fine, "findings": lines.collect::<Vec<_>>() }));
    } else {
        lines.iter().for_each(|line| print(line, output));
    }
    Ok(u8::from(!is_fine))
}

fn print(line: &Line, output: &Output) {
    let mark = match line.problem {
        None => styled(GOOD, "ok"),
        Some(_) => styled(BAD, "!!"),
    };
    let subject = styled(BOLD, format_args!("{:<17}", line.subject));
    output.result(format_args!("{mark} {subject} {}", line.found));
    if let Some(problem) = line.problem.as_ref().filter(|problem| !problem.is_empty()) {
        output.result(format_args!("   {:<17} {} {problem}", "", styled(HELP, "help:")));
    }
}
