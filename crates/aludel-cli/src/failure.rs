//! The failures with which the program can end.

use std::path::PathBuf;

use aludel::{ConfigError, DriverError, Error, ResolveError, RunError};

/// The exit code for a difference, as found by `check`, `check --heads`, `current --check-heads` and
/// `merge --scratch`.
pub(crate) const DIFFERS: u8 = 3;

/// A reason for the program to end with a failure.
#[derive(Debug)]
pub(crate) enum Failure {
    NoConfig {
        from: PathBuf,
    },
    NoFolder {
        path: PathBuf,
    },
    ReadConfig {
        path: PathBuf,
        source: std::io::Error,
    },
    BadConfig {
        path: PathBuf,
        text: String,
        error: ConfigError,
    },
    Interrupted {
        /// True if COMMIT was sent and had no answer.
        committing: bool,
    },
    /// A question in a terminal was left without an answer, as Ctrl-C and Esc do.
    Unanswered,
    NoEditor,
    NotLocal {
        database: String,
    },
    Protected {
        database: String,
        why: String,
    },
    NoConsent {
        what: String,
    },
    RowsAtStake {
        /// The words of each table.
        rows: Vec<String>,
    },
    NothingToEdit {
        symbol: String,
    },
    Editor {
        editor: String,
        source: std::io::Error,
    },
    Command {
        error: Box<Error>,
        context: Context,
    },
}

/// The facts of a project that the report of an error needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    /// The folder that paths are relative to.
    pub(crate) root: PathBuf,
    /// The URLs of the project.
    pub(crate) urls: Vec<UrlSource>,
    /// True if the command only reads the database.
    pub(crate) only_reads: bool,
}

/// A URL, and what states it.
#[derive(Clone, Debug)]
pub(crate) struct UrlSource {
    /// The URL without its password; empty if it can't be read.
    pub(crate) shown: String,
    pub(crate) source: String,
}

impl Context {
    /// Returns the statement to assume for one of Aludel's own; empty if it may be any.
    pub(crate) fn own_statement(&self) -> &'static str {
        if self.only_reads { "SELECT" } else { "" }
    }

    /// Returns what states the URL that an error has, or the URL that can't be read for an empty one. The
    /// result is empty if the project does not state it.
    pub(crate) fn source_of(&self, shown: &str) -> &str {
        let found = self.urls.iter().find(|url| url.shown == shown);
        found.map_or("", |url| url.source.as_str())
    }
}

impl Failure {
    /// Returns the exit code: 2 for wrong usage or configuration, 1 for any other failure.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoConfig { .. }
            | Self::NoFolder { .. }
            | Self::ReadConfig { .. }
            | Self::BadConfig { .. } => 2,
            Self::Command { error, .. } if is_usage(error) => 2,
            Self::Interrupted { .. }
            | Self::Unanswered
            | Self::NoEditor
            | Self::NotLocal { .. }
            | Self::Protected { .. }
            | Self::NoConsent { .. }
            | Self::RowsAtStake { .. }
            | Self::NothingToEdit { .. }
            | Self::Editor { .. }
            | Self::Command { .. } => 1,
        }
    }

    /// Returns the failure with what its report needs to know of the project.
    pub(crate) fn in_project(self, context: Context) -> Self {
        match self {
            Self::Command { error, .. } => Self::Command { error, context },
            other => other,
        }
    }
}

/// Returns true if the arguments or the settings are wrong.
fn is_usage(error: &Error) -> bool {
    let is_url = |error: &DriverError| matches!(error, DriverError::Url(_));
    match error {
        Error::Resolve(ResolveError::Symbol(_))
        | Error::Symbol(_)
        | Error::RangeNotAllowed
        | Error::NoScript { .. }
        | Error::NoTemplate { .. }
        | Error::OtherTemplate { .. }
        | Error::NoUrl
        | Error::UnknownUrl(_)
        | Error::Url(_)
        | Error::NoDatabaseName
        | Error::NoDialect { .. } => true,
        Error::Driver(error) | Error::Run(RunError::Driver(error)) => is_url(error),
        Error::StandIn { source, .. } => is_url(source),
        _ => false,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Command { error: Box::new(error), context: Context::default() }
    }
}
