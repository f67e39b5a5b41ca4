//! Many at once: runners of which some are killed, sessions that hold locks, and rounds of a batch.

use std::time::{Duration, Instant};

use aludel_testkit::{Bouncer, TestProject, server};

use super::Place;
use crate::PROGRAM;

/// The number of runners.
const RUNNERS: usize = 16;

/// A history in which each revision adds a row that has to be there once.
fn history(project: &TestProject) {
    let mut down = "none".to_owned();
    for number in 0..8 {
        let id = format!("r{number}");
        let create = if number == 0 { "CREATE TABLE done (r int);\n" } else { "" };
        let alone = if number % 3 == 2 { "VACUUM done;\n" } else { "" };
        let upgrade =
            format!("{create}INSERT INTO done VALUES ({number});\n{alone}SELECT pg_sleep(0.05);");
        project.revision(&id, &down, &upgrade, "");
        down = id;
    }
}

#[test]
fn runners_of_which_some_are_killed_apply_each_revision_once() {
    let bouncer = Bouncer::start(server(), "session");
    if bouncer.is_none() {
        println!("LEFT OUT: pgbouncer is not installed");
    }
    for pooled in [false, true] {
        let place = Place::new();
        let url = match (&bouncer, pooled) {
            (_, false) => place.database.url(),
            (Some(bouncer), true) => bouncer.url(&place.database.name),
            (None, true) => continue,
        };
        let project = TestProject::new(PROGRAM, &url);
        history(&project);
        let start = || project.spawn(&["upgrade", "head", "--lock-wait", "60s"]);
        let mut runners: Vec<_> = (0..RUNNERS).map(|_| start()).collect();
        for (number, runner) in runners.iter_mut().enumerate().filter(|(number, _)| number % 3 == 0)
        {
            std::thread::sleep(Duration::from_millis(40 + 7 * number as u64));
            runner.kill().unwrap();
        }
        for (number, runner) in runners.into_iter().enumerate() {
            let outcome = TestProject::outcome(runner);
            if number % 3 != 0 {
                assert_eq!(outcome.code, 0, "runner {number}: {}", outcome.stderr);
            }
        }
        project.run("upgrade head").ok();
        let rows = place.sql("SELECT string_agg(r::text, ',' ORDER BY r) FROM done");
        assert_eq!(rows, "0,1,2,3,4,5,6,7", "pooled: {pooled}");
        let completed = "SELECT count(*), count(DISTINCT revision) FROM aludel_version_log WHERE statement IS NULL AND error IS NULL";
        assert_eq!(place.sql(completed), "8|8", "pooled: {pooled}");
    }
}

/// A session holds each mode in turn. Readers and writers never wait for longer than the timeout
/// and a second, and the run gets through when the session lets go.
#[test]
fn nobody_waits_behind_a_run_for_longer_than_its_lock_timeout() {
    let modes = [
        "ACCESS SHARE",
        "ROW SHARE",
        "ROW EXCLUSIVE",
        "SHARE UPDATE EXCLUSIVE",
        "SHARE",
        "SHARE ROW EXCLUSIVE",
    ];
    let place = Place::with(
        "CREATE TABLE extra (x int);\nALTER TABLE t ADD COLUMN y int;\nCREATE INDEX ON t (y);",
    );
    place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
    let runner = place.project.spawn(&["upgrade", "head", "--lock-timeout", "500ms"]);
    let mut longest = Duration::ZERO;
    for mode in modes {
        let (server, name) = (place.database.server(), place.database.name.clone());
        let script = format!("BEGIN; LOCK TABLE t IN {mode} MODE; SELECT pg_sleep(1.2);");
        let holder = std::thread::spawn(move || server.try_sql(&name, &script));
        std::thread::sleep(Duration::from_millis(200));
        let writes_wait = mode.contains("SHARE")
            && !mode.starts_with("ACCESS")
            && !mode.starts_with("ROW")
            && !mode.contains("UPDATE");
        for _ in 0..6 {
            let begun = Instant::now();
            place.sql("SELECT count(*) FROM t");
            longest = longest.max(begun.elapsed());
            if !writes_wait {
                let begun = Instant::now();
                place.sql("UPDATE t SET x = x + 1");
                longest = longest.max(begun.elapsed());
            }
        }
        holder.join().unwrap().unwrap();
    }
    TestProject::outcome(runner).exits(0).stdout.clear();
    assert!(longest < Duration::from_millis(1500), "{longest:?}");
    assert_eq!(place.sql("SELECT count(y) FROM t"), "0");
}

/// `ALUDEL_TEST_ROWS` sets the number of rows.
#[test]
fn a_batch_that_is_killed_ten_times_changes_every_row_once() {
    let rows: u64 = std::env::var("ALUDEL_TEST_ROWS").map_or(40_000, |rows| rows.parse().unwrap());
    let place = Place::with(
        "-- aludel: batch\nUPDATE t SET a = a + 1 WHERE id IN (SELECT id FROM t WHERE a = 0 ORDER BY id LIMIT 500);",
    );
    place.sql(&format!(
        "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL DEFAULT 0); INSERT INTO t SELECT generate_series(1, {rows});\n\
         CREATE INDEX ON t (id) WHERE a = 0;"
    ));
    for kill in 0..10 {
        let mut child = place.project.spawn(&["upgrade", "head"]);
        std::thread::sleep(Duration::from_millis(60 + 11 * kill));
        child.kill().unwrap();
        drop(TestProject::outcome(child));
    }
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT min(a), max(a), count(*) FROM t"), format!("1|1|{rows}"));
}
