//! Runs that go on with a revision whose file was changed in between, or that another run leaves alone.

use aludel_testkit::TestProject;

use super::Place;

/// The outcome of an attempt belongs to its statement, also after others were put before it.
#[test]
fn a_procedure_is_not_repeated_because_the_file_has_more_statements_before_it() {
    for inserted in ["VACUUM;", "CREATE TABLE more (x int);", "CALL other();"] {
        let place = Place::with("-- aludel: no-transaction\nCALL bonus();");
        place.sql(
            "CREATE TABLE pay (amount int); INSERT INTO pay VALUES (100); \
             CREATE PROCEDURE other() LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE bonus() LANGUAGE plpgsql AS \
             $$ BEGIN UPDATE pay SET amount = amount + 50; COMMIT; PERFORM pg_sleep(60); END $$",
        );
        let mut child = place.upgrade_until("CALL bonus()");
        place.until("(SELECT amount FROM pay) = 150");
        child.kill().unwrap();
        child.wait().unwrap();
        place.end_sessions();
        let edited = format!(
            "-- aludel: no-transaction\n{inserted}\n-- aludel: no-transaction\nCALL bonus();"
        );
        place.project.revision("a1", "none", &edited, "");
        let stopped = place.project.run("upgrade head").exits(1);
        let stopped = stopped.says("the outcome of statement 2 of revision a1 is unknown");
        stopped.says("nothing was run").stdout.clear();
        assert_eq!(place.sql("SELECT to_regclass('more') IS NULL"), "t", "{inserted}");
        place.project.run("upgrade head --assume-done").ok();
        assert_eq!(place.sql("SELECT amount FROM pay"), "150", "{inserted}");
    }
}

/// An attempt with an unknown outcome stops the run also if its statement is gone from the file.
#[test]
fn an_unknown_outcome_is_not_forgotten_with_its_statement() {
    for edited in ["", "CREATE TABLE instead (x int);", "VACUUM;"] {
        let place = Place::with("-- aludel: no-transaction\nCALL bonus();");
        place.sql(
            "CREATE PROCEDURE bonus() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); END $$",
        );
        let mut child = place.upgrade_until("CALL bonus()");
        child.kill().unwrap();
        child.wait().unwrap();
        place.end_sessions();
        place.project.revision("a1", "none", edited, "");
        let stopped = place.project.run("upgrade head").exits(1).says("unknown");
        stopped.says("it was: CALL bonus()").stdout.clear();
        place.project.run("upgrade head --assume-done").ok();
        assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1", "{edited}");
    }
}

/// An invalid index does not stay behind if its statement was taken out or built in a transaction.
#[test]
fn what_a_failed_build_has_left_is_removed_with_its_statement() {
    for (edited, left) in [("SELECT 1;", ""), ("CREATE INDEX i ON t (x);", "i:t")] {
        let place = Place::with("CREATE UNIQUE INDEX CONCURRENTLY i ON t (x);");
        place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)");
        place.project.run("upgrade head").exits(1).says("could not create").stdout.clear();
        place.project.revision("a1", "none", edited, "");
        place.project.run("upgrade head").ok();
        let indexes = "SELECT string_agg(indexrelid::regclass || ':' || left(indisvalid::text, 1), ' ') FROM pg_index \
             WHERE indrelid = 't'::regclass";
        assert_eq!(place.sql(indexes), left, "{edited}");
    }
}

/// The lines of the journal do not change what a revision sees of its session.
#[test]
fn the_journal_does_not_change_the_last_value_of_a_sequence() {
    let place = Place::with(
        "CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY (START 70), n int);\nCREATE TABLE c (id bigint);\n\
         INSERT INTO p (n) VALUES (1);\nCREATE INDEX CONCURRENTLY i ON p (n);\n\
         INSERT INTO c VALUES (lastval());",
    );
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT id FROM c"), "70");
    assert_eq!(
        place.sql("SELECT string_agg(id::text, ' ' ORDER BY id) FROM aludel_version_log"),
        "1 2 3 4"
    );
}

#[test]
fn a_paused_batch_is_not_said_to_begin_again() {
    let place = Place::with(
        "-- aludel: batch\n-- aludel: pause = 30s\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);",
    );
    place.sql("CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 5)");
    let child = place.project.spawn(&["upgrade", "head"]);
    place.until("(SELECT count(*) FROM t) = 3");
    TestProject::signal(&child, "TERM");
    TestProject::outcome(child).exits(1).says("paused").stdout.clear();
    let text = "-- aludel: batch\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);";
    place.project.revision("a1", "none", text, "");
    let went_on = place.project.run("upgrade head").exits(0);
    assert!(!went_on.stderr.contains("has changed since"), "{}", went_on.stderr);
    went_on.says("earlier runs have done 1 round, 2 rows").stdout.clear();
    let log = place.project.run("log -v").ok();
    assert!(log.contains("paused after 1 round, 2 rows"), "{log}");
}

