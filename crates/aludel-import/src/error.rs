use std::path::PathBuf;

use aludel_driver::DriverError;
use aludel_revision::FileProblem;

use crate::tool::Tool;

/// The reason why a history can't be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum ImportError {
    #[error("can't read {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{} has no migration of {tool}", path.display())]
    Empty { tool: Tool, path: PathBuf, expected: &'static str },
    #[error("{} of {tool} can't be imported", count(.problems.len()))]
    Files { tool: Tool, problems: Vec<FileProblem> },
    #[error("`{program}` can't print the history: {reason}")]
    Program { program: String, reason: String },
    #[error("Alembic prints SQL for {theirs}, and the project is for {ours}")]
    OtherDialect { theirs: String, ours: &'static str },
    #[error("{table} of {tool} has {} that failed: {}", of(.versions), .versions.join(", "))]
    Failed { tool: Tool, table: String, versions: Vec<String> },
    #[error("{table} of {tool} has {}, and no revision stands for {}", .versions.join(", "), it(.versions))]
    NoFile { tool: Tool, table: String, versions: Vec<String> },
    #[error("{table} of {tool} has {above}, and not {} before it", .missing.join(", "))]
    Hole { tool: Tool, table: String, missing: Vec<String>, above: String },
    #[error("{} of {tool} {} no SQL that can be read", count(.problems.len()), if .problems.len() == 1 { "is" } else { "are" })]
    Unreadable { tool: Tool, problems: Vec<FileProblem> },
    #[error("there is no table {table} of {tool} in the database")]
    NoTable { tool: Tool, table: String },
    #[error(transparent)]
    Driver(#[from] DriverError),
}

fn count(number: usize) -> String {
    if number == 1 { "a migration".to_owned() } else { format!("{number} migrations") }
}

fn it(versions: &[String]) -> &'static str {
    if versions.len() == 1 { "it" } else { "them" }
}

fn of(versions: &[String]) -> &'static str {
    if versions.len() == 1 { "a migration" } else { "migrations" }
}
