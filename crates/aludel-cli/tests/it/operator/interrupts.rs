//! Interruptions: nothing is committed after one, and the last line is what happened.

use std::time::Duration;

use aludel_testkit::{Outcome, TestProject};

use super::Place;
use crate::PROGRAM;

/// The number of short statements of a revision: so many that a fast machine does not end them before a signal.
const STATEMENTS: usize = 20_000;

fn many_short_statements() -> String {
    let insert = |at: usize| format!("INSERT INTO t VALUES ({at});\n");
    format!("CREATE TABLE t (x int);\n{}", (0..STATEMENTS).map(insert).collect::<String>())
}

/// Interrupts a run after each of several delays, and returns how many had begun and not ended by then. `rows`
/// counts the rows of `t`; -1 if there is none.
fn interrupt(project: &TestProject, signal: &str, rows: impl Fn() -> i64) -> usize {
    let mut interrupted = 0;
    for step in 0..12 {
        let child = project.spawn(&["upgrade", "head"]);
        std::thread::sleep(Duration::from_millis(20 + step * 15));
        TestProject::signal(&child, signal);
        let Outcome { code, stderr, .. } = TestProject::outcome(child);
        let told = stderr.contains("interrupted");
        match (code, rows()) {
            (1, -1) => {
                assert!(told, "{stderr}");
                interrupted += 1;
            }
            // A signal before the program has set its handler ends it.
            (-1, -1) => {}
            (0, all) => {
                assert_eq!(all, i64::try_from(STATEMENTS).unwrap(), "{stderr}");
                assert!(!stderr.contains("rolled back"), "{stderr}");
                project.run("downgrade base --yes").ok();
            }
            (code, rows) => assert_eq!((code, rows), (1, -1), "{stderr}"),
        }
    }
    interrupted
}

/// Returns true if the tests were started with SIGHUP ignored, as `nohup` does. The program keeps to that then.
fn is_without_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|m| m & 1 == 1)
}

#[test]
fn many_short_statements_on_postgres() {
    for signal in ["INT", "TERM", "HUP"] {
        if signal == "HUP" && is_without_terminal() {
            println!("left out: the tests ignore SIGHUP, and so does the program");
            continue;
        }
        let place = Place::new();
        place.project.revision("a1", "none", &many_short_statements(), "DROP TABLE t;");
        interrupt(&place.project, signal, || {
            if place.sql("SELECT to_regclass('t') IS NULL") == "t" {
                return -1;
            }
            place.sql("SELECT count(*) FROM t").parse().unwrap()
        });
        // A busy machine may end all of them before the signal, but not the last one here.
        let last = "INSERT INTO t SELECT 1 FROM pg_sleep(60);\n";
        let place = Place::with(&format!("{}{last}", many_short_statements()));
        let child = place.upgrade_until("INSERT INTO t");
        TestProject::signal(&child, signal);
        TestProject::outcome(child).exits(1).says("interrupted").stdout.clear();
        assert_eq!(place.sql("SELECT to_regclass('t') IS NULL"), "t");
    }
}

#[test]
fn many_short_statements_on_sqlite() {
    let project = TestProject::new(PROGRAM, "sqlite:test.db");
    project.revision("a1", "none", &many_short_statements(), "DROP TABLE t;");
    let interrupted = interrupt(&project, "INT", || {
        let file = project.path().join("test.db");
        let there = "SELECT coalesce((SELECT count(*) FROM sqlite_schema WHERE name = 't'), 0)";
        let one = |sql| -> i64 {
            let output = aludel_testkit::sqlite3().arg(&file).arg(sql).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
        };
        if !file.exists() || one(there) == 0 { -1 } else { one("SELECT count(*) FROM t") }
    });
    assert!(interrupted > 0, "no run was interrupted");
}

#[test]
fn a_signal_between_two_revisions_names_the_next() {
    let place = Place::new();
    place.project.revision("a1", "none", "CREATE TABLE a (x int);", "");
    place.project.revision("b1", "a1", "CREATE TABLE b (x int);\nSELECT pg_sleep(60);", "");
    let child = place.upgrade_until("pg_sleep");
    TestProject::signal(&child, "TERM");
    let stopped = TestProject::outcome(child).exits(1);
    stopped.says("interrupted: revision b1 was rolled back").stdout.clear();
    assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1");
    assert_eq!(place.sql("SELECT to_regclass('b') IS NULL"), "t");
    place.until("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'aludel')");
}

/// After an interruption in the last part, what was done outside of its transaction is said to stay.
#[test]
fn what_is_done_before_an_interruption_is_told() {
    let place = Place::with(
        "CREATE TABLE p (i int);\nCREATE INDEX CONCURRENTLY ci ON p (i);\nSELECT pg_sleep(60);",
    );
    let child = place.upgrade_until("pg_sleep");
    TestProject::signal(&child, "INT");
    let stopped = TestProject::outcome(child).exits(1);
    let stopped = stopped.says("the transaction of revision a1 that ran was rolled back");
    let stopped = stopped.says("done before it, outside of its transaction: 2 statements");
    assert!(!stopped.stderr.contains("as it was before"), "{}", stopped.stderr);
}

/// A second signal ends the program, which says what it knows about a COMMIT without an answer.
#[test]
fn a_second_signal_behind_commit_leaves_the_outcome_open() {
    let place = Place::with("INSERT INTO t VALUES (1);");
    place.sql(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..8 LOOP \
         BEGIN PERFORM pg_sleep(0.5); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; \
         RETURN NULL; END $$; CREATE TABLE t (i int); \
         CREATE CONSTRAINT TRIGGER s AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let child = place.upgrade_until("COMMIT");
    TestProject::signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(100));
    TestProject::signal(&child, "INT");
    let stopped = TestProject::outcome(child).exits(1).says("interrupted twice");
    let stopped = stopped.says("COMMIT was sent and has no answer");
    assert!(!stopped.stderr.contains("no COMMIT is sent"), "{}", stopped.stderr);
}

/// A program that was started by nohup goes on without its terminal.
#[test]
fn a_hang_up_that_is_ignored_stays_so() {
    let place = Place::with("SELECT pg_sleep(1.5);");
    let mut command = place.project.command(&["upgrade", "head"]);
    let mut nohup = std::process::Command::new("nohup");
    nohup.arg(command.get_program()).args(command.get_args()).current_dir(place.project.path());
    nohup.envs(command.env("TERM", "dumb").get_envs().filter_map(|(n, v)| Some((n, v?))));
    nohup.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = nohup.spawn().unwrap();
    place.until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(1.5)%' AND state = 'active' AND pid <> pg_backend_pid())");
    TestProject::signal(&child, "HUP");
    TestProject::outcome(child).exits(0).says("1 revision applied").stdout.clear();
}