/// Rounds of a batch stay committed, whatever becomes of its text.
#[test]
fn a_batch_that_was_changed_behind_its_first_rounds_is_named() {
    let rounds = |set: &str| {
        format!(
            "-- aludel: batch\nUPDATE t SET n = {set}, done = true \
             WHERE x IN (SELECT x FROM t WHERE NOT done ORDER BY x LIMIT 2);"
        )
    };
    for changed in [
        rounds("200"),
        format!("CREATE TABLE more (x int);\n{}", rounds("100 / (x - 3)")),
        "DELETE FROM t WHERE NOT done;".to_owned(),
        String::new(),
    ] {
        let place = Place::with(&rounds("100 / (x - 3)"));
        place.sql(
            "CREATE TABLE t (x int, n int, done bool DEFAULT false); \
             INSERT INTO t (x) SELECT generate_series(1, 4)",
        );
        place.project.run("upgrade head").exits(1).says("division by zero").stdout.clear();
        place.sql("UPDATE t SET x = 5 WHERE x = 3");
        place.project.revision("a1", "none", &changed, "");
        let went_on = place.project.run("upgrade head").exits(0);
        went_on
            .says("statement 1 of revision a1, a batch that an earlier run has begun, has changed since")
            .says("earlier runs have done 1 round, 2 rows, which stays")
            .stdout
            .clear();
    }
}

#[test]
fn a_revision_that_was_begun_and_has_no_file_any_more_is_named() {
    let place = Place::with("CREATE TABLE a (x int);\nVACUUM;\nSELECT 1 / 0;");
    place.project.run("upgrade head").exits(1).says("division by zero").stdout.clear();
    for file in place.project.revisions() {
        std::fs::remove_file(place.project.path().join("versions").join(file)).unwrap();
    }
    place.project.revision("b1", "none", "SELECT 1", "");
    for _ in ["b1 runs", "nothing to do"] {
        let run = place.project.run("upgrade head").exits(0);
        run.says("revision a1 was begun by an earlier upgrade, and this one does not complete it")
            .stdout
            .clear();
    }
}

#[test]
fn a_journal_that_may_not_be_written_is_not_the_fault_of_the_revision() {
    let place = Place::with("SELECT 1");
    place.project.run("upgrade head").ok();
    place.project.revision("a2", "a1", "CREATE TABLE a (x int);\nVACUUM;", "");
    place.sql("ALTER TABLE aludel_version_log DROP COLUMN started");
    let failed = place.project.run("upgrade head").exits(1);
    let failed = failed.says("mend the version table or the journal");
    assert!(!failed.stderr.contains("deferred constraints"), "{}", failed.stderr);
}

#[test]
fn a_revision_that_drops_the_tables_of_the_runner_is_told_so() {
    for sql in
        ["DROP TABLE aludel_version_log;", "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;"]
    {
        let place = Place::with(sql);
        let failed = place.project.run("upgrade head").exits(1);
        failed.says("the revision has dropped or renamed a table of the runner").stdout.clear();
    }
}

/// A batch that was killed before its first record has changed rows nevertheless.
#[test]
fn nothing_is_said_of_rounds_that_are_not_recorded() {
    let place = Place::with(
        "-- aludel: batch\n-- aludel: pause = 30s\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);",
    );
    place.sql("CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 5)");
    let mut child = place.project.spawn(&["upgrade", "head"]);
    place.until("(SELECT count(*) FROM t) = 3");
    child.kill().unwrap();
    child.wait().unwrap();
    place.end_sessions();
    let text = "-- aludel: batch\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);";
    place.project.revision("a1", "none", text, "");
    let went_on = place.project.run("upgrade head").exits(0);
    assert!(!went_on.stderr.contains("nothing"), "{}", went_on.stderr);
    assert!(!went_on.stderr.contains("has changed since"), "{}", went_on.stderr);
    went_on.says("has recorded no statement as done").stdout.clear();
}

#[test]
fn a_batch_that_was_killed_and_changed_is_named_without_a_record_of_its_rounds() {
    let server = aludel_testkit::server().database();
    for url in [server.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(crate::PROGRAM, &url);
        project.revision(
            "a1",
            "none",
            "CREATE TABLE t (x integer);\nINSERT INTO t VALUES (1), (2), (3);",
            "",
        );
        project.run("upgrade head").ok();
        let batch = "-- aludel: batch\n-- aludel: pause = 30s\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 1);";
        project.revision("b1", "a1", batch, "");
        let mut child = project.spawn(&["upgrade", "head"]);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        child.kill().unwrap();
        drop(TestProject::outcome(child));
        project.revision("b1", "a1", &batch.replace("LIMIT 1", "LIMIT 2").replace("30s", "0s"), "");
        let went_on = project.run("upgrade head").exits(0);
        let went_on =
            went_on.says("statement 1 of revision b1, a batch that an earlier run has begun");
        went_on.says("what it did stays, and is not recorded").stdout.clear();
    }
}
