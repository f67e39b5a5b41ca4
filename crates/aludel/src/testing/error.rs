use std::path::PathBuf;

use aludel_driver::{DriverError, UrlError};

use crate::migrator::MigrateError;

/// The reason why a test has no database.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum TestError {
    #[error(
        "there is no database for tests: set {variable} to a URL such as \
         postgresql://localhost/postgres or sqlite:test.db, or write `url = \"…\"` in the attribute"
    )]
    NoUrl { variable: String },
    #[error("the URL of the database for tests can't be used: {0}")]
    Url(#[from] UrlError),
    #[error("the URL of the database for tests can't be used: {reason}")]
    Form { reason: &'static str },
    #[error("the database for the test can't be made: {0}")]
    Driver(#[from] DriverError),
    #[error("the revisions for the test can't be applied: {0}")]
    Migrate(#[from] MigrateError),
    #[error(
        "a database {name} is there, and its comment does not say that it is a template of aludel: \
         rename or drop it"
    )]
    NotOurs { name: String },
    #[error("the template {name} is in use for too long: end the sessions in it")]
    InUse { name: String },
    #[error("{action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the database of the test can't be opened: {0}")]
    Open(Box<dyn std::error::Error + Send + Sync>),
}

impl TestError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
