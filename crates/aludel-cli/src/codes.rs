//! Codes of failures, which scripts can rely on. docs/json.md lists them.

use aludel::{Cause, DriverError, Error, ImportError, ResolveError, RunError, UrlError};

use crate::failure::Failure;

/// Returns the code of a failure.
pub(crate) fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::NoConfig { .. } => "no-configuration",
        Failure::NoFolder { .. } => "no-folder",
        Failure::ReadConfig { .. } => "unreadable-file",
        Failure::BadConfig { .. } => "bad-configuration",
        Failure::Interrupted { .. } | Failure::Unanswered => "interrupted",
        Failure::NoEditor | Failure::Editor { .. } => "no-editor",
        Failure::NotLocal { .. } => "not-local",
        Failure::Protected { .. } => "protected",
        Failure::NoConsent { .. } | Failure::RowsAtStake { .. } => "no-consent",
        Failure::NothingToEdit { .. } => "unknown-revision",
        Failure::Command { error, .. } => of_error(error),
    }
}

/// Returns the code of an error of a command.
pub(crate) fn of_error(error: &Error) -> &'static str {
    match error {
        Error::Url(error) => url(error),
        Error::Driver(error) => driver(error),
        Error::Run(error) => run(error),
        Error::Import(error) => import(error),
        Error::Resolve(error) => resolve(error),
        Error::Symbol(_) | Error::NoScript { .. } => "bad-identifier",
        Error::InvalidId(_) => "bad-revision-id",
        Error::Io { .. } => "unreadable-file",
        Error::Pattern { .. } => "bad-configuration",
        Error::System { .. } => "system",
        Error::UnknownUrl(_) => "bad-environment",
        Error::NoUrl | Error::NoDatabaseName => "no-database",
        Error::NoTable { .. } => "unknown-table",
        Error::NoDialect { .. } | Error::NotADialect { .. } => "unknown-dialect",
        Error::NoDatabaseFor { .. } | Error::StandIn { .. } => "no-database-for-dialect",
        Error::NoModels { .. } | Error::NoDeclarations { .. } => "no-models",
        Error::Models(_) => "bad-models",
        Error::Files(_) => "bad-revision-file",
        Error::Graph(_) => "bad-graph",
        Error::NoText { .. } => "unknown-revision",
        Error::NoAnswer => "no-answer",
        Error::NotUpToDate { .. } => "not-up-to-date",
        Error::UnknownInDatabase { .. } => "unknown-revision-in-database",
        Error::MultipleHeads { .. } => "multiple-heads",
        Error::NotAHead { .. } => "not-a-head",
        Error::SeveralFolders { .. } => "several-folders",
        Error::NotAFolder { .. } => "not-a-revision-folder",
        Error::NoTemplate { .. } => "unknown-template",
        Error::NothingToMerge { .. } => "nothing-to-merge",
        Error::RangeNotAllowed => "range-not-allowed",
        Error::CantSquash { .. } => "cant-squash",
        Error::CantRebase { .. } => "cant-rebase",
        Error::IdTaken { .. } => "revision-id-taken",
        Error::Refused { .. } => "refused-by-database",
        Error::Impossible(_) => "impossible-change",
        Error::CantRename(_) => "cant-rename",
        Error::Exists { .. } => "file-exists",
        Error::OtherTemplate { .. } => "other-template",
        Error::OtherUrl { .. } => "other-url",
        Error::NotSqlite { .. } => "not-a-database",
        Error::FileStays { .. } => "file-stays",
        Error::FileInUse { .. } => "file-in-use",
    }
}

fn url(error: &UrlError) -> &'static str {
    match error.origin {
        Some(_) => "bad-environment",
        None => "bad-url",
    }
}

fn driver(error: &DriverError) -> &'static str {
    match error {
        DriverError::Url(error) => url(error),
        DriverError::Connect(_) => "cant-connect",
        DriverError::Statement(_) => "refused-by-database",
        DriverError::Row(_) => "unexpected-answer",
        DriverError::Lost(_) => "connection-lost",
    }
}

fn import(error: &ImportError) -> &'static str {
    match error {
        ImportError::Io { .. } => "unreadable-file",
        ImportError::Empty { .. } => "no-history",
        ImportError::Files { .. } | ImportError::Unreadable { .. } => "bad-migration",
        ImportError::Program { .. } => "no-program",
        ImportError::OtherDialect { .. } => "other-dialect",
        ImportError::Failed { .. } => "failed-migration",
        ImportError::NoFile { .. } => "unknown-migration",
        ImportError::Hole { .. } => "missing-migration",
        ImportError::NoTable { .. } => "no-books",
        ImportError::Driver(error) => driver(error),
    }
}

fn run(error: &RunError) -> &'static str {
    match error {
        RunError::Driver(error) => driver(error),
        RunError::Resolve(error) => resolve(error),
        RunError::File(_) => "bad-revision-file",
        RunError::Statement(failure) => match failure.source {
            Cause::Database(_) => "statement-failed",
            Cause::Step { .. } => "step-failed",
        },
        RunError::UnknownInDatabase { .. } => "unknown-revision-in-database",
        RunError::Irreversible { .. } => "irreversible",
        RunError::Gap { .. } => "gap",
        RunError::DoneStatementsChanged { .. } => "done-statements-changed",
        RunError::NoBatchOffline { .. } => "batch-not-offline",
        RunError::UnknownStep { .. } => "unknown-step",
        RunError::StepOffline(_) => "step-not-offline",
        RunError::Edited { .. } => "edited-revision",
        RunError::Lock { .. } => "cant-lock",
        RunError::Interrupted { .. } => "interrupted",
        RunError::ConnectionLost { .. } => "connection-lost",
        RunError::OutcomeUnknown { .. } => "outcome-unknown",
        RunError::SessionGone { .. } => "session-gone",
        RunError::InvalidIndex { .. } => "invalid-index",
        RunError::BegunOtherWay { .. } => "begun-other-way",
        RunError::Pooled => "pooled-session",
        RunError::LockWait { .. } => "lock-wait",
        RunError::NotOneTransaction { .. } => "not-one-transaction",
        RunError::NoCopy { .. } => "no-copy",
        RunError::EndlessBatch { .. } => "endless-batch",
        RunError::VersionMoved { .. } | RunError::VersionChanged { .. } => "version-table-changed",
        RunError::NotRecorded { .. } => "journal-not-written",
        RunError::AtTheEnd { .. } => "commit-failed",
        RunError::Damage { .. } => "broken-references",
        RunError::LockReleased { .. } => "lock-released",
    }
}

