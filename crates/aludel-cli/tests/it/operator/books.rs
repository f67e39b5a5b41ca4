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

/// The journal keeps the text of a revision, which some encodings can't hold.
#[test]
fn a_text_that_the_database_can_not_hold_is_refused_before_anything_runs() {
    for (encoding, text, line) in [
        ("LATIN1", "-- costs 5 €\nCREATE TABLE t (x int);\nVACUUM;", Some("a1.sql:7")),
        ("LATIN1", "CREATE TABLE t (x text DEFAULT 'é');\nVACUUM;", None),
        ("SQL_ASCII", "-- costs 5 €\nCREATE TABLE t (x text DEFAULT 'é');\nVACUUM;", None),
        ("WIN1252", "-- costs 5 €, 日\nCREATE TABLE t (x int);", Some("a1.sql:7")),
    ] {
        let place = Place::new();
        let name = format!("{}_{}", place.database.name, encoding.to_lowercase());
        place.sql(&format!(
            "CREATE DATABASE \"{name}\" ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        ));
        let url = place.database.url().replace(&place.database.name, &name);
        let project = TestProject::new(crate::PROGRAM, &url);
        project.revision("a1", "none", text, "DROP TABLE t;");
        let run = project.run("upgrade head");
        match line {
            Some(line) => {
                let refused = run.exits(1).says(line).says("has no equivalent in encoding");
                refused.says("the journal can't keep the file").stdout.clear();
                let there = place.database.server().sql(&name, "SELECT to_regclass('t') IS NULL");
                assert_eq!(there.trim(), "t", "{text}");
                let escaped = text.replace(['€', '日'], "?");
                project.revision("a1", "none", &escaped, "DROP TABLE t;");
                project.run("upgrade head").ok();
            }
            None => run.exits(0).stdout.clear(),
        }
        let file = std::fs::read_to_string(project.path().join("versions/a1.sql")).unwrap();
        assert_eq!(project.run("log --revision a1 --text").ok(), file);
        project.run("downgrade base --yes").ok();
        place.sql(&format!("DROP DATABASE \"{name}\""));
    }
}

/// Between two transactions the runner writes rows of its own, which these functions would tell of.
#[test]
fn sqlite_is_not_asked_for_the_last_change_behind_a_record() {
    for (upgrade, refused) in [
        (
            "INSERT INTO p VALUES (7);\nVACUUM;\nINSERT INTO c VALUES (last_insert_rowid());",
            Some("a2.sql:9"),
        ),
        (
            "UPDATE p SET id = 8;\nVACUUM;\nCREATE TABLE n AS SELECT changes() AS x;",
            Some("a2.sql:9"),
        ),
        ("INSERT INTO c VALUES (last_insert_rowid());", Some("a2.sql:7")),
        ("VACUUM;\nINSERT INTO p VALUES (7);\nINSERT INTO c VALUES (last_insert_rowid());", None),
    ] {
        let project = sqlite_project();
        project.revision(
            "a1",
            "none",
            "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id);",
            "",
        );
        project.run("upgrade head").ok();
        project.revision("a2", "a1", upgrade, "");
        let run = project.run("upgrade head");
        match refused {
            Some(line) => {
                run.exits(1).says(line).says("no statement before it").stdout.clear();
                assert!(project.run("status").ok().contains("a1"));
            }
            None => run.exits(0).stdout.clear(),
        }
    }
}

/// A journal that another session has locked: the run says for whom it waits, and can be interrupted.
#[test]
fn a_run_that_waits_for_its_journal_says_so_and_can_be_interrupted() {
    let place = Place::with("VACUUM;");
    place.project.run("ensure-version").ok();
    let (name, server) = (place.database.name.clone(), place.database.server());
    let blocker = std::thread::spawn(move || {
        let lock = "BEGIN; LOCK aludel_version_log IN SHARE MODE; SELECT pg_sleep(60)";
        let _ = server.try_sql(&name, lock);
    });
    place.until("EXISTS (SELECT FROM pg_locks WHERE mode = 'ShareLock' AND granted AND relation = 'aludel_version_log'::regclass)");
    let child = place.project.spawn(&["upgrade", "head"]);
    place.until("EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'aludel' AND wait_event_type = 'Lock')");
    std::thread::sleep(std::time::Duration::from_millis(2500));
    TestProject::signal(&child, "INT");
    let stopped = TestProject::outcome(child).exits(1).says("interrupted before revision a1");
    stopped.says("SELECT pg_sleep(60)").stdout.clear();
    place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    blocker.join().unwrap();
    assert!(!place.project.run("status").ok().contains("begun"));
    place.project.run("upgrade head").ok();
}
