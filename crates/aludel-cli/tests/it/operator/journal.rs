//! `aludel log`: what ran, and what is not known.

use aludel_testkit::TestProject;

use super::Place;
use crate::sqlite_project;

#[test]
fn the_log_tells_what_ran_and_what_failed() {
    let project = sqlite_project();
    assert_eq!(project.run("log").exits(0).says("nothing has run").stdout, "");
    project.revision("a1", "none", "CREATE TABLE t (x);", "DROP TABLE t;");
    project.revision(
        "b1",
        "a1",
        "INSERT INTO t VALUES (1);\nVACUUM;\nINSERT INTO nowhere VALUES (1);",
        "",
    );
    project.run("upgrade head").exits(1).stdout.clear();
    let log = project.run("log").ok();
    let lines: Vec<&str> = log.lines().collect();
    let [failed, vacuum, first, a1] = lines[..] else { panic!("{log}") };
    assert!(
        failed.contains("b1 upgrade, behind statement 2: failed: no such table: nowhere, at line "),
        "{failed}"
    );
    assert!(vacuum.contains("b1 upgrade, up to statement 2: done in"), "{vacuum}");
    assert!(first.contains("b1 upgrade, up to statement 1: done in"), "{first}");
    assert!(a1.contains("a1 upgrade: done in"), "{a1}");
    assert_eq!(project.run("log --revision a -n 3").ok().lines().count(), 1);
    let all: serde_json::Value =
        serde_json::from_str(&project.run("log --json -v -n 0").ok()).unwrap();
    let outcomes: Vec<&str> =
        all.as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["failed", "done", "began", "done", "done"]);
    assert_eq!(
        (&all[0]["error"], &all[0]["who"]),
        (&"no such table: nowhere, at line 9".into(), &"tester".into())
    );
}

#[test]
fn the_log_names_what_has_no_recorded_outcome() {
    let place = Place::with("-- aludel: no-transaction\nCALL p();");
    place.sql("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); END $$");
    let mut child = place.upgrade_until("CALL");
    child.kill().unwrap();
    drop(TestProject::outcome(child));
    place.end_sessions();
    let log = place.project.run("log").ok();
    assert!(
        log.contains("a1 upgrade, behind statement 0: began, and its outcome is not recorded"),
        "{log}"
    );
}

/// The time of a revision is that of all of its parts, whichever runs they were in.
#[test]
fn the_time_of_a_revision_is_the_sum_of_its_parts() {
    let place = Place::with(
        "SELECT pg_sleep(0.2);\nCREATE UNIQUE INDEX CONCURRENTLY i ON a (id);\nSELECT pg_sleep(0.1);",
    );
    place.sql("CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)");
    place.project.run("upgrade head").exits(1).stdout.clear();
    place.sql("DELETE FROM a WHERE ctid = '(0,1)'");
    place.project.run("upgrade head").ok();
    let times = |project: &TestProject| -> Vec<(Option<u64>, f64)> {
        let all: serde_json::Value =
            serde_json::from_str(&project.run("log --json -n 0").ok()).unwrap();
        let all = all.as_array().unwrap().iter().filter(|line| line["outcome"] == "done");
        all.map(|line| (line["statement"].as_u64(), line["duration_ms"].as_f64().unwrap()))
            .collect()
    };
    let [(None, whole), (Some(2), index), (Some(1), first)] = times(&place.project)[..] else {
        panic!("{:?}", times(&place.project))
    };
    assert!(first >= 200.0 && whole >= first + index + 100.0, "{whole} {index} {first}");
    // A second upgrade does not count the first one.
    place.project.run("stamp base").ok();
    place.sql("DROP INDEX i");
    place.project.run("upgrade head").ok();
    assert!(times(&place.project)[0].1 < whole + 100.0, "{:?}", times(&place.project));
}

#[test]
fn a_stamp_leaves_a_line() {
    let database = aludel_testkit::server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(crate::PROGRAM, &url);
        project.revision("a1", "none", "CREATE TABLE t (x integer);", "DROP TABLE t;");
        project.revision("b1", "a1", "CREATE TABLE u (x integer);", "DROP TABLE u;");
        project.run("upgrade a1").ok();
        project.run("stamp b1").ok();
        project.run("stamp base").ok();
        project.run("stamp a1").ok();
        let log = project.run("log").ok();
        let words: Vec<String> = log
            .lines()
            .map(|line| line.split(": done").next().unwrap_or_default().to_owned())
            .collect();
        for (line, end) in
            words.iter().zip([" a1 stamp", " base stamp", " b1 stamp", " a1 upgrade"])
        {
            assert!(line.ends_with(end), "{log}");
            // Both databases give times in one format.
            let (day, time) = line.split(' ').next().unwrap().split_once('T').unwrap();
            assert!(day.len() == 10 && time.len() == 13 && time.ends_with('Z'), "{log}");
        }
        // What was applied is still compared with its file.
        let text = project.read("versions/a1.sql").replace("x integer", "x bigint");
        project.write("versions/a1.sql", &text);
        assert!(project.run("status").ok().contains("edited    a1 since applied"));
    }
}

#[test]
fn a_revision_that_nobody_knows_has_no_log() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (x);", "DROP TABLE t;");
    assert_eq!(project.run("log --revision a").exits(0).says("nothing has run").stdout, "");
    for command in ["log --revision zz", "log --revision zz --json"] {
        project
            .run(command)
            .exits(1)
            .says("Can't locate revision identified by 'zz'")
            .stdout
            .clear();
    }
}

#[test]
fn current_tells_of_a_revision_that_was_begun() {
    let project = sqlite_project();
    project.revision(
        "a1",
        "none",
        "CREATE TABLE t (x);\nVACUUM;\nINSERT INTO nowhere VALUES (1);",
        "",
    );
    project.run("upgrade head").exits(1).stdout.clear();
    let shown = project.run("current").exits(0);
    shown
        .says("begun and not finished: a1: the next upgrade goes on behind statement 2")
        .stdout
        .clear();
    let json: serde_json::Value =
        serde_json::from_str(&project.run("current --json").ok()).unwrap();
    assert_eq!(
        (&json["begun"][0]["revision"], &json["begun"][0]["done"]),
        (&"a1".into(), &2.into())
    );
}
