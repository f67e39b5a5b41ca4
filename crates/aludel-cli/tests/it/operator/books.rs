//! The tables of the runner: what takes their rows away is noticed.

use aludel_testkit::TestProject;

use super::Place;
use crate::sqlite_project;

const SWALLOW: &str =
    "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';";

/// Applies `a1`, and adds `b1`, which makes the table `t` and does perhaps more.
fn with_two_revisions(project: &TestProject, more: &str) {
    project.revision("a1", "none", "SELECT 1;", "");
    project.run("upgrade head").ok();
    project.revision("b1", "a1", &format!("CREATE TABLE t (x int);{more}"), "");
}

#[test]
fn a_line_of_the_journal_that_a_trigger_takes_away_stops_the_run() {
    for (flags, more) in [
        ("", ""),
        ("--single-transaction", ""),
        // A line is written before a statement outside of a transaction, too.
        ("", "\nVACUUM;"),
    ] {
        let place = Place::new();
        with_two_revisions(&place.project, more);
        place.sql(SWALLOW);
        place.sql("CREATE TRIGGER s BEFORE INSERT ON aludel_version_log FOR EACH ROW EXECUTE FUNCTION swallow()");
        let stopped = place.project.run(&format!("upgrade head {flags}")).exits(1);
        let stopped =
            stopped.says("the line of revision b1 in public.aludel_version_log was not written");
        stopped.says("a trigger on that table").stdout.clear();
        assert_eq!(place.sql("SELECT to_regclass('t') IS NOT NULL"), "f", "{flags} {more}");
        assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1");
        for refused in ["stamp b1", "stamp base"] {
            place.project.run(refused).exits(1).says("a trigger").stdout.clear();
        }
        place.sql("DROP TRIGGER s ON aludel_version_log");
        place
            .project
            .run(&format!("upgrade head {flags}").replace("  ", " "))
            .exits(0)
            .stdout
            .clear();
    }
}

#[test]
fn a_row_of_the_version_table_that_a_trigger_takes_away_stops_the_run() {
    for event in ["INSERT", "UPDATE", "DELETE"] {
        let place = Place::with("CREATE TABLE a (x int);");
        place.project.run("ensure-version").ok();
        place.sql(SWALLOW);
        let swallows = format!(
            "CREATE TRIGGER s BEFORE {event} ON aludel_version FOR EACH ROW EXECUTE FUNCTION swallow()"
        );
        place.project.revision("b1", "a1", "SELECT 1;", "SELECT 1;");
        for run in ["upgrade a1", "upgrade head", "downgrade base --yes"] {
            place.sql(&swallows);
            let first = place.project.run(run);
            place.sql("DROP TRIGGER s ON aludel_version");
            if first.code == 1 {
                first.exits(1).says("a trigger on that table").stdout.clear();
                place.project.run(run).exits(0).stdout.clear();
            } else {
                first.exits(0).stdout.clear();
            }
        }
        assert_eq!(place.sql("SELECT count(*) FROM aludel_version"), "0", "{event}");
    }
}

#[test]
fn sqlite_notices_a_line_that_a_trigger_takes_away() {
    for more in ["", "\nVACUUM;"] {
        let project = sqlite_project();
        with_two_revisions(&project, more);
        let database = project.path().join("test.db");
        let sql =
            |sql: &str| rusqlite::Connection::open(&database).unwrap().execute_batch(sql).unwrap();
        sql("CREATE TRIGGER s BEFORE INSERT ON aludel_version_log BEGIN SELECT RAISE(IGNORE); END");
        let stopped = project.run("upgrade head").exits(1);
        stopped
            .says("the line of revision b1 in aludel_version_log was not written")
            .stdout
            .clear();
        assert!(project.run("current").ok().contains("a1"));
        sql("DROP TRIGGER s; SELECT 1 / (1 - count(*)) FROM sqlite_schema WHERE name = 't'");
        project.run("upgrade head").ok();
    }
}
