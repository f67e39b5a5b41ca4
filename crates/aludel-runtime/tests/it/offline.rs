//! Scripts: the head, what they refuse, and that they do what the runner does.

use aludel_dialect::{Dialect, split};
use aludel_driver::DriverError;
use aludel_revision::{Direction, RevisionMap};
use aludel_runtime::{RunError, offline, offline_stamp};

use crate::history::{Database, identity, map, revision, rows, steps, table, wait};

/// Runs a script the way `sqlite3` does: one statement after the other, up to the first error.
fn feed(database: &Database, script: &str) -> Result<(), DriverError> {
    let lines = script.lines().filter(|line| !line.starts_with('.'));
    let text = lines.collect::<Vec<_>>().join("\n");
    for statement in split(&text, Dialect::Sqlite).unwrap() {
        wait(database.0.run(statement.sql))?;
    }
    // A shell ends here, and its temporary tables with it.
    database.run("DROP TABLE temp.aludel_guard");
    database.run("DROP TABLE temp.aludel_before");
    Ok(())
}

fn script(map: &RevisionMap, direction: Direction, from: &[String], to: &str) -> String {
    let steps = steps(map, direction, from, to);
    offline(&table(Dialect::Sqlite), from, &steps, identity()).unwrap()
}

fn history() -> RevisionMap {
    map([
        revision(
            "a1",
            "none",
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);\nINSERT INTO t VALUES (1, 'it''s; -- no comment') -- the end",
            "DROP TABLE t;",
        ),
        revision(
            "b1",
            "a1",
            "CREATE INDEX i ON t (b);\nVACUUM;\nALTER TABLE t ADD COLUMN c TEXT;",
            "ALTER TABLE t DROP COLUMN c;\nDROP INDEX i;",
        ),
        revision("c1", "a1", "CREATE TABLE u (a REFERENCES t);", "DROP TABLE u;"),
        revision("m1", "b1, c1", "", ""),
    ])
}

#[test]
fn a_script_leaves_what_the_runner_leaves() {
    let map = history();
    let (by_script, by_runner) = (Database::new(), Database::new());
    let same = |what: &str| {
        let rows = "SELECT coalesce(a, '') || coalesce(b, '') || coalesce(revision, '') AS x FROM t LEFT JOIN v_log ON id = a ORDER BY 1";
        let checksums =
            "SELECT revision || checksum || coalesce(text, '') AS x FROM v_log ORDER BY id";
        for (one, other) in [
            (by_script.objects(), by_runner.objects()),
            (by_script.version(), by_runner.version()),
            (by_script.journal(), by_runner.journal()),
            (by_script.ask(rows), by_runner.ask(rows)),
            (by_script.ask(checksums), by_runner.ask(checksums)),
        ] {
            assert_eq!(one, other, "{what}");
        }
    };
    feed(&by_script, &script(&map, Direction::Upgrade, &[], "m1")).unwrap();
    by_runner.upgrade(&map, "m1").unwrap();
    same("up to the merge");
    feed(&by_script, &script(&map, Direction::Downgrade, &rows(["m1"]), "a1")).unwrap();
    by_runner.downgrade(&map, "a1").unwrap();
    same("back to the first revision");
}

#[test]
fn a_script_says_where_it_begins_and_refuses_every_other_place() {
    let map = history();
    let script = script(&map, Direction::Upgrade, &rows(["a1"]), "b1");
    let first = script.lines().next().unwrap();
    assert_eq!(
        first,
        "-- For a database at a1. Run it by sqlite3, which stops at the first error."
    );
    assert!(script.contains("-- Running upgrade a1 -> b1, make b1\n"));
    let database = Database::new();
    let refused = feed(&database, &script).unwrap_err().to_string();
    assert!(refused.contains("the database is not at a1"), "{refused}");
    assert_eq!((database.version(), database.objects()), (rows([]), rows([])));
}

#[test]
fn a_row_that_another_program_has_moved_stops_the_script() {
    let map = map([revision("a1", "none", "INSERT INTO v VALUES ('a1');", "")]);
    let database = Database::new();
    database.upgrade(&history(), "a1").unwrap();
    database.run("DELETE FROM v");
    let script = script(&map, Direction::Upgrade, &[], "a1");
    let refused = feed(&database, &script).unwrap_err().to_string();
    assert!(refused.contains("UNIQUE constraint failed: v.version_num"), "{refused}");
}

#[test]
fn rows_that_lose_their_parents_stop_the_script() {
    let orphan = "CREATE TABLE p (a PRIMARY KEY);\nCREATE TABLE c (a REFERENCES p);\nINSERT INTO c VALUES (1);";
    let map = map([revision("a1", "none", orphan, "")]);
    let database = Database::new();
    let refused = feed(&database, &script(&map, Direction::Upgrade, &[], "a1"));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("the revision leaves rows without their parents"), "{refused}");
}

#[test]
fn a_stamp_moves_the_rows_and_runs_nothing() {
    let database = Database::new();
    let stamp = |from: &[String], to: &[String]| {
        offline_stamp(&table(Dialect::Sqlite), from, to, identity())
    };
    let script = stamp(&[], &rows(["b1", "c1"]));
    assert!(script.contains("-- Running stamp base -> b1, c1\n"));
    feed(&database, &script).unwrap();
    assert_eq!(database.version(), rows(["b1", "c1"]));
    feed(&database, &stamp(&rows(["b1", "c1"]), &rows(["m1"]))).unwrap();
    assert_eq!(database.version(), rows(["m1"]));
    assert_eq!((database.objects(), database.journal()), (rows([]), rows([])));
}

#[test]
fn a_step_without_a_way_back_has_no_script() {
    let map = map([revision("a1", "none", "", "-- aludel: irreversible: the rows are gone")]);
    let at = rows(["a1"]);
    let steps = steps(&map, Direction::Downgrade, &at, "base");
    let refused = offline(&table(Dialect::Postgres), &at, &steps, identity()).unwrap_err();
    assert!(matches!(refused, RunError::Irreversible { .. }), "{refused:?}");
    let words = "revision a1 can't be downgraded: the rows are gone";
    assert_eq!(refused.to_string(), words);
}
