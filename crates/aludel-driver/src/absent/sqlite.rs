//! The place of SQLite in a build without the feature `sqlite`.

use std::fmt;
use std::path::Path;

use crate::error::{ConnectCause, ConnectError, DriverError};
use crate::open_mode::OpenMode;
use crate::session::Session;

const ABSENT: &str =
    "this program was built without the feature `sqlite` of Aludel, which connects to SQLite";

/// A target that no URL has.
#[derive(Clone)]
pub(crate) struct SqliteTarget(());

impl SqliteTarget {
    pub(crate) fn parse(_: &str, _: &Path) -> Result<Self, String> {
        Err(ABSENT.to_owned())
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        None
    }

    pub(crate) fn may_create(&self) -> bool {
        false
    }
}

impl fmt::Display for SqliteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sqlite:")
    }
}

pub(crate) async fn open(
    target: &SqliteTarget,
    _: OpenMode,
) -> Result<Box<dyn Session>, DriverError> {
    Err(DriverError::Connect(ConnectError {
        target: target.to_string(),
        reason: ABSENT.to_owned(),
        code: None,
        cause: ConnectCause::NotHere,
    }))
}
