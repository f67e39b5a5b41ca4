//! Statements outside a transaction: none runs twice, and what a failed one leaves is removed.

use aludel_testkit::TestProject;

use super::Place;

const BONUS: &str = "CREATE TABLE pay (amount int); INSERT INTO pay VALUES (100); \
    CREATE PROCEDURE bonus() LANGUAGE plpgsql AS $$ BEGIN UPDATE pay SET amount = amount + 50; COMMIT; \
    PERFORM pg_sleep(60); END $$;";

#[test]
fn a_procedure_that_was_killed_does_not_run_twice() {
    for (flag, amount) in [("--assume-done", "150"), ("--run-again", "200")] {
        let place = Place::with(
            "CREATE TABLE first (x int);\n-- aludel: no-transaction\nCALL bonus();\nCREATE TABLE last (x int);",
        );
        place.sql(BONUS);
        let mut child = place.upgrade_until("CALL bonus()");
        place.until("(SELECT amount FROM pay) = 150");
        child.kill().unwrap();
        child.wait().unwrap();
        place.end_sessions();
        let stopped = place.project.run("upgrade head").exits(1);
        let stopped = stopped.says("the outcome of statement 2 of revision a1 is unknown");
        stopped.says("--assume-done").says("CALL bonus()").stdout.clear();
        assert_eq!(place.sql("SELECT amount FROM pay"), "150");
        assert!(place.project.run("status").ok().contains("begun"));
        place.sql("CREATE OR REPLACE PROCEDURE bonus() LANGUAGE sql AS 'UPDATE pay SET amount = amount + 50'");
        place.project.run(&format!("upgrade head {flag}")).ok();
        assert_eq!(place.sql("SELECT amount FROM pay"), amount);
        assert_eq!(place.sql("SELECT 'last'::regclass"), "last");
        assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
    }
}

/// A block that has committed a part before it fails or is cancelled is not repeated unasked.
#[test]
fn what_may_have_committed_a_part_is_not_repeated_unasked() {
    let part = "UPDATE pay SET amount = amount + 50; COMMIT;";
    for (end, cancel) in [("PERFORM pg_sleep(60);", true), ("RAISE 'not today';", false)] {
        let place =
            Place::with(&format!("-- aludel: no-transaction\nDO $$ BEGIN {part} {end} END $$;"));
        place.sql("CREATE TABLE pay (amount int); INSERT INTO pay VALUES (100)");
        if cancel {
            let child = place.upgrade_until("pg_sleep");
            place.until("(SELECT amount FROM pay) = 150");
            TestProject::signal(&child, "TERM");
            TestProject::outcome(child).exits(1).says("interrupted").stdout.clear();
        } else {
            place.project.run("upgrade head").exits(1).says("not today").stdout.clear();
        }
        let stopped = place.project.run("upgrade head").exits(1);
        stopped.says("may have committed a part of its work").says("--assume-done").stdout.clear();
        assert_eq!(place.sql("SELECT amount FROM pay"), "150");
        place.project.run("upgrade head --assume-done").ok();
        assert_eq!(place.sql("SELECT amount FROM pay"), "150");
    }
}

#[test]
fn a_procedure_that_failed_runs_again() {
    let place = Place::with("-- aludel: no-transaction\nCALL fails();");
    place.sql("CREATE PROCEDURE fails() LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$");
    place.project.run("upgrade head").exits(1).says("not today").stdout.clear();
    place.sql("CREATE OR REPLACE PROCEDURE fails() LANGUAGE sql AS 'SELECT 1'");
    place.project.run("upgrade head").exits(1).says("--run-again").stdout.clear();
    place.project.run("upgrade head --run-again").ok();
}

#[test]
fn an_index_that_could_not_be_built_is_built_when_the_rows_are_mended() {
    for if_not_exists in ["", "IF NOT EXISTS "] {
        let place = Place::with(&format!(
            "CREATE UNIQUE INDEX CONCURRENTLY {if_not_exists}i ON t (x);\nALTER TABLE t ADD COLUMN y int;"
        ));
        place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)");
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("could not create unique index")
            .stdout
            .clear();
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("could not create unique index")
            .stdout
            .clear();
        place.sql("DELETE FROM t WHERE ctid = '(0,1)'");
        place
            .project
            .run("upgrade head")
            .exits(0)
            .says("removing what a failed attempt has left")
            .ok();
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass";
        assert_eq!(place.sql(valid), "t", "{if_not_exists}");
    }
}

