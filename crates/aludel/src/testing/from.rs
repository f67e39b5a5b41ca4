use aludel_driver::Pending;

use super::database::TestDatabase;
use super::error::TestError;

/// A type of which a test can have an argument.
pub trait FromTestDatabase: Sized {
    /// Makes the value from the database of the test.
    ///
    /// # Errors
    ///
    /// Fails if the database can't be opened.
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>>;
}

impl FromTestDatabase for TestDatabase {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async { Ok(database.clone()) })
    }
}

#[cfg(any(
    feature = "tokio-postgres",
    feature = "rusqlite",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite",
    feature = "diesel-postgres"
))]
fn open(error: impl std::error::Error + Send + Sync + 'static) -> TestError {
    TestError::Open(Box::new(error))
}

#[cfg(feature = "tokio-postgres")]
impl FromTestDatabase for tokio_postgres::Client {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async {
            let opened = tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await;
            let (client, connection) = opened.map_err(open)?;
            tokio::spawn(connection);
            Ok(client)
        })
    }
}

#[cfg(feature = "sqlx-postgres")]
impl FromTestDatabase for sqlx::PgPool {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async { Self::connect(database.url()).await.map_err(open) })
    }
}

#[cfg(feature = "sqlx-sqlite")]
impl FromTestDatabase for sqlx::SqlitePool {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async { Self::connect(database.url()).await.map_err(open) })
    }
}

#[cfg(feature = "rusqlite")]
impl FromTestDatabase for rusqlite::Connection {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async {
            let reason = "a connection of rusqlite needs a URL of SQLite";
            let path = database.file().ok_or(TestError::Form { reason })?;
            Self::open(path).map_err(open)
        })
    }
}

#[cfg(feature = "diesel-postgres")]
impl FromTestDatabase for diesel::PgConnection {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async { diesel::Connection::establish(database.url()).map_err(open) })
    }
}
