//! The sources of a connection.

use std::path::Path;

use crate::connection::Connection;
use crate::error::DriverError;
use crate::open_mode::OpenMode;
use crate::url::DatabaseUrl;

/// A source of a connection: a URL, which is opened, or a connection of the application.
///
/// The path in a URL of SQLite is relative to the working directory. A [`DatabaseUrl`] may be
/// relative to another one, and take what it leaves out from the variables of libpq.
pub trait Connect<'c>: Send {
    /// Returns the connection. `mode` counts for one that is opened.
    ///
    /// # Errors
    ///
    /// Fails if the URL can't be read, if the database can't be reached, or if the connection of
    /// the application can't be used as it is.
    fn connect(
        self,
        mode: OpenMode,
    ) -> impl Future<Output = Result<Connection<'c>, DriverError>> + Send;
}

impl<'c> Connect<'c> for Connection<'c> {
    async fn connect(self, _: OpenMode) -> Result<Self, DriverError> {
        Ok(self)
    }
}

impl Connect<'static> for &DatabaseUrl {
    async fn connect(self, mode: OpenMode) -> Result<Connection<'static>, DriverError> {
        Connection::open(self, mode).await
    }
}

impl Connect<'static> for &str {
    async fn connect(self, mode: OpenMode) -> Result<Connection<'static>, DriverError> {
        Connection::open(&DatabaseUrl::parse(self, Path::new(""))?, mode).await
    }
}

impl Connect<'static> for &String {
    async fn connect(self, mode: OpenMode) -> Result<Connection<'static>, DriverError> {
        self.as_str().connect(mode).await
    }
}
