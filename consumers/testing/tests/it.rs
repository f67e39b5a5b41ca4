//! Tests with databases of their own. Those of the application are run by those of the harness, which
//! give them a server.

use std::process::Command;

use aludel::Migrator;
use aludel::testing::{StairwayError, stairway};
use aludel_testkit::{Folder, Server, ServerOptions};

/// The tests of the application.
mod application {
    use aludel::testing::TestDatabase;
    use consumer_testing::add;

    #[aludel::test]
    #[ignore = "the harness runs it"]
    async fn a_pool_is_given(pool: sqlx::PgPool) {
        assert_eq!(add(&pool, "first").await.unwrap(), 1);
    }

    #[aludel::test(migrations = "migrations/versions")]
    #[ignore = "the harness runs it"]
    async fn another_test_has_another_database(
        pool: sqlx::PgPool,
        database: TestDatabase,
    ) -> Result<(), sqlx::Error> {
        assert_eq!(add(&pool, "second").await?, 1);
        assert!(database.url().ends_with(&database.name()));
        Ok(())
    }

    #[aludel::test]
    #[ignore = "the harness runs it"]
    async fn a_client_is_given(client: tokio_postgres::Client) {
        client.execute("INSERT INTO notes VALUES ('third')", &[]).await.unwrap();
    }

    #[aludel::test(migrations = false)]
    #[ignore = "the harness runs it"]
    fn a_plain_test_has_an_empty_database(database: TestDatabase) {
        let count = aludel::block_on(async {
            let (client, connection) =
                tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let row = client.query_one("SELECT to_regclass('notes') IS NULL", &[]).await.unwrap();
            row.get::<_, bool>(0)
        });
        assert!(count.unwrap());
    }

    #[aludel::test]
    #[ignore = "the harness runs it"]
    #[should_panic(expected = "empty title")]
    async fn a_panic_that_is_expected_keeps_nothing(pool: sqlx::PgPool) {
        add(&pool, "").await.expect("empty title");
    }
}

mod failing {
    use consumer_testing::add;

    #[aludel::test]
    #[ignore = "the harness runs it"]
    async fn a_panic(pool: sqlx::PgPool) {
        add(&pool, "kept").await.unwrap();
        panic!("as intended");
    }

    #[aludel::test]
    #[ignore = "the harness runs it"]
    async fn an_error(pool: sqlx::PgPool) -> Result<(), sqlx::Error> {
        add(&pool, "").await.map(|_| ())
    }
}

mod in_a_file {
    #[aludel::test(url = "sqlite:any.db")]
    fn a_connection_is_given(connection: rusqlite::Connection) {
        connection.execute("INSERT INTO notes VALUES ('a')", []).unwrap();
        let count = connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0));
        assert_eq!(count, Ok(1));
    }

    #[aludel::test(url = "sqlite:any.db")]
    async fn an_async_test_too(connection: rusqlite::Connection) -> Result<(), rusqlite::Error> {
        connection.execute("INSERT INTO notes VALUES ('b')", []).map(|_| ())
    }

    #[aludel::test(url = "sqlite:any.db")]
    #[ignore = "the harness runs it"]
    fn a_failure(_: rusqlite::Connection) {
        panic!("as intended");
    }
}

/// Runs those tests of this file whose names have `filter` in them, on many threads.
fn run(filter: &str, url: Option<&str>) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--test-threads=16", "--nocapture", filter]);
    match url {
        Some(url) => command.env("DATABASE_URL", url),
        None => command.env_remove("DATABASE_URL"),
    };
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (output.status.success(), text)
}

fn databases(server: &Server, like: &str) -> Vec<String> {
    let query = format!("SELECT datname FROM pg_database WHERE datname LIKE '{like}' ORDER BY 1");
    server.sql("postgres", &query).lines().map(str::to_owned).collect()
}

#[test]
fn many_tests_of_many_processes_share_one_template() {
    let server = Server::with(&ServerOptions::default());
    let url = server.url_as("postgres", "postgres");
    let results: Vec<(bool, String)> = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..6).map(|_| scope.spawn(|| run("application::", Some(&url)))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for (is_success, text) in results {
        assert!(is_success && text.contains("5 passed"), "{text}");
    }
    // One of the files, and one of none.
    assert_eq!(databases(&server, "aludel_template_%").len(), 2);
    assert_eq!(databases(&server, "aludel_test_%"), [""; 0]);
}

#[test]
fn the_database_of_a_test_that_fails_is_kept_until_it_runs_again() {
    let server = Server::with(&ServerOptions::default());
    let url = server.url_as("postgres", "postgres");
    server.sql("postgres", "CREATE DATABASE aludel_test_0123456789abcdef");
    let mut before = Vec::new();
    for _ in 0..2 {
        let (is_success, text) = run("failing::", Some(&url));
        assert!(!is_success && text.contains("as intended"), "{text}");
        let mut kept = databases(&server, "aludel_test_%");
        // That one has no mark, and is nobody's to drop.
        kept.retain(|name| name != "aludel_test_0123456789abcdef");
        assert_eq!(kept.len(), 2, "{text}");
        for name in &kept {
            assert!(text.contains(&format!("the database is kept: {name}")), "{text}");
        }
        let notes: Vec<String> =
            kept.iter().map(|name| server.sql(name, "SELECT count(*) FROM notes")).collect();
        assert!(notes.iter().any(|count| count.trim() == "1"), "{notes:?}");
        assert!(kept.iter().all(|name| !before.contains(name)), "{kept:?}");
        before = kept;
    }
    assert_eq!(databases(&server, "aludel_test_0123456789abcdef").len(), 1);
}

