//! The values that a shell may complete beyond words of the program: revisions, branch labels and tables of
//! the project that the words before them name, and templates.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use aludel::{Project, command};
use clap_complete::CompletionCandidate;

use crate::args::{ColorWhen, Global};
use crate::settings;

/// The words that mean a revision, with what they mean.
const WORDS: [(&str, &str); 6] = [
    ("head", "the only head"),
    ("heads", "all heads"),
    ("base", "before every revision"),
    ("current", "where the database is"),
    ("+1", "one up from there"),
    ("-1", "one down from there"),
];

/// Returns words, branch labels and ids, the newest revision first. A project that can't be read has
/// none, because a shell that completes has no place for an error.
pub(crate) fn revisions() -> Vec<CompletionCandidate> {
    let words = WORDS.map(|(word, what)| candidate(word, what));
    words.into_iter().chain(of_project(&["head", "base"])).enumerate().map(in_order).collect()
}

/// Returns branch labels and ids only.
pub(crate) fn ids() -> Vec<CompletionCandidate> {
    of_project(&["head"]).into_iter().enumerate().map(in_order).collect()
}

/// Returns the ranges that begin so: each end is a word, a label or an id.
pub(crate) fn ranges(begun: &OsStr) -> Vec<CompletionCandidate> {
    let begun = begun.to_string_lossy();
    let (before, end) = match begun.rsplit_once(':') {
        Some((start, end)) => (format!("{start}:"), end),
        None => (String::new(), &*begun),
    };
    let fits = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with(end);
    revisions().into_iter().filter(fits).map(|one| one.add_prefix(before.as_str())).collect()
}

/// Returns the templates of `init`.
pub(crate) fn templates() -> Vec<CompletionCandidate> {
    let each = command::TEMPLATES.iter();
    each.map(|template| candidate(template.name, template.description))
        .enumerate()
        .map(in_order)
        .collect()
}

/// Returns the tables that the models declare.
pub(crate) fn tables() -> Vec<CompletionCandidate> {
    let tables = project().and_then(|project| command::tables(&project).ok()).unwrap_or_default();
    tables.into_iter().map(CompletionCandidate::new).collect()
}

fn project() -> Option<Project> {
    let global = of_words(std::env::args_os());
    settings::find(&global).ok().map(|found| found.project)
}

/// Returns the global options of the command line that is to be completed. It stands behind `--`, as the
/// user has typed it.
fn of_words(arguments: impl Iterator<Item = OsString>) -> Global {
    let words = arguments.map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.skip_while(|word| word != "--").skip(1).collect();
    Global {
        config: option(&words, "-c", "--config").map(path),
        directory: option(&words, "-C", "--directory").map(path),
        database_url: option(&words, "--database-url", "--database-url").map(str::to_owned),
        json: false,
        color: ColorWhen::Auto,
        quiet: true,
        verbose: false,
    }
}

/// Returns the value of an option among words.
fn option<'w>(words: &'w [String], short: &str, long: &str) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        if word == short || word == long {
            return words.get(at + 1).map(String::as_str);
        }
        let rest = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let glued = word.strip_prefix(short).filter(|rest| !rest.is_empty());
        rest.or(glued.filter(|_| short.len() == 2).map(|rest| rest.trim_start_matches('=')))
    })
}

/// Returns the path of a word. The shell has expanded nothing in it.
fn path(word: &str) -> PathBuf {
    let word = word.trim_matches(['"', '\'']);
    match (word.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(word),
    }
}

/// Returns the labels with these ends of their branches, and the ids.
fn of_project(ends: &[&str]) -> Vec<CompletionCandidate> {
    let Some(Ok(map)) = project().map(|project| project.revisions()) else { return Vec::new() };
    let labels = map.revisions().rev().flat_map(|revision| {
        let label = |label: &String| {
            let label = label.clone();
            ends.iter().map(move |end| candidate(&format!("{label}@{end}"), &revision.message))
        };
        revision.branch_labels.iter().flat_map(label).collect::<Vec<_>>()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_that_of_the_words() {
        for (words, directory, config) in [
            ("aludel upgrade", None, None),
            ("aludel -- aludel upgrade x", None, None),
            ("aludel -- aludel -C there upgrade x", Some("there"), None),
            ("aludel -- aludel upgrade -Cthere -c a.toml", Some("there"), Some("a.toml")),
            ("aludel -- aludel --directory='there' --config=a.toml", Some("there"), Some("a.toml")),
            ("aludel -- aludel upgrade -C", None, None),
            ("aludel -- aludel --color=always upgrade", None, None),
        ] {
            let found = of_words(words.split(' ').map(OsString::from));
            assert_eq!(found.directory, directory.map(PathBuf::from), "{words}");
            assert_eq!(found.config, config.map(PathBuf::from), "{words}");
        }
    }
}
