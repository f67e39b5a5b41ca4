//! `aludel doctor`

use aludel::command::{Examination, ExaminedModels, ExaminedRevisions, ExaminedUpgrade};
use aludel::{Error, Finding, Project, command};
use serde_json::json;

use crate::failure::{Context, Failure};
use crate::listing::gap_words;
use crate::output::{BAD, BOLD, GOOD, HELP, Output, styled};
use crate::report::{of_error, report};
use crate::report_text::Report;
use crate::settings::{self, Sources};
use crate::words::count;

/// Examine the configuration, the databases and the rights, and change nothing
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel doctor\n  \
    aludel doctor --json\n  \
    aludel doctor --database-url postgresql://localhost/app")]
pub(crate) struct Args {}

/// A line of the examination.
struct Line {
    subject: String,
    found: String,
    facts: Vec<String>,
    /// The consequence or the remedy, if something is wrong.
    problem: Option<String>,
}

impl Line {
    fn fine(subject: &str, found: impl Into<String>) -> Self {
        let (subject, found) = (subject.to_owned(), found.into());
        Self { subject, found, facts: Vec::new(), problem: None }
    }

    fn wrong(subject: &str, report: Report) -> Self {
        let place = report.place.map(|place| place.to_string());
        let found = match place.filter(|place| !report.message.contains(place.as_str())) {
            Some(place) => format!("{place}: {}", report.message),
            None => report.message,
        };
        let problem = match report.help.as_str() {
            "" => "commands that need it fail".to_owned(),
            help => help.to_owned(),
        };
        let subject = subject.to_owned();
        Self { subject, found, facts: report.facts, problem: Some(problem) }
    }
}

impl From<Finding> for Line {
    fn from(finding: Finding) -> Self {
        let problem = finding.problem.map(str::to_owned);
        Self { problem, ..Self::fine(finding.subject, finding.found) }
    }
}

/// The lines of an examination, in the order in which they are shown.
struct Lines {
    lines: Vec<Line>,
    context: Context,
}

impl Lines {
    fn fine(&mut self, subject: &str, found: impl Into<String>) {
        self.lines.push(Line::fine(subject, found));
    }

    /// Adds a line for each problem of an error.
    fn wrong(&mut self, subject: &str, error: Error) {
        let failure = Failure::from(error).in_project(self.context.clone());
        self.lines.extend(report(&failure).into_iter().map(|report| Line::wrong(subject, report)));
    }

    fn one(&mut self, subject: &str, found: Result<String, Error>) {
        match found {
            Ok(found) => self.fine(subject, found),
            Err(error) => self.wrong(subject, error),
        }
    }

    fn revisions(&mut self, revisions: Result<ExaminedRevisions, Error>) {
        const SHOWN: usize = 5;
        let ExaminedRevisions { count: files, gaps } = match revisions {
            Ok(revisions) => revisions,
            Err(error) => return self.wrong("revisions", error),
        };
        self.fine("revisions", count(files, "file"));
        if gaps.is_empty() {
            return;
        }
        let mut facts: Vec<String> = gaps.iter().take(SHOWN).map(gap_words).collect();
        if gaps.len() > SHOWN {
            facts.push(format!("and {} more", gaps.len() - SHOWN));
        }
        let help =
            "a run that needs such a section is refused; `aludel check --heads` lists them all";
        let found = format!("{} to be written", count(gaps.len(), "section"));
        let line = Line::fine("gaps", found);
        self.lines.push(Line { facts, problem: Some(help.to_owned()), ..line });
    }

    /// Adds what is in the way of an upgrade.
    fn upgrade(&mut self, upgrade: ExaminedUpgrade) {
        let ExaminedUpgrade { refused, edited } = upgrade;
        if let Some(error) = refused {
            let reports = of_error(&error, &self.context).into_iter();
            self.lines.extend(reports.map(|report| Line::wrong("upgrade", report)));
        }
        if !edited.is_empty() {
            let help = "put the files back, or accept them: `aludel stamp --rebless`";
            let line = Line::fine("edited", format!("{} since applied", edited.join(", ")));
            self.lines.push(Line { problem: Some(help.to_owned()), ..line });
        }
    }

    fn models(&mut self, models: Result<ExaminedModels, Error>) {
        match models {
            Ok(ExaminedModels { tables, compared }) => {
                self.fine("models", count(tables, "table"));
                // Each part has a line, which terminals of 80 columns show whole.
                let mut parts = compared.split("; ").map(str::to_owned);
                let found = parts.next().unwrap_or_default();
                let line = Line::fine("compares", found);
                self.lines.push(Line { facts: parts.collect(), ..line });
            }
            Err(error) => self.wrong("models", error),
        }
    }
}

/// Returns the lines of an examination.
fn lines(examination: Examination, sources: &Sources, context: Context) -> Vec<Line> {
    let mut lines = Lines { lines: Vec::new(), context };
    lines.fine("program", format!("aludel {}", env!("CARGO_PKG_VERSION")));
    lines.fine("configuration", sources.configuration.display().to_string());
    lines.revisions(examination.revisions);
    lines.models(examination.models);
    // A setting that can't be read is told as the problem of the database.
    let is_known = !matches!(examination.database, Err(Error::UnknownUrl(_)));
    lines.one("database", examination.database);
    if is_known {
        lines.fine("URL from", sources.url.clone());
    }
    if let Some(migrated) = examination.migrated {
        lines.one("changed by", migrated);
        lines.fine("URL from", sources.migration_url.clone().unwrap_or_default());
    }
    match examination.findings {
        Some(Ok(findings)) => lines.lines.extend(findings.into_iter().map(Line::from)),
        Some(Err(error)) => lines.wrong("connection", error),
        None => {}
    }
    match examination.upgrade {
        Some(Ok(upgrade)) => lines.upgrade(upgrade),
        Some(Err(error)) => lines.wrong("upgrade", error),
        None => {}
    }
    for other in examination.others {
        lines.one(&other.name, other.found);
    }
    lines.lines
}

pub(super) async fn run(
    project: &Project,
    sources: &Sources,
    output: &Output,
) -> Result<u8, Failure> {
    let examination = command::doctor(project, settings::identity()).await;
    let lines = lines(examination, sources, sources.context(project));
    let is_fine = lines.iter().all(|line| line.problem.is_none());
    if output.json {
        let lines = lines.iter().map(|line| {
            json!({
                "subject": line.subject,
                "found": line.found,
                "facts": line.facts,
                "problem": line.problem,
            })
        });
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
    for fact in line.facts.iter().flat_map(|fact| fact.lines()) {
        output.result(format_args!("   {:<17} {fact}", ""));
    }
    if let Some(problem) = &line.problem {
        output.result(format_args!("   {:<17} {} {problem}", "", styled(HELP, "help:")));
    }
}