#[test]
fn an_index_whose_build_was_killed_is_built_again() {
    for (kill_client, if_not_exists) in [(true, ""), (false, "IF NOT EXISTS ")] {
        let place = Place::with(&format!("CREATE INDEX CONCURRENTLY {if_not_exists}i ON t (x);"));
        place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
        // The build waits for this transaction.
        let name = place.database.name.clone();
        let server = place.database.server();
        let blocker = std::thread::spawn(move || {
            let _ = server.try_sql(&name, "BEGIN; UPDATE t SET x = 2; SELECT pg_sleep(60)");
        });
        place.until("EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND datname = current_database() AND state = 'active')");
        let mut child = place.upgrade_until("CREATE INDEX CONCURRENTLY");
        place.until("EXISTS (SELECT FROM pg_index WHERE NOT indisvalid)");
        if kill_client {
            child.kill().unwrap();
            child.wait().unwrap();
            place.end_sessions();
        } else {
            place.end_sessions();
            TestProject::outcome(child).exits(1).says("is not known").stdout.clear();
        }
        place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        blocker.join().unwrap();
        place
            .project
            .run("upgrade head")
            .exits(0)
            .says("statement 1, which an earlier run began, runs again")
            .ok();
        assert_eq!(
            place.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"),
            "t"
        );
    }
}

