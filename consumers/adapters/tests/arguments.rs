//! The arguments of tests that are connections of each driver.

use std::process::Command;

use aludel::Pending;
use aludel::testing::{FromTestDatabase, TestDatabase, TestError};
use aludel_testkit::server;

/// The tests with a database on a server, which they are given by the one below.
mod on_a_server {
    use std::error::Error;

    use diesel::RunQueryDsl as _;

    const INSERT: &str = "INSERT INTO accounts VALUES (2, 'b@x.y', 'a')";

    #[aludel::test(migrations = "../../crates/aludel/tests/it/embedded/newer")]
    #[ignore = "it is given a server"]
    fn diesel(mut connection: diesel::PgConnection) {
        assert_eq!(diesel::sql_query(INSERT).execute(&mut connection), Ok(1));
    }

    #[aludel::test(migrations = "../../crates/aludel/tests/it/embedded/newer")]
    #[ignore = "it is given a server"]
    async fn a_type_of_the_application(pool: super::Pool) -> Result<(), Box<dyn Error>> {
        assert_eq!(pool.0.get().await?.execute(INSERT, &[]).await?, 1);
        Ok(())
    }

    #[aludel::test(migrations = "../../crates/aludel/tests/it/embedded/newer")]
    #[ignore = "it is given a server"]
    async fn sqlx_and_tokio_postgres(pool: sqlx::PgPool, client: tokio_postgres::Client) {
        sqlx::query(INSERT).execute(&pool).await.unwrap();
        let row = client.query_one("SELECT name FROM accounts WHERE id = 2", &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), "a");
    }
}

/// A pool of deadpool, as an application has one.
struct Pool(deadpool_postgres::Pool);

impl FromTestDatabase for Pool {
    fn from_test_database(database: &TestDatabase) -> Pending<'_, Result<Self, TestError>> {
        Box::pin(async {
            let config = database.url().parse::<tokio_postgres::Config>();
            let config = config.map_err(|error| TestError::Open(Box::new(error)))?;
            let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
            let pool = deadpool_postgres::Pool::builder(manager).build();
            pool.map(Self).map_err(|error| TestError::Open(Box::new(error)))
        })
    }
}

mod in_a_file {
    #[aludel::test(
        url = "sqlite:any.db",
        migrations = "../../crates/aludel/tests/it/embedded/newer"
    )]
    async fn sqlx_and_rusqlite(pool: sqlx::SqlitePool, connection: rusqlite::Connection) {
        connection.execute("INSERT INTO accounts VALUES (2, 'b@x.y', 'a')", []).unwrap();
        let names = sqlx::query_scalar::<_, String>("SELECT name FROM accounts WHERE id = 2")
            .fetch_all(&pool);
        assert_eq!(names.await.unwrap(), ["a"]);
    }
}

#[test]
fn a_test_is_given_the_connection_that_it_asks_for() {
    let server = server();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "on_a_server::"])
        .env("DATABASE_URL", server.url_as("postgres", "postgres"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("3 passed"), "{text}");
    let left = "SELECT datname FROM pg_database WHERE datname LIKE 'aludel\\_test\\_%'";
    assert_eq!(server.sql("postgres", left), "");
}
