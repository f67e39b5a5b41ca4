//! The runner on a database in memory: up, down, stamped, and stopped.

use aludel_revision::RevisionMap;
use aludel_runtime::RunError;

use crate::history::{Database, Notes, map, revision, rows, symbol, wait};

fn three() -> RevisionMap {
    map([
        revision("a1", "none", "CREATE TABLE a (x);", "DROP TABLE a;"),
        revision("b1", "a1", "CREATE TABLE b (x);", "DROP TABLE b;"),
        revision("c1", "b1", "CREATE TABLE c (x);", "DROP TABLE c;"),
    ])
}

#[test]
fn an_upgrade_runs_what_is_missing_and_writes_it_down() {
    let (database, map) = (Database::new(), three());
    assert_eq!(database.upgrade(&map, "b1").unwrap(), ["a1", "b1"]);
    assert_eq!(database.version(), ["b1"]);
    let mut notes = Notes::default();
    let ran = wait(database.runner(&map).upgrade(&symbol("head"), &mut notes)).unwrap();
    assert_eq!((ran, notes.heard), (rows(["c1"]), rows(["upgrade c1"])));
    assert_eq!(
        database.objects(),
        ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x)"]
    );
    let lines = ["a1 upgrade", "b1 upgrade", "c1 upgrade"].map(|l| format!("{l}, with its text"));
    assert_eq!(database.journal(), lines);
}

#[test]
fn a_downgrade_goes_back_from_the_end() {
    let (database, map) = (Database::new(), three());
    database.upgrade(&map, "head").unwrap();
    assert_eq!(database.downgrade(&map, "-1").unwrap(), ["c1"]);
    assert_eq!(database.version(), ["b1"]);
    assert_eq!(database.downgrade(&map, "base").unwrap(), ["b1", "a1"]);
    assert_eq!((database.version(), database.objects()), (rows([]), rows([])));
    let lines = database.journal();
    assert_eq!(lines[3..], ["c1 downgrade", "b1 downgrade", "a1 downgrade"]);
}

#[test]
fn a_run_with_nothing_to_do_leaves_no_trace() {
    let (database, map) = (Database::new(), three());
    assert_eq!(database.downgrade(&map, "base").unwrap(), rows([]));
    assert_eq!(database.ask("SELECT name AS x FROM sqlite_schema"), rows([]));
    database.upgrade(&map, "head").unwrap();
    let lines = database.journal();
    assert_eq!(database.upgrade(&map, "head").unwrap(), rows([]));
    assert_eq!(database.journal(), lines);
}

