//! goose: `VERSION_name.sql` with the annotations `-- +goose Up` and `-- +goose Down`.
//!
//! The annotations that only divide statements stay in the SQL as comments. `NO TRANSACTION` counts
//! for both directions; `ENVSUB ON` replaces variables of the environment, which a revision does not
//! do (goose, `internal/sqlparser/parser.go`).

use std::path::Path;

use aludel_dialect::{Dialect, significant};

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{SqlFile, entries, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::tool::Tool;

/// The two directions of a file.
#[derive(Default)]
struct Sections {
    up: Option<Section>,
    down: Option<Section>,
    no_transaction: bool,
}

/// The SQL of a direction.
#[derive(Clone, Default)]
struct Section {
    sql: String,
    /// The line on which it begins.
    line: usize,
    /// The place in `sql` where the open block of one statement begins.
    block: Option<usize>,
}

pub(crate) fn read(folder: &Path, dialect: Dialect) -> Result<History, ImportError> {
    let mut line = Line::new(Tool::Goose, dialect);
    for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
        let name = name(&path);
        let Some((stem, extension)) = name.rsplit_once('.') else { continue };
        let version = stem.split_once('_').map(|(version, _)| version);
        let version = version.filter(|version| version.parse::<i64>().is_ok_and(|v| v > 0));
        let is_known = matches!(extension, "sql" | "go") && !stem.ends_with("_test");
        let Some(version) = version.filter(|_| is_known) else {
            line.note(&path, "it is no migration of goose");
            continue;
        };
        let (upgrade, downgrade) = match extension {
            "go" => {
                let unreadable = Way::Unreadable {
                    path: path.clone(),
                    line: 1,
                    reason: "it is a function in Go".to_owned(),
                };
                (unreadable.clone(), unreadable)
            }
            _ => match text(&path)? {
                Ok(file) => ways(&mut line, &file),
                Err(problem) => {
                    line.problems.push(problem);
                    continue;
                }
            },
        };
        line.steps.push(Step {
            version: version.to_owned(),
            message: words(stem.split_once('_').map_or("", |(_, rest)| rest)),
            file: stem.to_owned(),
            origin: path.clone(),
            upgrade,
            downgrade,
        });
    }
    line.history(|version| version.parse::<i64>().ok())
}

fn ways(line: &mut Line, file: &SqlFile) -> (Way, Way) {
    let sections = sections(line, file);
    let in_transaction = !sections.no_transaction;
    let mut way = |section: Option<Section>| {
        section.map(|section| {
            let piece =
                Piece { path: &file.path, sql: &section.sql, line: section.line, in_transaction };
            line.way(piece)
        })
    };
    let (up, down) = (way(sections.up), way(sections.down));
    if up.is_none() {
        line.refuse(&file.path, 1, "there is no `-- +goose Up`");
    }
    let down = down.unwrap_or_else(|| Way::None("there is no `-- +goose Down`".to_owned()));
    (up.unwrap_or(Way::Sql(String::new())), down)
}

/// Divides a file at its annotations.
fn sections(line: &mut Line, file: &SqlFile) -> Sections {
    let mut found = Sections::default();
    let mut is_down = None;
    for (at, text) in file.text.split_inclusive('\n').enumerate() {
        let number = at + 1;
        let annotation = annotation(text);
        match annotation.as_deref() {
            Some("UP") => {
                is_down = Some(false);
                found.up = Some(Section { line: number + 1, ..Section::default() });
                continue;
            }
            Some("DOWN") => {
                is_down = Some(true);
                found.down = Some(Section { line: number + 1, ..Section::default() });
                continue;
            }
            Some("NO TRANSACTION") => {
                found.no_transaction = true;
            }
            Some("STATEMENTBEGIN" | "STATEMENTEND" | "ENVSUB OFF") | None => {}
            Some("ENVSUB ON") => line.refuse(
                &file.path,
                number,
                "`ENVSUB ON` replaces variables of the environment; write their values first",
            ),
            Some(other) => {
                line.refuse(&file.path, number, &format!("`{other}` is no annotation of goose"));
            }
        }
        let section = match is_down {
            None => None,
            Some(false) => found.up.as_mut(),
            Some(true) => found.down.as_mut(),
        };
        let Some(section) = section else {
            if !(text.trim().is_empty() || text.trim().starts_with("--")) {
                line.refuse(&file.path, number, "SQL before `-- +goose Up`");
            }
            continue;
        };
        match annotation.as_deref() {
            Some("STATEMENTBEGIN") => section.block = Some(section.sql.len() + text.len()),
            Some("STATEMENTEND") => end_block(section, line.dialect()),
            _ => {}
        }
        section.sql.push_str(text);
    }
    found
}

/// Ends a statement whose block has no semicolon at its end.
fn end_block(section: &mut Section, dialect: Dialect) {
    let block = section.block.take().and_then(|at| section.sql.get(at..)).unwrap_or_default();
    let tokens = significant(block, dialect);
    if tokens.last().is_some_and(|last| !last.is_symbol(";")) {
        section.sql.push_str(";\n");
    }
}

/// Returns the annotation on a line, in capitals.
fn annotation(line: &str) -> Option<String> {
    let text = line.trim().strip_prefix("--")?.trim_start();
    let (mark, rest) = text.split_at_checked("+goose".len())?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    mark.eq_ignore_ascii_case("+goose").then(|| words.join(" ").to_ascii_uppercase())
}