#[test]
fn an_invalid_index_of_somebody_else_is_left_alone() {
    let place = Place::with("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (x);");
    place.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (1)");
    let server = place.database.server();
    server
        .try_sql(&place.database.name, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (x)")
        .unwrap_err();
    for _ in 0..2 {
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("index i of revision a1 is there, but is not valid")
            .stdout
            .clear();
    }
    assert_eq!(place.sql("SELECT indisunique FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
}

#[test]
fn what_is_atomic_has_a_transaction_with_its_record() {
    let place = Place::with(
        "-- aludel: no-transaction\nALTER TYPE mood ADD VALUE 'new';\nINSERT INTO t VALUES ('new');",
    );
    place.sql("CREATE TYPE mood AS ENUM ('old'); CREATE TABLE t (m mood)");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT m FROM t"), "new");
}

#[test]
fn a_batch_that_never_ends_is_noticed() {
    let place = Place::with(
        "-- aludel: batch\nUPDATE t SET x = x + 1 WHERE id IN (SELECT id FROM t LIMIT 5);",
    );
    place.sql(
        "CREATE TABLE t (id int, x int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 50) i",
    );
    let stopped = place.project.run("upgrade head").exits(1);
    stopped.says("does not come to an end").says("add a condition").stdout.clear();
    let log = place.project.run("log -n 1").ok();
    assert!(log.contains(" rows: the batch of revision a1 does not come to an end: "), "{log}");
    let status = place.project.run("status").ok();
    assert!(status.contains("goes on with statement 1"), "{status}");
    // One that works in equal rounds to the last row is not suspected.
    let place = Place::with(
        "-- aludel: batch\n-- aludel: pause = 1ms\nUPDATE t SET x = 1 WHERE id IN (SELECT id FROM t WHERE x = 0 LIMIT 5);",
    );
    place.sql(
        "CREATE TABLE t (id int, x int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 500) i",
    );
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT count(*) FROM t WHERE x = 1"), "500");
}

#[test]
fn a_batch_that_is_interrupted_goes_on() {
    let place = Place::with(
        "-- aludel: batch\n-- aludel: pause = 20ms\nUPDATE t SET x = x + 1 WHERE id IN (SELECT id FROM t WHERE x = 0 LIMIT 5);",
    );
    place.sql(
        "CREATE TABLE t (id int, x int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 500) i",
    );
    let child = place.project.spawn(&["upgrade", "head"]);
    place.until("(SELECT count(*) FROM t WHERE x = 1) > 20");
    TestProject::signal(&child, "TERM");
    let paused = TestProject::outcome(child).exits(1);
    paused.says("the batch of revision a1 is paused").stdout.clear();
    let done = |log: &str| -> u64 {
        let line = log.lines().find(|line| line.contains(" rounds, ")).unwrap();
        let rows = line.split(" rounds, ").nth(1).unwrap().split(' ').next().unwrap();
        rows.parse().unwrap()
    };
    let log = place.project.run("log -n 1").ok();
    assert!(log.contains("a1 upgrade, behind statement 0: paused after "), "{log}");
    assert_eq!(done(&log).to_string(), place.sql("SELECT count(*) FROM t WHERE x = 1"));
    let json = place.project.run("log -n 1 --json").ok();
    assert!(json.contains("\"outcome\": \"paused\""), "{json}");
    // The rounds of all runs count.
    place.sql("ALTER TABLE t ADD CHECK (id <> 450 OR x = 0)");
    place.project.run("upgrade head").exits(1).stdout.clear();
    let log = place.project.run("log -n 1").ok();
    assert!(log.contains("failed after "), "{log}");
    assert_eq!(done(&log).to_string(), place.sql("SELECT count(*) FROM t WHERE x = 1"));
    place.sql("ALTER TABLE t DROP CONSTRAINT t_check");
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT count(*) FROM t WHERE x = 1"), "500");
    let log = place.project.run("log -n 2").ok();
    assert!(log.contains("up to statement 1: done in ") && done(&log) == 500, "{log}");
}

#[test]
fn a_signal_in_the_pause_of_a_batch_is_the_end_of_it() {
    let place = Place::with(
        "-- aludel: batch\n-- aludel: pause = 1h\nDELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 1);",
    );
    place.sql("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2), (3)");
    let child = place.project.spawn(&["upgrade", "head"]);
    place.until("(SELECT count(*) FROM t) = 2");
    TestProject::signal(&child, "TERM");
    TestProject::outcome(child).exits(1).says("is paused").stdout.clear();
    assert_eq!(place.sql("SELECT count(*) FROM t"), "2");
}

#[test]
fn a_batch_of_differing_rounds_ends_too() {
    let place =
        Place::with("-- aludel: batch\nUPDATE t SET x = x + 1 WHERE id <= 10 + random() * 20;");
    place.sql(
        "CREATE TABLE t (id int, x int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 50) i",
    );
    place.project.run("upgrade head").exits(1).says("does not come to an end").stdout.clear();
    let place = Place::with("-- aludel: batch\nALTER TABLE t ADD COLUMN y int;");
    place.project.run("upgrade head").exits(1).says("take the directive away").stdout.clear();
}

/// A half-applied or half-undone revision is not passed over by a run the other way.
#[test]
fn what_is_begun_is_completed_before_a_run_the_other_way() {
    let place = Place::new();
    place.project.revision(
        "a1",
        "none",
        "CREATE TABLE t (x int);\nINSERT INTO t VALUES (1), (1);",
        "DROP TABLE t;",
    );
    place.project.revision(
        "b1",
        "a1",
        "CREATE TABLE kept (x int);\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (x);",
        "DROP INDEX CONCURRENTLY i;\nSELECT 1 / count(*) FROM t;\nDROP TABLE kept;",
    );
    place.project.run("upgrade head").exits(1).stdout.clear();
    place
        .project
        .run("downgrade base --yes")
        .exits(1)
        .says("revision b1 was begun to be applied")
        .says("aludel upgrade head")
        .stdout
        .clear();
    assert_eq!(place.sql("SELECT count(*) FROM t"), "2");
    assert!(
        place
            .project
            .run("status")
            .ok()
            .contains("b1: the next upgrade goes on behind statement 1")
    );
    place.sql("DELETE FROM t WHERE ctid = '(0,1)'");
    place.project.run("upgrade head").ok();
    place.sql("DELETE FROM t");
    place.project.run("downgrade a1").exits(1).says("division by zero").stdout.clear();
    assert!(
        place
            .project
            .run("status")
            .ok()
            .contains("b1: the next downgrade goes on behind statement 1")
    );
    place.project.revision("c1", "b1", "CREATE TABLE last (x int);", "DROP TABLE last;");
    place
        .project
        .run("upgrade head")
        .exits(1)
        .says("revision b1 was begun to be undone")
        .stdout
        .clear();
    // Whoever mends it by hand says so, and nothing is begun any more.
    place.sql("CREATE UNIQUE INDEX i ON t (x)");
    place.project.run("stamp b1").ok();
    assert!(!place.project.run("status").ok().contains("begun"));
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT 'kept'::regclass, 'last'::regclass"), "kept|last");
}

/// The leftover of a failed build is removed, also without a name and after an edit.
#[test]
fn leftovers_of_nameless_and_edited_builds_are_removed() {
    for (first, then) in [
        ("CREATE UNIQUE INDEX CONCURRENTLY ON \"S x\".\"T y\" (x);", ""),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON \"S x\".\"T y\" (x);",
            "CREATE INDEX CONCURRENTLY j ON \"S x\".\"T y\" (x);",
        ),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON \"S x\".\"T y\" (x);",
            "SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY i ON \"S x\".\"T y\" (x);",
        ),
    ] {
        let place = Place::with(first);
        place.sql("CREATE SCHEMA \"S x\"; CREATE TABLE \"S x\".\"T y\" (x int); CREATE INDEX old ON \"S x\".\"T y\" (x); INSERT INTO \"S x\".\"T y\" VALUES (1), (1)");
        place
            .project
            .run("upgrade head")
            .exits(1)
            .says("could not create unique index")
            .stdout
            .clear();
        place.sql("DELETE FROM \"S x\".\"T y\" WHERE ctid = '(0,1)'");
        if !then.is_empty() {
            place.project.revision("a1", "none", then, "");
        }
        place
            .project
            .run("upgrade head")
            .exits(0)
            .says("removing what a failed attempt has left")
            .stdout
            .clear();
        assert_eq!(place.sql("SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = '\"S x\".\"T y\"'::regclass"), "2|t", "{then}");
    }
}

/// A killed REINDEX leaves invalid indexes with names of its own. Those that were there before it
/// began are somebody else's.
#[test]
fn leftovers_of_a_reindex_are_removed() {
    let targets = ["INDEX CONCURRENTLY i", "TABLE CONCURRENTLY t", "SCHEMA CONCURRENTLY public"];
    for (target, leftovers) in targets.into_iter().zip([1, 2, 2]) {
        let place = Place::with(&format!("REINDEX {target};"));
        place
            .sql("CREATE TABLE t (x int, y int); CREATE INDEX i ON t (x); CREATE INDEX j ON t (y)");
        let server = place.database.server();
        // An index of that name which was there before.
        let _ = server.try_sql(&place.database.name, "INSERT INTO t VALUES (1, 1), (1, 1)");
        let theirs = "CREATE UNIQUE INDEX CONCURRENTLY theirs_ccnew ON t (x)";
        assert!(server.try_sql(&place.database.name, theirs).is_err());
        let name = place.database.name.clone();
        let blocker = std::thread::spawn(move || {
            let _ = server.try_sql(&name, "BEGIN; UPDATE t SET x = 2; SELECT pg_sleep(60)");
        });
        place.until("EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND datname = current_database() AND state = 'active')");
        let mut child = place.upgrade_until("REINDEX");
        let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
        place.until(&format!("({invalid}) = {}", leftovers + 1));
        child.kill().unwrap();
        child.wait().unwrap();
        place.end_sessions();
        place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        blocker.join().unwrap();
        assert_eq!(place.sql(invalid), (leftovers + 1).to_string());
        let ran = place.project.run("upgrade head").exits(0);
        ran.says("removing what a failed attempt has left: DROP INDEX CONCURRENTLY public.").ok();
        let names = "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index WHERE NOT indisvalid";
        assert_eq!(place.sql(names), "theirs_ccnew", "{target}");
    }
}

#[test]
fn the_progress_of_a_build_is_told() {
    for (upgrade, phase) in [
        ("CREATE INDEX i ON t (slow(x));", "building index"),
        ("CREATE INDEX CONCURRENTLY i ON t (slow(x));", "building index"),
        ("COPY t FROM PROGRAM 'sleep 2; echo 1';", "copying"),
    ] {
        let place = Place::with(upgrade);
        place.sql(
            "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(0.1); RETURN $1; END $$; \
             CREATE TABLE t (x int); INSERT INTO t SELECT generate_series(1, 25)",
        );
        place.project.run("-v upgrade head").exits(0).says(phase).stdout.clear();
    }
}

#[test]
fn the_rounds_of_a_batch_that_fails_are_said_to_stay() {
    let place = Place::with(
        "-- aludel: batch\nUPDATE a SET n = n + 1 / (450 - id) + 1 WHERE id IN \
         (SELECT id FROM a WHERE n = 0 ORDER BY id LIMIT 100 FOR UPDATE);",
    );
    place.sql("CREATE TABLE a (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO a SELECT generate_series(1, 1000)");
    let failed = place.project.run("upgrade head").exits(1).says("division by zero");
    let failed = failed.says("4 rounds of the batch are committed and stay: 400 rows");
    assert!(!failed.stderr.contains("nothing before it stays"), "{}", failed.stderr);
    assert_eq!(place.sql("SELECT count(*) FROM a WHERE n <> 0"), "400");
}

#[test]
fn a_batch_that_adds_the_same_rows_for_ever_is_noticed() {
    let place = Place::with("-- aludel: batch\nINSERT INTO a VALUES (1);");
    place.sql("CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 100)");
    place.project.run("upgrade head").exits(1).says("does not come to an end").stdout.clear();
}

#[test]
fn an_assumption_is_no_completion_in_the_log() {
    let place = Place::with("-- aludel: no-transaction\nCALL bonus();");
    place.sql(BONUS);
    let mut child = place.upgrade_until("CALL bonus()");
    child.kill().unwrap();
    child.wait().unwrap();
    place.end_sessions();
    place.project.run("upgrade head --assume-done").ok();
    assert!(place.project.run("log").ok().contains("statement 1: assumed to be done"));
}
