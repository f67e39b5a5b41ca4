//! Migrations on the application's own connections, against real databases.

use std::time::Duration;

use aludel::{Connect, MigrateError, Migrator, RunError, StepConnection, StepError, embed};
use aludel_testkit::{Folder, TestDatabase, server};
use bb8_postgres::PostgresConnectionManager;

static MIGRATOR: Migrator = Migrator::new(embed!("../../crates/aludel/tests/it/embedded/newer"));

/// Connects as each driver of PostgreSQL does, and runs a block with the connection in turn.
macro_rules! each_time {
    ($connection:ident: $open:expr => $test:expr) => {{
        let mut $connection = $open;
        $test
    }};
}

async fn client(database: &TestDatabase) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn diesel_connection(database: &TestDatabase) -> diesel::PgConnection {
    use diesel::Connection as _;
    diesel::PgConnection::establish(&database.url()).unwrap()
}

async fn sqlx_connection(database: &TestDatabase) -> sqlx::PgConnection {
    use sqlx::Connection as _;
    sqlx::PgConnection::connect(&database.url()).await.unwrap()
}

/// Goes up, down and up again on one connection that stays the application's.
macro_rules! goes_up_and_down {
    ($connection:expr) => {{
        assert_eq!(MIGRATOR.upgrade($connection, "head").await.unwrap(), ["a1", "b2", "c3"]);
        MIGRATOR.check_at_head($connection).await.unwrap();
        assert_eq!(MIGRATOR.downgrade($connection, "base").await.unwrap(), ["c3", "b2", "a1"]);
        assert!(MIGRATOR.current($connection).await.unwrap().is_empty());
        assert_eq!(MIGRATOR.upgrade($connection, "head").await.unwrap(), ["a1", "b2", "c3"]);
        assert!(MIGRATOR.upgrade($connection, "head").await.unwrap().is_empty());
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn every_driver_of_postgres_goes_up_and_down() {
    let database = server().database();
    each_time!(own: client(&database).await => goes_up_and_down!(&mut own));
    let database = server().database();
    each_time!(own: sqlx_connection(&database).await => goes_up_and_down!(&mut own));
    let database = server().database();
    each_time!(own: diesel_connection(&database) => goes_up_and_down!(&mut own));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_driver_of_sqlite_goes_up_and_down() {
    use sqlx::Connection as _;
    let mut own = rusqlite::Connection::open_in_memory().unwrap();
    goes_up_and_down!(&mut own);
    let mut own = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    goes_up_and_down!(&mut own);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_is_enough() {
    let database = server().database();
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = pool.connect(&database.url()).await.unwrap();
    goes_up_and_down!(&pool);

    let folder = Folder::new("pool");
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("app.db").display());
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect(&url).await.unwrap();
    goes_up_and_down!(&pool);

    let database = server().database();
    let config: tokio_postgres::Config = database.url().parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    let mut own = pool.get().await.unwrap();
    goes_up_and_down!(&mut **own);

    let database = server().database();
    let config = database.url().parse().unwrap();
    let manager = PostgresConnectionManager::new(config, tokio_postgres::NoTls);
    let pool = bb8_postgres::bb8::Pool::builder().max_size(1).build(manager).await.unwrap();
    let mut own = pool.get().await.unwrap();
    goes_up_and_down!(&mut *own);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_whose_only_connection_is_in_use_says_so() {
    let database = server().database();
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = pool.acquire_timeout(Duration::from_millis(200));
    let pool = pool.connect(&database.url()).await.unwrap();
    let held = pool.acquire().await.unwrap();
    let error = MIGRATOR.upgrade(&pool, "head").await.unwrap_err().to_string();
    assert!(error.contains("the database of the pool: pool timed out"), "{error}");
    drop(held);
    assert!(MIGRATOR.current(&pool).await.unwrap().is_empty());

    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = pool.acquire_timeout(Duration::from_millis(200));
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    let held = pool.acquire().await.unwrap();
    let error = MIGRATOR.upgrade(&pool, "head").await.unwrap_err().to_string();
    assert!(error.contains("the database of the pool: pool timed out"), "{error}");
    drop(held);
    MIGRATOR.upgrade(&pool, "head").await.unwrap();
}

async fn refuses<'c>(on: impl Connect<'c>) {
    let error = MIGRATOR.upgrade(on, "head").await.unwrap_err();
    assert!(matches!(error, MigrateError::InTransaction), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_inside_of_a_transaction_is_refused_and_left_as_it_is() {
    use diesel::RunQueryDsl as _;
    use sqlx::Connection as _;
    let database = server().database();
    let mut own = client(&database).await;
    own.batch_execute("BEGIN; CREATE TABLE kept (a int)").await.unwrap();
    refuses(&mut own).await;
    own.batch_execute("COMMIT; SELECT * FROM kept").await.unwrap();

    let mut own = sqlx_connection(&database).await;
    sqlx::raw_sql("BEGIN; INSERT INTO kept VALUES (1)").execute(&mut own).await.unwrap();
    refuses(&mut own).await;
    sqlx::raw_sql("COMMIT").execute(&mut own).await.unwrap();

    let mut own = diesel_connection(&database);
    diesel::sql_query("BEGIN").execute(&mut own).unwrap();
    diesel::sql_query("INSERT INTO kept VALUES (2)").execute(&mut own).unwrap();
    refuses(&mut own).await;
    diesel::sql_query("COMMIT").execute(&mut own).unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM kept").trim(), "2");
    assert!(!database.sql("SELECT relname FROM pg_class").contains("aludel_version"));

    let mut own = rusqlite::Connection::open_in_memory().unwrap();
    own.execute_batch("BEGIN; CREATE TABLE kept (a)").unwrap();
    refuses(&mut own).await;
    own.execute_batch("COMMIT; SELECT * FROM kept").unwrap();
    let mut own = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql("BEGIN; CREATE TABLE kept (a)").execute(&mut own).await.unwrap();
    refuses(&mut own).await;
    sqlx::raw_sql("COMMIT; SELECT * FROM kept").execute(&mut own).await.unwrap();
}

/// Writes a folder with one revision.
fn revision(upgrade: &str) -> Folder {
    let folder = Folder::new("adapters");
    let text = format!(
        "-- x\n-- revision: x9\n-- down_revision: none\n\n-- aludel: upgrade\n{upgrade}\n\
         -- aludel: downgrade\n"
    );
    std::fs::write(folder.path().join("x9.sql"), text).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_with_its_place_and_rolled_back() {
    let folder = revision("CREATE TABLE t (a int);\nSELECT 1,\n  nope FROM t;");
    let migrator = Migrator::from_folder(folder.path()).unwrap();
    let check = |error: MigrateError| {
        let MigrateError::Run(RunError::Statement(failure)) = error else { panic!("{error}") };
        assert_eq!(failure.line, 7);
        let refused = failure.source.database().unwrap().statement().unwrap();
        assert_eq!(refused.position, Some(13), "{refused}");
        assert!(refused.message.contains("\"nope\" does not exist"), "{refused}");
    };
    let database = server().database();
    check(migrator.upgrade(&mut client(&database).await, "head").await.unwrap_err());
    check(migrator.upgrade(&mut sqlx_connection(&database).await, "head").await.unwrap_err());
    check(migrator.upgrade(&mut diesel_connection(&database), "head").await.unwrap_err());
    assert_eq!(database.sql("SELECT to_regclass('t') IS NULL").trim(), "t");
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_outside_of_a_transaction_and_batches_run_on_every_driver() {
    let folder = revision(
        "CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 25);\n\
         -- aludel: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);\n\
         -- aludel: batch\nDELETE FROM t WHERE a IN (SELECT a FROM t LIMIT 10);",
    );
    let migrator = Migrator::from_folder(folder.path()).unwrap();
    let database = server().database();
    migrator.upgrade(&mut client(&database).await, "head").await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM t").trim(), "0");
    let database = server().database();
    migrator.upgrade(&mut sqlx_connection(&database).await, "head").await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM t").trim(), "0");
    let database = server().database();
    migrator.upgrade(&mut diesel_connection(&database), "head").await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM t").trim(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_refused_by_name_where_a_driver_has_none() {
    let folder = revision("CREATE TABLE t (a int);\nCOPY t FROM STDIN;\n1\n2\n\\.\n");
    let migrator = Migrator::from_folder(folder.path()).unwrap();
    let database = server().database();
    let check = |error: MigrateError| {
        assert!(matches!(error, MigrateError::Run(RunError::NoCopy { line: 7, .. })), "{error}");
    };
    check(migrator.upgrade(&mut sqlx_connection(&database).await, "head").await.unwrap_err());
    check(migrator.upgrade(&mut diesel_connection(&database), "head").await.unwrap_err());
    migrator.upgrade(&mut client(&database).await, "head").await.unwrap();
    assert_eq!(database.sql("SELECT count(*) FROM t").trim(), "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_ends_with_the_run() {
    let database = server().database();
    let migrator = Migrator::new(embed!("../../crates/aludel/tests/it/embedded/newer"))
        .role("pg_database_owner");
    let mut own = client(&database).await;
    migrator.upgrade(&mut own, "head").await.unwrap();
    let role = own.query_one("SELECT current_user::text", &[]).await.unwrap();
    assert_eq!(role.get::<_, String>(0), "postgres");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_of_different_drivers_start_at_once() {
    let database = server().database();
    let instances: Vec<_> = (0..8)
        .map(|number| {
            let url = database.url();
            tokio::spawn(async move {
                use sqlx::Connection as _;
                if number % 2 == 0 {
                    let mut own = sqlx::PgConnection::connect(&url).await.unwrap();
                    return MIGRATOR.upgrade(&mut own, "head").await;
                }
                let connecting = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
                let (mut own, connection) = connecting.unwrap();
                tokio::spawn(connection);
                MIGRATOR.upgrade(&mut own, "head").await
            })
        })
        .collect();
    let mut applied = Vec::new();
    for instance in instances {
        applied.extend(instance.await.unwrap().unwrap());
    }
    assert_eq!(applied, ["a1", "b2", "c3"]);
}

async fn fill(tx: StepConnection<'_>) -> Result<u64, StepError> {
    let rows = tx.query("SELECT a FROM t WHERE b IS NULL ORDER BY a LIMIT 2", &[]).await?;
    for row in &rows {
        let text = format!("it's {}", row.text("a")?);
        let values = [text.into(), row.number("a")?.into()];
        tx.execute("UPDATE t SET b = $1 WHERE a = $2", &values).await?;
    }
    Ok(rows.len() as u64)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_runs_on_the_connection_of_every_driver() {
    use sqlx::Connection as _;
    let folder = revision(
        "CREATE TABLE t (a int, b text);\nINSERT INTO t (a) VALUES (1), (2), (3);\n\
         -- aludel: run fill\n-- aludel: batch\n-- aludel: run fill\n\
         CREATE TABLE ok AS SELECT 1 / count(*) AS a FROM t WHERE b = 'it''s 3';",
    );
    let migrator = Migrator::from_folder(folder.path()).unwrap().step("fill", fill);
    let filled = |database: &TestDatabase| {
        assert_eq!(database.sql("SELECT count(b) FROM t, ok").trim(), "3");
    };
    let database = server().database();
    migrator.upgrade(&mut client(&database).await, "head").await.unwrap();
    filled(&database);
    let database = server().database();
    migrator.upgrade(&mut sqlx_connection(&database).await, "head").await.unwrap();
    filled(&database);
    let database = server().database();
    migrator.upgrade(&mut diesel_connection(&database), "head").await.unwrap();
    filled(&database);
    let mut own = rusqlite::Connection::open_in_memory().unwrap();
    migrator.upgrade(&mut own, "head").await.unwrap();
    own.execute_batch("SELECT * FROM ok").unwrap();
    let mut own = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
    migrator.upgrade(&mut own, "head").await.unwrap();
}
