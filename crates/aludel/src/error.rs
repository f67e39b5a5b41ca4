use std::path::PathBuf;

use aludel_compare::{CantRename, Impossible};
use aludel_driver::{DriverError, UrlError};
use aludel_import::ImportError;
use aludel_models::ModelError;
use aludel_revision::{FileProblem, GraphError, InvalidId, ResolveError};
use aludel_runtime::RunError;

use crate::unknown_url::UnknownUrl;

/// An error of a command.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    Symbol(#[from] aludel_revision::SymbolError),
    #[error(transparent)]
    InvalidId(#[from] InvalidId),
    #[error("{action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("can't follow the pattern {pattern}: {source}")]
    Pattern { pattern: String, source: glob::PatternError },
    #[error("{what}: {source}")]
    System { what: &'static str, source: std::io::Error },
    #[error("no database is configured")]
    NoUrl,
    #[error(transparent)]
    UnknownUrl(#[from] UnknownUrl),
    #[error("there is no table `{name}`")]
    NoTable { name: String, tables: Vec<String> },
    #[error("the URL names no database")]
    NoDatabaseName,
    #[error("the project has no revisions for {dialect}")]
    NotADialect { dialect: &'static str, dialects: Vec<String> },
    #[error("`{name}` is no dialect; there are `postgres` and `sqlite`")]
    NoDialect { name: String },
    #[error("`dialects` has {dialect}, and there is no {dialect} database to compare with")]
    NoDatabaseFor { dialect: &'static str },
    #[error("the {dialect} database to compare with can't be used: {source}")]
    StandIn { dialect: &'static str, source: DriverError },
    #[error("no declaration of a table for {notation} found")]
    NoDeclarations { notation: &'static str, patterns: Vec<String> },
    #[error("no model found")]
    NoModels { patterns: Vec<String> },
    #[error("{} in the models can't be read", count(.0.len(), "place"))]
    Models(Vec<ModelError>),
    #[error("{} can't be read", count(.0.len(), "revision file"))]
    Files(Vec<FileProblem>),
    #[error("a suggested rename was neither confirmed nor refused, so nothing was written")]
    NoAnswer,
    #[error("the journal has no text of revision {revision}")]
    NoText { revision: String },
    #[error("the revisions form no graph")]
    Graph(Vec<GraphError>),
    #[error("Target database is not up to date.")]
    NotUpToDate { database: String, current: Vec<String>, heads: Vec<String> },
    #[error("Can't locate revision identified by '{}'", .unknown.join("', '"))]
    UnknownInDatabase { unknown: Vec<String>, database: String },
    #[error(
        "Multiple heads are present; please specify the head revision on which the new revision \
         should be based, or perform a merge."
    )]
    MultipleHeads { heads: Vec<String> },
    #[error(
        "Revision {revision} is not a head revision; please specify --splice to create a new branch from this revision"
    )]
    NotAHead { revision: String },
    #[error("Multiple version locations present, please specify --version-path")]
    SeveralFolders { folders: Vec<String> },
    #[error("Path {} is not represented in current version locations", path.display())]
    NotAFolder { path: PathBuf },
    #[error("No such template: {name}")]
    NoTemplate { name: String },
    #[error("a merge needs two revisions or more")]
    NothingToMerge { revisions: Vec<String> },
    #[error("no script can be printed for `{range}`: {reason}")]
    NoScript { range: String, reason: &'static str },
    #[error("Range revision not allowed")]
    RangeNotAllowed,
    #[error("{range} can't be squashed: {reason}")]
    CantSquash { range: String, reason: String },
    #[error("{revision} can't be moved: {reason}")]
    CantRebase { revision: String, reason: String },
    #[error("revision {id} exists already: {}", path.display())]
    IdTaken { id: String, path: PathBuf },
    #[error("the database refuses {place} of the models: {source}")]
    Refused {
        place: String,
        path: Option<PathBuf>,
        line: usize,
        column: usize,
        source: DriverError,
    },
    #[error("{} can't be brought about by a revision", count(.0.len(), "difference"))]
    Impossible(Vec<Impossible>),
    #[error(transparent)]
    CantRename(#[from] CantRename),
    #[error("{} is there already", path.display())]
    Exists { path: PathBuf, can_force: bool },
    #[error("the template {template} is not for {database}")]
    OtherTemplate { template: &'static str, database: String },
    #[error("{} states another DATABASE_URL, which would win over this one", path.display())]
    OtherUrl { path: PathBuf },
    #[error("{} is no SQLite database", path.display())]
    NotSqlite { path: PathBuf },
    #[error("the URL {database} permits neither to create the file nor to remove it")]
    FileStays { database: String },
    #[error("{} is in use and was not removed: {reason}", path.display())]
    FileInUse { path: PathBuf, reason: String },
}

/// Returns a number with its noun, as in `1 place` and `2 places`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
