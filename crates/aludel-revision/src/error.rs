use std::path::{Path, PathBuf};

/// A problem in one revision file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct FileProblem {
    /// The path of the file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The description of the problem.
    pub message: String,
}

/// A row of a version table that others require, and that no tool leaves behind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Requested revision {revision} overlaps with other requested revisions {}", others.join(", "))]
pub struct Overlap {
    /// The row.
    pub revision: String,
    /// The rows that require it.
    pub others: Vec<String>,
    /// The rows of a table without such rows, which means the same.
    pub rest: Vec<String>,
}

/// A problem with the graph that the revision files form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum GraphError {
    #[error("Revision {id} is present more than once: {} and {}", paths[0].display(), paths[1].display())]
    Duplicate { id: String, paths: [PathBuf; 2] },
    #[error("Revision {missing} referenced from {referrer} ({field}, {}) is not present", path.display())]
    Missing { missing: String, referrer: String, path: PathBuf, field: &'static str },
    #[error("{}", circle(cycle, *dependency))]
    Cycle { cycle: Vec<String>, dependency: bool, path: PathBuf },
    #[error("Revision {id} replaces itself")]
    ReplacesItself { id: String, path: PathBuf },
    #[error("Revision {id} is replaced twice")]
    ReplacedTwice { id: String, path: PathBuf },
    #[error("Branch name '{label}' in revision {second} already used by revision {first}")]
    DuplicateLabel { label: String, first: String, second: String, path: PathBuf },
}

impl GraphError {
    /// Returns the file whose header causes the problem, and the key of that header.
    pub fn header(&self) -> (&Path, &'static str) {
        match self {
            Self::Duplicate { paths, .. } => (&paths[1], "revision"),
            Self::Missing { path, field, .. } => (path, field),
            Self::Cycle { dependency: true, path, .. } => (path, "depends_on"),
            Self::Cycle { dependency: false, path, .. } => (path, "down_revision"),
            Self::ReplacesItself { path, .. } | Self::ReplacedTwice { path, .. } => {
                (path, "replaces")
            }
            Self::DuplicateLabel { path, .. } => (path, "branch_labels"),
        }
    }
}

/// Returns the line of a header, counted from 1, in the text of a revision file; `None` if the text does
/// not have it.
pub fn header_line(text: &str, key: &str) -> Option<usize> {
    let is_key = |line: &str| {
        let comment = line.trim().strip_prefix("--").map(str::trim_start);
        comment.and_then(|text| text.strip_prefix(key)).is_some_and(|rest| rest.starts_with(':'))
    };
    text.lines().position(is_key).map(|at| at + 1)
}

/// Describes a cycle in the words that Alembic uses, followed by its path.
fn circle(cycle: &[String], dependency: bool) -> String {
    let members = &cycle[..cycle.len().saturating_sub(1)];
    let kind = match (dependency, members.len()) {
        (false, 1) => "Self-loop",
        (false, _) => "Cycle",
        (true, 1) => "Dependency self-loop",
        (true, _) => "Dependency cycle",
    };
    let members = members.join(", ");
    format!("{kind} is detected in revisions ({members}): {}", cycle.join(" -> "))
}

/// The reason why an identifier does not resolve, or why no path leads to its revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum ResolveError {
    #[error("Can't locate revision identified by '{0}'")]
    Unknown(String),
    #[error("Can't locate revision identified by '{prefix}': {} begin with it: {}", candidates.len(), candidates.join(", "))]
    Ambiguous { prefix: String, candidates: Vec<String> },
    #[error(
        "Multiple head revisions are present for given argument '{argument}'; please specify a \
         specific target revision, '<branchname>@{argument}' to narrow to a specific head, or \
         'heads' for all heads"
    )]
    MultipleHeads { argument: String, heads: Vec<String> },
    #[error("Relative revision {symbol} didn't produce {distance} migrations")]
    TooFar { symbol: String, distance: usize },
    #[error("Ambiguous {way} from multiple current revisions: {symbol} may begin at {}", candidates.join(" or at "))]
    AmbiguousStart { way: &'static str, symbol: String, candidates: Vec<String> },
    #[error("Multiple heads are present; please specify a single target revision")]
    MultipleTargets { heads: Vec<String> },
    #[error("Ambiguous walk: {symbol} from {at} leads to {}", candidates.join(" and to "))]
    AmbiguousWalk { symbol: String, at: String, candidates: Vec<String> },
    #[error("Revision {revision} is not a member of branch '{branch}'")]
    NotInBranch { revision: String, branch: String },
    #[error("Destination {to} is not a valid downgrade target from current head(s)")]
    NotBelow { to: String, current: Vec<String> },
    #[error("Revision {id} was replaced by {by}")]
    Replaced { id: String, by: String },
    #[error("Revision {row} was replaced by {by}, and the files of {} are gone", missing.join(", "))]
    ReplacedGone { row: String, by: String, missing: Vec<String> },
    #[error(transparent)]
    Graph(Box<GraphError>),
    #[error("No such branch: '{0}'")]
    NoBranch(String),
    #[error(
        "Not a valid downgrade target from current heads: no way down leads along branch '{branch}'"
    )]
    NotOnBranch { branch: String },
    #[error(transparent)]
    Overlap(#[from] Overlap),
    #[error(
        "Requested range {start}:{end} does not refer to ancestor/descendant revisions along the same branch"
    )]
    NoRange { start: String, end: String },
    #[error(transparent)]
    Symbol(#[from] crate::symbol::SymbolError),
}
