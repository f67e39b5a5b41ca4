use std::path::PathBuf;

/// What is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}:{line}: {message}", path.display())]
pub struct FileProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// What is wrong with the graph that the files draw.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum GraphError {
    #[error("revision {id} is in two files: {} and {}", paths[0].display(), paths[1].display())]
    Duplicate { id: String, paths: [PathBuf; 2] },
    #[error("revision {referrer} ({}) names {missing} as its {field}, and no file has that id", path.display())]
    Missing { missing: String, referrer: String, path: PathBuf, field: &'static str },
    #[error("revisions go round in a circle: {}", cycle.join(" -> "))]
    Cycle { cycle: Vec<String> },
    #[error("branch label {label} is on revision {first} and on revision {second}")]
    DuplicateLabel { label: String, first: String, second: String },
}

/// Why an identifier leads to no revision.
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
    #[error("Relative revision {symbol} is ambiguous: from {at} the way goes to {}", candidates.join(" and to "))]
    AmbiguousWalk { symbol: String, at: String, candidates: Vec<String> },
    #[error("Revision {revision} is not a member of branch '{branch}'")]
    NotInBranch { revision: String, branch: String },
    #[error("Destination {to} is not a valid downgrade target from current head(s)")]
    NotBelow { to: String, current: Vec<String> },
    #[error("'{target}' would downgrade one branch of several, which is not possible yet")]
    OneBranchOnly { target: String },
    #[error(transparent)]
    Symbol(#[from] crate::SymbolError),
}
