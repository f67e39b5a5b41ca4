use std::path::Path;

use aludel_driver::DatabaseUrl;

use super::error::TestError;
use super::in_file::InFile;
use super::on_server::OnServer;
use crate::migrator::Embedded;

/// The database of a test: empty but for what the revisions have made.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Server(OnServer),
    File(InFile),
}

impl TestDatabase {
    /// Creates the database of a test on the server of a URL, or in a file for a URL of SQLite.
    pub(crate) async fn create(
        url: &str,
        test: &str,
        migrations: Embedded,
    ) -> Result<Self, TestError> {
        if DatabaseUrl::parse(url, Path::new(""))?.is_postgres() {
            let database = OnServer::create(url, test, migrations).await?;
            return Ok(Self { url: database.url.clone(), place: Place::Server(database) });
        }
        let database = InFile::create(test, migrations).await?;
        Ok(Self {
            url: format!("sqlite:{}", database.path.display()),
            place: Place::File(database),
        })
    }

    /// Returns the URL, with its password if it has one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the name of the database on its server, or the path of its file.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Server(database) => database.name.clone(),
            Place::File(database) => database.path.display().to_string(),
        }
    }

    /// Returns the path of the file; `None` on a server.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Server(_) => None,
            Place::File(database) => Some(&database.path),
        }
    }

    pub(crate) async fn remove(&self) -> Result<(), TestError> {
        match &self.place {
            Place::Server(database) => database.remove().await,
            Place::File(database) => database.remove(),
        }
    }

    pub(crate) async fn keep(&self) -> Result<(), TestError> {
        match &self.place {
            Place::Server(database) => database.keep().await,
            Place::File(database) => database.keep(),
        }
    }
}
