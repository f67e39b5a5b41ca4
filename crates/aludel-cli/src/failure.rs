//! The failures with which the program can end.

use std::path::{Path, PathBuf};

use aludel::{ConfigError, Error, ResolveError};

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
    BadEnvironment {
        path: PathBuf,
        line: Option<usize>,
        name: Option<String>,
    },
    NotUnicode {
        name: String,
    },
    Interrupted {
        /// True if COMMIT was sent and had no answer.
        committing: bool,
    },
    NoEditor,
    NotLocal {
        database: String,
    },
    NoConsent {
        what: String,
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
        root: PathBuf,
    },
}

impl Failure {
    /// Returns the exit code: 2 for wrong usage or configuration, 1 for any other failure.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NoConfig { .. }
            | Self::NoFolder { .. }
            | Self::ReadConfig { .. }
            | Self::BadEnvironment { .. }
            | Self::NotUnicode { .. }
            | Self::BadConfig { .. } => 2,
            Self::Command { error, .. }
                if matches!(
                    **error,
                    Error::Resolve(ResolveError::Symbol(_))
                        | Error::Symbol(_)
                        | Error::RangeNotAllowed
                        | Error::NoTemplate { .. }
                ) =>
            {
                2
            }
            Self::Interrupted { .. }
            | Self::NoEditor
            | Self::NotLocal { .. }
            | Self::NoConsent { .. }
            | Self::NothingToEdit { .. }
            | Self::Editor { .. }
            | Self::Command { .. } => 1,
        }
    }

    /// Returns the failure with the folder that its paths are relative to.
    pub(crate) fn in_project(self, root: &Path) -> Self {
        match self {
            Self::Command { error, .. } => Self::Command { error, root: root.to_owned() },
            other => other,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Command { error: Box::new(error), root: PathBuf::new() }
    }
}