#[test]
fn a_test_that_was_killed_leaves_nothing_for_ever() {
    let server = Server::with(&ServerOptions::default());
    let url = server.url_as("postgres", "postgres");
    for (name, mark) in [
        ("aludel_test_1111111111111111", "made by aludel for tests; running since 1000: gone"),
        (
            "aludel_test_2222222222222222",
            "made by aludel for tests; running since 99999999999: runs",
        ),
        (
            "aludel_test_3333333333333333",
            "made by aludel for tests; kept since 1000: of another test",
        ),
        ("aludel_template_4444444444444444", "made by aludel for tests; template since 1000"),
        ("aludel_test_5555555555555555", "our own notes"),
    ] {
        server.sql("postgres", &format!("CREATE DATABASE {name}"));
        server.sql("postgres", &format!("COMMENT ON DATABASE {name} IS '{mark}'"));
    }
    assert!(run("a_pool_is_given", Some(&url)).0);
    let left = databases(&server, "aludel_te%_%");
    let left: Vec<&str> = left.iter().map(|name| &name[name.len() - 4..]).collect();
    assert_eq!(left[1..], ["2222", "3333", "5555"]);
}

#[test]
fn a_test_without_a_server_fails_and_says_why() {
    let (is_success, text) = run("a_pool_is_given", None);
    assert!(
        !is_success && text.contains("there is no database for tests: set DATABASE_URL"),
        "{text}"
    );
    let (is_success, text) = run("a_pool_is_given", Some("postgresql://nobody@localhost:1/none"));
    assert!(!is_success && text.contains("the database for the test can't be made"), "{text}");
}

#[test]
fn a_file_is_kept_too() {
    let mut kept: Vec<String> = Vec::new();
    for _ in 0..2 {
        let (is_success, text) = run("in_a_file::", None);
        assert!(!is_success, "{text}");
        let path = text.split("the database is kept: ").nth(1).unwrap().lines().next().unwrap();
        assert!(std::fs::exists(path).unwrap(), "{path}");
        for earlier in &kept {
            assert!(!std::fs::exists(earlier).unwrap(), "{earlier}");
        }
        kept.push(path.to_owned());
    }
}

/// Returns the migrator of a folder with a revision for each upgrade and downgrade, and the folder.
fn migrator(revisions: &[(&str, &str, &str)]) -> (Migrator, Folder) {
    let folder = Folder::new("stairway");
    let mut parent = "none".to_owned();
    for (id, upgrade, downgrade) in revisions {
        let (id, down) = match id.split_once(" on ") {
            Some((id, down)) => (id, down.to_owned()),
            None => (*id, parent),
        };
        let text = format!(
            "-- {id}\n--\n-- revision: {id}\n-- down_revision: {down}\n\n-- aludel: upgrade\n{upgrade}\n\
             -- aludel: downgrade\n{downgrade}\n"
        );
        std::fs::write(folder.path().join(format!("{id}.sql")), text).unwrap();
        parent = id.to_owned();
    }
    (Migrator::from_folder(folder.path()).unwrap(), folder)
}

#[tokio::test]
async fn a_stairway_names_the_revision_whose_way_back_is_not_exact() {
    let server = Server::with(&ServerOptions::default());
    for url in [server.url_as("postgres", "postgres"), "sqlite:any.db".to_owned()] {
        let first = ("a1", "CREATE TABLE t (x int);", "DROP TABLE t;");
        let branches = [
            first,
            ("b1 on a1", "CREATE TABLE b (x int);", "DROP TABLE b;"),
            (
                "c1 on a1",
                "CREATE TABLE c (x int);\nCREATE VIEW v AS SELECT x FROM c;",
                "DROP VIEW v;\nDROP TABLE c;",
            ),
            ("r1 on none", "CREATE TABLE r (x int);", "DROP TABLE r;"),
            ("m1 on b1, c1", "", ""),
            ("n1 on m1", "INSERT INTO t VALUES (1);", "-- aludel: irreversible: rows are gone"),
            ("o1 on n1", "CREATE INDEX i ON t (x);", "DROP INDEX i;"),
        ];
        let (good, _folder) = migrator(&branches);
        stairway(&good, &url).await.unwrap();

        let (forgets, _folder) = migrator(&[
            first,
            ("b1", "CREATE TABLE u (x int);\nCREATE TABLE w (x int);", "DROP TABLE u;"),
        ]);
        let error = stairway(&forgets, &url).await.unwrap_err();
        assert!(
            matches!(&error, StairwayError::NotBack { revision, .. } if revision == "b1")
                && error.to_string().contains("table w is left over"),
            "{error}"
        );
        let (changes, _folder) =
            migrator(&[first, ("b1", "DROP TABLE t;", "CREATE TABLE t (x text);")]);
        let error = stairway(&changes, &url).await.unwrap_err().to_string();
        assert!(
            error.contains("revision b1") && error.contains("column t.x is not as it was"),
            "{error}"
        );
        let (fails, _folder) =
            migrator(&[first, ("b1", "CREATE TABLE u (x int);", "DROP TABLE nowhere;")]);
        let error = stairway(&fails, &url).await.unwrap_err();
        assert!(error.to_string().starts_with("revision b1 fails to downgrade"), "{error}");
    }
}