#[test]
fn the_tables_of_the_bookkeeping_are_made_on_request() {
    let (database, map) = (Database::new(), three());
    wait(database.runner(&map).ensure_version()).unwrap();
    assert_eq!(
        database.ask("SELECT name AS x FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
        ["v", "v_log"]
    );
    wait(database.runner(&map).ensure_version()).unwrap();
    assert_eq!(database.version(), rows([]));
}

#[test]
fn branches_have_a_row_each_and_a_merge_has_one() {
    let map = map([
        revision("a1", "none", "", ""),
        revision("b1", "a1", "", ""),
        revision("c1", "a1", "", ""),
        revision("m1", "b1, c1", "", ""),
    ]);
    let database = Database::new();
    database.upgrade(&map, "b1").unwrap();
    database.upgrade(&map, "c1").unwrap();
    assert_eq!(database.version(), ["b1", "c1"]);
    database.upgrade(&map, "head").unwrap();
    assert_eq!(database.version(), ["m1"]);
    database.downgrade(&map, "b1").unwrap();
    assert_eq!(database.version(), ["b1", "c1"]);
}

#[test]
fn a_stamp_changes_the_rows_and_nothing_else() {
    let (database, map) = (Database::new(), three());
    let stamp = |to: &str, purge| {
        let targets = [symbol(to)];
        wait(database.runner(&map).stamp(&targets, purge, &mut Notes::default()))
    };
    assert_eq!(stamp("b1", false).unwrap(), ["b1"]);
    assert_eq!((database.version(), database.objects()), (rows(["b1"]), rows([])));
    assert_eq!(stamp("a1", false).unwrap(), ["a1"]);
    database.run("UPDATE v SET version_num = 'gone'");
    let refused = stamp("a1", false).unwrap_err();
    assert_eq!(refused.to_string(), "Can't locate revision identified by 'gone'");
    assert_eq!(stamp("a1", true).unwrap(), ["a1"], "purged");
    assert_eq!(database.version(), ["a1"]);
}

#[test]
fn a_row_that_no_file_knows_stops_the_run_before_anything() {
    let (database, map) = (Database::new(), three());
    database.upgrade(&map, "a1").unwrap();
    database.run("UPDATE v SET version_num = 'gone'");
    let refused = database.upgrade(&map, "head").unwrap_err();
    let RunError::UnknownInDatabase { unknown, table } = refused else { panic!("{refused:?}") };
    assert_eq!((unknown, table.as_str()), (rows(["gone"]), "v"));
    assert_eq!(database.objects(), ["CREATE TABLE a (x)"]);
}

#[test]
fn a_run_stops_between_revisions_when_it_is_asked_to() {
    let (database, map) = (Database::new(), three());
    let mut notes = Notes { enough: Some(2), ..Notes::default() };
    let stopped = wait(database.runner(&map).upgrade(&symbol("head"), &mut notes)).unwrap_err();
    assert_eq!(stopped.to_string(), "interrupted before revision b1");
    let heard = rows(["upgrade a1", "upgrade b1"]);
    assert_eq!((notes.heard, database.version()), (heard, rows(["a1"])));
    assert_eq!(database.upgrade(&map, "head").unwrap(), ["b1", "c1"]);
}

#[test]
fn a_way_back_that_does_not_exist_is_found_out_before_the_first_step() {
    let map = map([
        revision("a1", "none", "CREATE TABLE a (x);", "-- aludel: irreversible: the rows are gone"),
        revision("b1", "a1", "CREATE TABLE b (x);", "DROP TABLE b;"),
    ]);
    let database = Database::new();
    database.upgrade(&map, "head").unwrap();
    let refused = database.downgrade(&map, "base").unwrap_err();
    assert_eq!(refused.to_string(), "revision a1 can't be downgraded: the rows are gone");
    assert_eq!((database.version(), database.objects().len()), (rows(["b1"]), 2));
    assert_eq!(database.downgrade(&map, "a1").unwrap(), ["b1"]);
}

#[test]
fn a_batch_runs_until_it_touches_no_row() {
    let fill = "CREATE TABLE t (x);\nINSERT INTO t VALUES (1), (2), (3), (4), (5);";
    let batch = "-- aludel: batch\nDELETE FROM t WHERE x IN (SELECT x FROM t LIMIT 2);";
    let map = map([revision("a1", "none", fill, ""), revision("b1", "a1", batch, "")]);
    let database = Database::new();
    let mut notes = Notes::default();
    wait(database.runner(&map).upgrade(&symbol("head"), &mut notes)).unwrap();
    let heard = [
        "upgrade a1",
        "upgrade b1",
        "batch of b1: 2",
        "batch of b1: 2",
        "batch of b1: 1",
        "the progress ended",
    ];
    assert_eq!(notes.heard, heard);
    assert_eq!(database.ask("SELECT count(*) AS x FROM t"), ["0"]);
    let lines = [
        "b1 begin upgrade up to 0",
        "b1 upgrade up to 1, with its text",
        "b1 upgrade, with its text",
    ];
    assert_eq!(database.journal()[1..], lines);
}

#[test]
fn a_section_for_the_dialect_comes_before_the_one_for_all() {
    let upgrade = "CREATE TABLE for_all (x);\n-- aludel: upgrade sqlite\nCREATE TABLE for_sqlite (x);\n\
                   -- aludel: upgrade postgres\nCREATE TABLE for_postgres ();";
    let map = map([revision("a1", "none", upgrade, "")]);
    let database = Database::new();
    database.upgrade(&map, "head").unwrap();
    assert_eq!(database.objects(), ["CREATE TABLE for_sqlite (x)"]);
}