fn resolve(error: &ResolveError) -> &'static str {
    match error {
        ResolveError::MultipleHeads { .. } | ResolveError::MultipleTargets { .. } => {
            "multiple-heads"
        }
        ResolveError::AmbiguousWalk { .. }
        | ResolveError::AmbiguousStart { .. }
        | ResolveError::Ambiguous { .. } => "ambiguous-revision",
        ResolveError::NotInBranch { .. }
        | ResolveError::NoBranch(_)
        | ResolveError::NotOnBranch { .. } => "not-on-branch",
        ResolveError::Replaced { .. } | ResolveError::ReplacedGone { .. } => "replaced-revision",
        ResolveError::Overlap(_) => "overlapping-rows",
        ResolveError::NotBelow { .. } => "not-below",
        ResolveError::Symbol(_) => "bad-identifier",
        ResolveError::Graph(_) => "bad-graph",
        ResolveError::Unknown(_) | ResolveError::TooFar { .. } | ResolveError::NoRange { .. } => {
            "unknown-revision"
        }
    }
}

/// The revision and the statement that a failure is about.
#[derive(Default)]
pub(crate) struct Subject<'e> {
    pub(crate) revision: Option<&'e str>,
    pub(crate) sql: Option<&'e str>,
    /// The SQLSTATE, or the name of SQLite's result code.
    pub(crate) sqlstate: Option<&'e str>,
}

/// Returns what a failure is about.
pub(crate) fn subject(failure: &Failure) -> Subject<'_> {
    let Failure::Command { error, .. } = failure else { return Subject::default() };
    match error.as_ref() {
        Error::Run(error) => of_run(error),
        Error::Driver(error)
        | Error::Refused { source: error, .. }
        | Error::StandIn { source: error, .. } => of_driver(error),
        _ => Subject::default(),
    }
}

fn sqlstate(error: &DriverError) -> Option<&str> {
    match error {
        DriverError::Statement(error) => Some(error.code.as_str()),
        DriverError::Connect(error) => error.code.as_deref(),
        DriverError::Url(_) | DriverError::Row(_) | DriverError::Lost(_) => None,
    }
}

/// Returns what an error of the database is about.
fn of_driver(error: &DriverError) -> Subject<'_> {
    let sql = error.statement().and_then(|error| error.sql.as_deref());
    Subject { sqlstate: sqlstate(error), sql, revision: None }
}

fn of_run(error: &RunError) -> Subject<'_> {
    let of = |revision| Subject { revision: Some(revision), ..Subject::default() };
    match error {
        RunError::Statement(failure) => Subject {
            revision: Some(&failure.revision),
            sql: Some(&failure.sql),
            sqlstate: failure.source.database().and_then(sqlstate),
        },
        RunError::UnknownStep { at, .. } | RunError::StepOffline(at) => of(&at.revision),
        RunError::OutcomeUnknown { revision, sql, .. } => {
            Subject { sql: Some(sql), ..of(revision) }
        }
        RunError::AtTheEnd { revision, source, .. } => {
            let about = source.database().map(of_driver).unwrap_or_default();
            Subject { revision: Some(revision), ..about }
        }
        RunError::Driver(error) => of_driver(error),
        RunError::Interrupted { revision, .. } => {
            Subject { revision: revision.as_deref(), ..Subject::default() }
        }
        RunError::Irreversible { revision, .. }
        | RunError::Gap { revision, .. }
        | RunError::DoneStatementsChanged { revision, .. }
        | RunError::NoBatchOffline { revision }
        | RunError::ConnectionLost { revision, .. }
        | RunError::SessionGone { revision, .. }
        | RunError::InvalidIndex { revision, .. }
        | RunError::BegunOtherWay { revision, .. }
        | RunError::NotOneTransaction { revision, .. }
        | RunError::NoCopy { revision, .. }
        | RunError::EndlessBatch { revision, .. }
        | RunError::VersionChanged { revision }
        | RunError::NotRecorded { revision, .. }
        | RunError::LockReleased { revision }
        | RunError::Damage { revision, .. } => of(revision),
        RunError::Resolve(_)
        | RunError::File(_)
        | RunError::UnknownInDatabase { .. }
        | RunError::Edited { .. }
        | RunError::Lock { .. }
        | RunError::Pooled
        | RunError::LockWait { .. }
        | RunError::VersionMoved { .. } => Subject::default(),
    }
}

#[cfg(test)]
mod tests {
    /// Every code of this file is in the documentation.
    #[test]
    fn the_codes_are_documented() {
        let documentation = include_str!("../../../docs/json.md");
        let source = include_str!("codes.rs");
        let codes = source
            .lines()
            .filter_map(|line| line.trim().split_once("=> \"")?.1.strip_suffix("\","));
        let missing: Vec<&str> =
            codes.filter(|code| !documentation.contains(&format!("`{code}`"))).collect();
        assert_eq!(missing, [""; 0]);
    }
}
