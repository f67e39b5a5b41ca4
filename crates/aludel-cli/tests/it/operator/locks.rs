//! Locks: of other runners, and of other sessions on the tables of a revision.

use std::time::{Duration, Instant};

use aludel_testkit::TestProject;

use super::Place;

/// Holds a transaction open in a session of its own until the session is ended.
fn hold(place: &Place, sql: &str) -> std::thread::JoinHandle<()> {
    let (server, name) = (place.database.server(), place.database.name.clone());
    let script = format!("SET application_name = 'holder'; BEGIN; {sql}; SELECT pg_sleep(60);");
    let thread = std::thread::spawn(move || {
        let _ = server.try_sql(&name, &script);
    });
    place.until("EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'holder' AND datname = current_database() AND query LIKE '%pg_sleep%')");
    thread
}

fn let_go(place: &Place) {
    place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder' AND datname = current_database()");
}

#[test]
fn another_runner_is_named_and_waited_for_with_a_limit() {
    let place = Place::with("SELECT pg_sleep(60);");
    let child = place.upgrade_until("pg_sleep");
    let begun = Instant::now();
    let waited = place.project.run("upgrade head --lock-wait 1s").exits(1);
    assert!(begun.elapsed() < Duration::from_secs(20));
    waited
        .says("waiting for another runner to finish")
        .says("user postgres, aludel at local")
        .says("pg_sleep(60)")
        .says("another runner holds the lock of public.aludel_version for more than 1 s")
        .says("--lock-wait")
        .stdout
        .clear();
    TestProject::signal(&child, "INT");
    TestProject::outcome(child).exits(1).stdout.clear();
}

/// A run waits for a read before its first revision as for a statement.
#[test]
fn who_locks_the_tables_of_the_runner_is_named_and_the_wait_can_be_ended() {
    let place = Place::with("CREATE TABLE t (x int);");
    place.project.run("upgrade head").ok();
    let held = |table: &str, command: &[&str], code: i32| {
        let holder = hold(&place, &format!("LOCK TABLE {table}"));
        let begun = Instant::now();
        let child = place.project.spawn(command);
        std::thread::sleep(Duration::from_millis(3500));
        TestProject::signal(&child, "TERM");
        let ran = TestProject::outcome(child);
        let took = begun.elapsed();
        let_go(&place);
        holder.join().unwrap();
        assert_eq!(ran.code, code, "{table}, {command:?}: {}", ran.stderr);
        assert!(took < Duration::from_secs(15), "{table}, {command:?}: {took:?}");
        ran.says("the statement waits for a lock of").says("holder at local").stdout.clear();
    };
    for table in ["aludel_version", "aludel_version_log"] {
        held(table, &["upgrade", "head"], 1);
        // A stamp is ended by the signal itself.
        held(table, &["stamp", "head"], -1);
    }
    assert_eq!(place.project.run("current").ok(), "a1 (head)\n");
}

