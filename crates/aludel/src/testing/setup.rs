use std::env;

use super::error::TestError;
use crate::migrator::Embedded;

/// The arguments of the attribute of a test.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The path of the test in its crate.
    pub name: &'static str,
    /// The revisions of its database.
    pub migrations: Embedded,
    /// The URL of the attribute.
    pub url: Option<&'static str>,
    /// The variable with the URL, if the attribute has none.
    pub variable: &'static str,
    /// True if the test has to panic.
    pub should_panic: bool,
}

impl Setup {
    /// Returns the URL of the server, or of SQLite.
    pub(crate) fn url(&self) -> Result<String, TestError> {
        let found = match self.url {
            Some(url) => Some(url.to_owned()),
            None => env::var(self.variable).ok(),
        };
        let found = found.filter(|url| !url.trim().is_empty());
        found.ok_or_else(|| TestError::NoUrl { variable: self.variable.to_owned() })
    }
}
