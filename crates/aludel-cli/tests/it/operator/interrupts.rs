//! Interruptions: nothing is committed after one, and the last line is what happened.

use std::time::Duration;

use aludel_testkit::{Outcome, TestProject};

use super::Place;
use crate::PROGRAM;

/// The number of short statements of a revision.
const STATEMENTS: usize = 3000;

fn many_short_statements() -> String {
    let insert = |at: usize| format!("INSERT INTO t VALUES ({at});\n");
    format!("CREATE TABLE t (x int);\n{}", (0..STATEMENTS).map(insert).collect::<String>())
}

/// Interrupts a run after each of several delays. `rows` counts the rows of `t`; -1 if there is
/// none.
fn interrupt(project: &TestProject, signal: &str, rows: impl Fn() -> i64) {
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
                project.run("downgrade base").ok();
            }
            (code, rows) => assert_eq!((code, rows), (1, -1), "{stderr}"),
        }
    }
    assert!(interrupted > 0, "no run was interrupted");
}

#[test]
fn many_short_statements_on_postgres() {
    for signal in ["INT", "TERM", "HUP"] {
        let place = Place::new();
        place.project.revision("a1", "none", &many_short_statements(), "DROP TABLE t;");
        interrupt(&place.project, signal, || {
            if place.sql("SELECT to_regclass('t') IS NULL") == "t" {
                return -1;
            }
            place.sql("SELECT count(*) FROM t").parse().unwrap()
        });
    }
}

#[test]
fn many_short_statements_on_sqlite() {
    let project = TestProject::new(PROGRAM, "sqlite:test.db");
    project.revision("a1", "none", &many_short_statements(), "DROP TABLE t;");
    interrupt(&project, "INT", || {
        let file = project.path().join("test.db");
        let there = "SELECT coalesce((SELECT count(*) FROM sqlite_schema WHERE name = 't'), 0)";
        let one = |sql| -> i64 {
            let output = aludel_testkit::sqlite3().arg(&file).arg(sql).output().unwrap();
            String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
        };
        if !file.exists() || one(there) == 0 { -1 } else { one("SELECT count(*) FROM t") }
    });
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
