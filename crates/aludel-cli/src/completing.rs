//! The values that a shell may complete beyond words of the program: revisions, branch labels and tables of
//! the project in the working directory.

use aludel::{Project, command};
use clap_complete::CompletionCandidate;

use crate::args::{ColorWhen, Global};
use crate::settings;

/// The words that mean a revision, with what they mean.
const WORDS: [(&str, &str); 5] = [
    ("head", "the only head"),
    ("heads", "all heads"),
    ("base", "before every revision"),
    ("current", "where the database is"),
    ("-1", "one down from there"),
];

/// Returns words, branch labels and ids, the newest revision first. A project that can't be read has
/// none, because a shell that completes has no place for an error.
pub(crate) fn revisions() -> Vec<CompletionCandidate> {
    let words = WORDS.map(|(word, what)| candidate(word, what));
    words.into_iter().chain(of_project()).enumerate().map(in_order).collect()
}

/// Returns branch labels and ids only.
pub(crate) fn ids() -> Vec<CompletionCandidate> {
    of_project().into_iter().enumerate().map(in_order).collect()
}

/// Returns the tables that the models declare.
pub(crate) fn tables() -> Vec<CompletionCandidate> {
    let tables = project().and_then(|project| command::tables(&project).ok()).unwrap_or_default();
    tables.into_iter().map(CompletionCandidate::new).collect()
}

fn project() -> Option<Project> {
    let global = Global {
        config: None,
        directory: None,
        database_url: None,
        json: false,
        color: ColorWhen::Auto,
        quiet: true,
        verbose: false,
    };
    settings::find(&global).ok().map(|found| found.project)
}

fn of_project() -> Vec<CompletionCandidate> {
    let Some(Ok(map)) = project().map(|project| project.revisions()) else { return Vec::new() };
    let labels = map.revisions().rev().flat_map(|revision| {
        let label = |label: &String| candidate(&format!("{label}@head"), &revision.message);
        revision.branch_labels.iter().map(label).collect::<Vec<_>>()
    });
    let ids = map.revisions().rev().map(|revision| candidate(&revision.id, &revision.message));
    labels.chain(ids).collect()
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(value).help(Some(help.to_owned().into()))
}

fn in_order((order, candidate): (usize, CompletionCandidate)) -> CompletionCandidate {
    candidate.display_order(Some(order))
}
