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
