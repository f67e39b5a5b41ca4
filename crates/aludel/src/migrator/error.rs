use std::path::PathBuf;

use aludel_driver::DriverError;
use aludel_revision::{FileProblem, GraphError, ResolveError, SymbolError};
use aludel_runtime::RunError;

/// An error of a [`Migrator`](crate::Migrator).
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum MigrateError {
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    Symbol(#[from] SymbolError),
    #[error(
        "the connection is inside of a transaction, and a run has transactions of its own; commit it \
         or roll it back before"
    )]
    InTransaction,
    #[error("can't read {}: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("{}", lines(.0))]
    Files(Vec<FileProblem>),
    #[error("the revisions form no graph: {}", lines(.0))]
    Graph(Vec<GraphError>),
    #[error(
        "the database is not up to date: it is at {}, and {} is not applied; run `upgrade` before \
         the program serves", place(current), pending.join(", ")
    )]
    NotAtHead { current: Vec<String>, pending: Vec<String> },
    #[error(
        "the database is at {}, which this program does not know: it was upgraded by a newer \
         version of it; `Migrator::newer_database` says whether that is fine", unknown.join(", ")
    )]
    UnknownHead { unknown: Vec<String> },
    #[error(
        "the database is at {}, which this program does not know, and the journal does not show \
         that {} has been applied to it", unknown.join(", "), missing.join(", ")
    )]
    Diverged { unknown: Vec<String>, missing: Vec<String> },
}

fn lines<T: std::fmt::Display>(problems: &[T]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn place(current: &[String]) -> String {
    if current.is_empty() { "the base".to_owned() } else { current.join(", ") }
}
