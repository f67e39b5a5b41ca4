//! Alembic: its own offline mode prints the SQL, and the graph is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use aludel_dialect::{Dialect, significant};
use aludel_revision::{FileProblem, check_id};
use serde::Deserialize;

use crate::body::{Piece, body};
use crate::error::ImportError;
use crate::files::name;
use crate::history::{ForeignRevision, History, Way};
use crate::tool::Tool;

/// The answer of `alembic.py`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Failed { error: String },
    Read(Project),
}

#[derive(Deserialize)]
struct Project {
    dialect: Option<String>,
    table: Option<String>,
    schema: Option<String>,
    revisions: Vec<Script>,
}

/// A revision of Alembic.
#[derive(Deserialize)]
struct Script {
    id: String,
    path: PathBuf,
    message: String,
    /// The lines of its description after the first one.
    notes: String,
    created: Option<String>,
    parents: Vec<String>,
    branch_labels: Vec<String>,
    depends_on: Vec<String>,
    upgrade: Rendered,
    downgrade: Rendered,
}

/// One direction.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rendered {
    Failed { error: String, line: usize },
    Sql { parts: Vec<Part> },
}

#[derive(Deserialize)]
struct Part {
    transaction: bool,
    sql: String,
}

pub(crate) fn read(path: &Path, dialect: Dialect, python: &str) -> Result<History, ImportError> {
    let project = ask(&configuration(path)?, python)?;
    if let Some(theirs) = project.dialect
        && Dialect::from_name(&theirs) != Some(dialect)
    {
        return Err(ImportError::OtherDialect { theirs, ours: dialect.name() });
    }
    let mut problems = Vec::new();
    let mut revisions = Vec::new();
    for script in project.revisions {
        match revision(script, dialect) {
            Ok(revision) => revisions.push(revision),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(ImportError::Files { tool: Tool::Alembic, problems });
    }
    let table = project.table.map(|table| match project.schema {
        Some(schema) => format!("{schema}.{table}"),
        None => table,
    });
    Ok(History { tool: Tool::Alembic, revisions, table, notes: Vec::new() })
}

/// Returns the configuration file of a project.
fn configuration(path: &Path) -> Result<PathBuf, ImportError> {
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let files = ["alembic.ini", "pyproject.toml"].map(|name| path.join(name));
    files.into_iter().find(|file| file.is_file()).ok_or_else(|| ImportError::Empty {
        tool: Tool::Alembic,
        path: path.to_owned(),
        expected: "alembic.ini or pyproject.toml",
    })
}

fn ask(configuration: &Path, python: &str) -> Result<Project, ImportError> {
    let failed = |reason: String| ImportError::Program { program: python.to_owned(), reason };
    let absolute = std::path::absolute(configuration)
        .map_err(|source| ImportError::Io { path: configuration.to_owned(), source })?;
    let mut command = Command::new(python);
    command.arg("-c").arg(include_str!("alembic.py")).arg(absolute);
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.stdout.is_empty() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().rev().find(|line| !line.trim().is_empty());
        return Err(failed(last.unwrap_or("it printed nothing").to_owned()));
    }
    match serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))? {
        Answer::Failed { error } => Err(failed(error)),
        Answer::Read(project) => Ok(project),
    }
}

fn revision(script: Script, dialect: Dialect) -> Result<ForeignRevision, FileProblem> {
    for id in [&script.id].into_iter().chain(&script.parents) {
        check_id(id).map_err(|error| FileProblem {
            path: script.path.clone(),
            line: 1,
            message: error.to_string(),
        })?;
    }
    let upgrade = match script.upgrade {
        Rendered::Sql { parts } => Way::Sql(sql(&script.path, &parts, dialect, &script.notes)?),
        Rendered::Failed { error, line } => Way::Unreadable {
            path: script.path.clone(),
            line,
            reason: format!("Alembic can't print it offline: {error}"),
        },
    };
    let downgrade = match script.downgrade {
        Rendered::Sql { parts } => Way::Sql(sql(&script.path, &parts, dialect, "")?),
        Rendered::Failed { error, .. } => {
            Way::None(format!("Alembic can't print the downgrade: {error}"))
        }
    };
    let file = name(&script.path);
    Ok(ForeignRevision {
        id: script.id,
        file: file.strip_suffix(".py").unwrap_or(&file).to_owned(),
        message: script.message,
        parents: script.parents,
        branch_labels: script.branch_labels,
        depends_on: script.depends_on,
        created: script.created.map(|created| time(&created)),
        origin: script.path,
        upgrade,
        downgrade,
    })
}

/// Returns the body of a section. `notes` become comments above it.
fn sql(path: &Path, parts: &[Part], dialect: Dialect, notes: &str) -> Result<String, FileProblem> {
    let mut out = String::new();
    for line in notes.lines() {
        out.push_str(if line.is_empty() { "--" } else { "-- " });
        out.push_str(line);
        out.push('\n');
    }
    for part in parts {
        let piece = Piece { path, sql: part.sql.trim(), line: 1, in_transaction: part.transaction };
        let body = body(piece, dialect)?.sql;
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&body);
        let tokens = significant(&body, dialect);
        if tokens.last().is_some_and(|last| !last.is_symbol(";")) {
            out.push_str("\n;");
        }
        out.push('\n');
    }
    Ok(out)
}

/// Returns a time of Alembic in RFC 3339, without its fractions. It states no zone by default.
fn time(text: &str) -> String {
    let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let clock = rest.split(['.', '+', 'Z']).next().unwrap_or_default();
    let zone = rest.find(['+', 'Z']).map_or("", |at| &rest[at..]);
    if clock.is_empty() { date.to_owned() } else { format!("{date}T{clock}{zone}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_zone() {
        for (text, expected) in [
            ("2026-11-22 08:31:00.123456", "2026-11-22T08:31:00"),
            ("2026-11-22 08:31:00+00:00", "2026-11-22T08:31:00+00:00"),
            ("2026-11-22T08:31:00.5Z", "2026-11-22T08:31:00Z"),
            ("2026-11-22", "2026-11-22"),
        ] {
            assert_eq!(time(text), expected);
        }
    }
}