#[test]
fn a_lock_on_a_table_is_given_up_and_tried_again() {
    let place = Place::with("CREATE TABLE first (x int);\nALTER TABLE t ADD COLUMN y int;");
    place.sql("CREATE TABLE t (x int)");
    let holder = hold(&place, "SELECT * FROM t");
    let child = place.project.spawn(&["upgrade", "head", "--lock-timeout", "300ms"]);
    // Meanwhile a reader waits for as long as the runner waits, and no longer.
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let begun = Instant::now();
        place.sql("SELECT count(*) FROM t");
        longest = longest.max(begun.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(longest < Duration::from_millis(1300), "{longest:?}");
    let_go(&place);
    holder.join().unwrap();
    let ran = TestProject::outcome(child).exits(0);
    let told = ran
        .says("canceling statement due to lock timeout; rolled back, trying again in")
        .says("holder at local");
    assert_eq!(told.stderr.matches("the statement waits for a lock of").count(), 1);
    assert_eq!(place.sql("SELECT count(*) FROM t"), "0");
}

#[test]
fn attempts_have_an_end_and_rows_alone_are_waited_for() {
    let place = Place::with("UPDATE t SET x = 2;");
    place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
    let holder = hold(&place, "UPDATE t SET x = 3");
    let child = place.project.spawn(&["upgrade", "head", "--lock-timeout", "100ms"]);
    std::thread::sleep(Duration::from_millis(4500));
    let_go(&place);
    holder.join().unwrap();
    // A statement that only changes rows keeps nobody out: it waits, and says for whom.
    let ran = TestProject::outcome(child).exits(0);
    let told = ran.says("the statement waits for a lock of").says("holder at local");
    assert!(!told.stderr.contains("trying again"), "{}", told.stderr);
}

#[test]
fn a_timeout_of_the_role_does_not_end_long_work() {
    let place = Place::with("SELECT pg_sleep(0.5);\nVACUUM t;");
    place.sql("CREATE TABLE t (x int)");
    place.sql(&format!("ALTER DATABASE {} SET statement_timeout = '100ms'", place.database.name));
    place.project.run("upgrade head").ok();
    let place = Place::with("-- aludel: statement_timeout = 100ms\nSELECT pg_sleep(5);");
    let stopped = place.project.run("upgrade head").exits(1);
    stopped.says("statement timeout").says("-- aludel: statement_timeout = ").stdout.clear();
}

#[test]
fn a_single_transaction_is_all_or_nothing() {
    let place = Place::new();
    place.project.revision(
        "a1",
        "none",
        "SET search_path = pg_catalog;\nCREATE TABLE public.a (x int);",
        "DROP TABLE a;",
    );
    place.project.revision(
        "b1",
        "a1",
        "CREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);",
        "DROP TABLE b;",
    );
    let failed = place.project.run("upgrade head --single-transaction").exits(1);
    failed
        .says("revision b1 failed to upgrade")
        .says("every revision of the run was rolled back")
        .stdout
        .clear();
    assert_eq!(place.sql("SELECT to_regclass('a') IS NULL AND to_regclass('b') IS NULL"), "t");
    place.project.revision("b1", "a1", "CREATE TABLE b (x int);", "DROP TABLE b;");
    place.project.run("upgrade head --single-transaction").ok();
    assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "b1");
    place.project.revision("c1", "b1", "CREATE INDEX CONCURRENTLY i ON b (x);", "");
    let refused = place.project.run("upgrade head --single-transaction").exits(1);
    refused.says("has statements outside of a transaction").stdout.clear();
    place.project.run("downgrade base --single-transaction").ok();
    assert_eq!(place.sql("SELECT count(*) FROM aludel_version"), "0");
}

/// A lock that a function takes is given up in time too.
#[test]
fn locks_of_functions_are_given_up_and_tried_again() {
    for upgrade in [
        "DO $$ BEGIN ALTER TABLE t ADD COLUMN y int; END $$;",
        "-- aludel: no-transaction\nCREATE TABLE u (x int);\nSELECT mig();",
    ] {
        let place = Place::with(upgrade);
        place.sql("CREATE TABLE t (x int); CREATE FUNCTION mig() RETURNS void LANGUAGE sql AS 'ALTER TABLE t ADD COLUMN y int'");
        let holder = hold(&place, "SELECT * FROM t");
        let child = place.project.spawn(&["upgrade", "head", "--lock-timeout", "200ms"]);
        std::thread::sleep(Duration::from_millis(900));
        let_go(&place);
        holder.join().unwrap();
        TestProject::outcome(child).exits(0).says("trying again").stdout.clear();
    }
}

/// Holds the write lock of a SQLite file in a process of its own.
fn hold_file(project: &TestProject) -> std::process::Child {
    use std::io::{BufRead as _, BufReader, Write as _};
    let mut holder = aludel_testkit::sqlite3()
        .arg(project.path().join("test.db"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    holder.stdin.as_mut().unwrap().write_all(b"BEGIN IMMEDIATE; SELECT 'held';\n").unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "held");
    holder
}

#[test]
fn a_locked_file_is_waited_for_with_a_word_and_until_a_signal() {
    for is_new in [true, false] {
        let project = TestProject::new(super::PROGRAM, "sqlite:test.db");
        project.revision("a1", "none", "CREATE TABLE a (x int);", "");
        if !is_new {
            project.run("upgrade head").ok();
        }
        project.revision("b1", "a1", "CREATE TABLE b (x int);", "");
        let mut holder = hold_file(&project);
        let child = project.spawn(&["upgrade", "head"]);
        std::thread::sleep(Duration::from_millis(1500));
        let begun = Instant::now();
        TestProject::signal(&child, "TERM");
        let stopped = TestProject::outcome(child).exits(1);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        let said = "another connection has locked the database file; waiting for it";
        stopped.says(said).says("interrupted").stdout.clear();
        let child = project.spawn(&["upgrade", "head"]);
        std::thread::sleep(Duration::from_millis(500));
        holder.kill().unwrap();
        holder.wait().unwrap();
        TestProject::outcome(child).exits(0).says("applied").stdout.clear();
    }
}
