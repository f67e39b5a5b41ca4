//! The place of PostgreSQL in a build without the feature `postgres`.

use std::fmt;

use crate::error::{ConnectCause, ConnectError, DriverError, UrlError};
use crate::libpq::LibpqEnvironment;
use crate::session::Session;

const ABSENT: &str =
    "this program was built without the feature `postgres` of Aludel, which connects to PostgreSQL";

/// A target that no URL has.
#[derive(Clone)]
pub(crate) struct PostgresTarget(());

impl PostgresTarget {
    pub(crate) fn parse(_: &str, _: &LibpqEnvironment) -> Result<Self, UrlError> {
        Err(UrlError::in_url(ABSENT))
    }

    pub(crate) fn set_database(&mut self, _: &str) {}

    pub(crate) fn database(&self) -> Option<&str> {
        None
    }

    pub(crate) fn is_local(&self) -> bool {
        false
    }
}

impl fmt::Display for PostgresTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgresql:")
    }
}

pub(crate) async fn open(target: &PostgresTarget) -> Result<Box<dyn Session>, DriverError> {
    Err(DriverError::Connect(ConnectError {
        target: target.to_string(),
        reason: ABSENT.to_owned(),
        code: None,
        cause: ConnectCause::NotHere,
    }))
}
