//! Failures: what is undone, what stays, what is written down, and where the next run goes on.

use aludel_revision::{Direction, RevisionMap};
use aludel_runtime::RunError;

use crate::history::{Database, Notes, map, revision, rows, symbol, wait};

fn one(upgrade: &str) -> RevisionMap {
    map([revision("a1", "none", upgrade, "")])
}

#[test]
fn a_refused_statement_takes_its_transaction_along() {
    let map = map([
        revision("a1", "none", "CREATE TABLE a (x);", ""),
        revision("b1", "a1", "CREATE TABLE b (x);\n\nINSERT INTO nowhere VALUES (1);", ""),
    ]);
    let database = Database::new();
    let error = database.upgrade(&map, "head").unwrap_err();
    assert_eq!(error.to_string(), "revision b1 failed to upgrade: no such table: nowhere");
    let RunError::Statement(failure) = error else { panic!("a statement failed") };
    assert_eq!((failure.revision.as_str(), failure.direction), ("b1", Direction::Upgrade));
    assert_eq!(failure.path.to_str(), Some("b1.sql"));
    assert_eq!((failure.line, failure.sql.as_str()), (8, "INSERT INTO nowhere VALUES (1)"));
    assert_eq!((failure.stays, failure.alone), (0, false), "nothing of it stays");
    assert_eq!(
        (database.version(), database.objects()),
        (rows(["a1"]), rows(["CREATE TABLE a (x)"]))
    );
    assert_eq!(database.journal()[1..], ["b1 upgrade up to 0, failed"]);
    let words = database.ask("SELECT error AS x FROM v_log WHERE error IS NOT NULL");
    assert_eq!(words, ["no such table: nowhere, at line 8"]);
}

#[test]
fn what_ran_outside_the_transaction_stays_and_is_not_sent_again() {
    let broken = "CREATE TABLE a (x);\n-- aludel: no-transaction\nINSERT INTO a VALUES (1);\n\
                  CREATE TABLE b (x);\nINSERT INTO nowhere VALUES (1);";
    let database = Database::new();
    let error = database.upgrade(&one(broken), "head").unwrap_err();
    let RunError::Statement(failure) = error else { panic!("{error:?}") };
    assert_eq!((failure.line, failure.stays, failure.alone), (10, 2, false));
    assert_eq!(database.objects(), ["CREATE TABLE a (x)"], "the last transaction is undone");
    assert_eq!(database.version(), rows([]));
    let begun = wait(database.runner(&one(broken)).begun()).unwrap();
    assert_eq!((begun[0].revision.as_str(), begun[0].done, begun.len()), ("a1", 2, 1));

    let mended = one(&broken.replace("nowhere", "b"));
    let mut notes = Notes::default();
    wait(database.runner(&mended).upgrade(&symbol("head"), &mut notes)).unwrap();
    assert_eq!(notes.heard, ["upgrade a1", "resuming a1 behind 2"]);
    assert_eq!(database.ask("SELECT count(*) AS x FROM a"), ["1"], "the insert ran once");
    assert_eq!(database.version(), ["a1"]);
    assert_eq!(
        database.journal(),
        [
            "a1 upgrade up to 1",
            "a1 upgrade up to 2",
            "a1 upgrade up to 2, failed",
            "a1 upgrade, with its text",
        ]
    );
    assert_eq!(wait(database.runner(&mended).begun()).unwrap(), []);
}

#[test]
fn a_lone_statement_that_fails_says_so() {
    for (lone, alone) in [("PRAGMA nonsense(", true), ("INSERT INTO nowhere VALUES (1)", false)] {
        let upgrade = format!("CREATE TABLE a (x);\n-- aludel: no-transaction\n{lone};");
        let error = Database::new().upgrade(&one(&upgrade), "head").unwrap_err();
        let RunError::Statement(failure) = error else { panic!("{error:?}") };
        assert_eq!((failure.stays, failure.alone), (1, alone), "{lone}");
    }
}

#[test]
fn what_is_done_may_not_change_before_the_rest_runs() {
    let broken = "CREATE TABLE a (x);\n-- aludel: no-transaction\nINSERT INTO nowhere VALUES (1);";
    let database = Database::new();
    database.upgrade(&one(broken), "head").unwrap_err();
    let changed = broken.replace("a (x)", "a (x, y)").replace("nowhere", "a");
    let error = database.upgrade(&one(&changed), "head").unwrap_err();
    assert_eq!(
        error.to_string(),
        "revision a1 was begun by an earlier run, and its first statement has changed since"
    );
    let spaced = broken.replace("a (x)", "a  (x) /* as it was */").replace("nowhere", "a");
    assert_eq!(
        database.upgrade(&one(&spaced), "head").unwrap(),
        ["a1"],
        "white space is no change"
    );
}

#[test]
fn a_downgrade_fails_like_an_upgrade() {
    let map = map([revision("a1", "none", "CREATE TABLE a (x);", "DROP TABLE a;\nDROP TABLE b;")]);
    let database = Database::new();
    database.upgrade(&map, "head").unwrap();
    let error = database.downgrade(&map, "base").unwrap_err();
    assert_eq!(error.to_string(), "revision a1 failed to downgrade: no such table: b");
    let RunError::Statement(failure) = error else { panic!("a statement failed") };
    assert_eq!((failure.line, failure.stays), (9, 0));
    assert_eq!((database.version(), database.objects().len()), (rows(["a1"]), 1));
    assert_eq!(database.journal()[1..], ["a1 downgrade up to 0, failed"]);
}

#[test]
fn rows_without_parents_and_views_without_tables_are_damage() {
    for (name, upgrade, example) in [
        (
            "a row without its parent",
            "CREATE TABLE p (a PRIMARY KEY);\nCREATE TABLE c (a REFERENCES p);\nINSERT INTO c VALUES (7);",
            "row 1 of c refers to a row of p that is not there",
        ),
        (
            "a view that reads what is gone",
            "CREATE TABLE t (a);\nCREATE VIEW v1 AS SELECT a FROM t;\nDROP TABLE t;",
            "view v1: no such table: main.t",
        ),
    ] {
        let database = Database::new();
        let error = database.upgrade(&one(upgrade), "head").unwrap_err();
        let RunError::Damage { revision, count, example: found, stays: 0 } = error else {
            panic!("{name}: {error:?}")
        };
        assert_eq!((revision.as_str(), count, found.as_str()), ("a1", 1, example), "{name}");
        assert_eq!((database.version(), database.objects()), (rows([]), rows([])), "{name}");
    }
}

#[test]
fn what_was_broken_before_is_not_blamed_on_the_revision() {
    let database = Database::new();
    database.run("PRAGMA foreign_keys = OFF");
    database.run("CREATE TABLE c (a REFERENCES p)");
    database.run("CREATE TABLE p (a PRIMARY KEY)");
    database.run("INSERT INTO c VALUES (7)");
    let map = one("CREATE TABLE t (a);\nINSERT INTO t VALUES (1);");
    assert_eq!(database.upgrade(&map, "head").unwrap(), ["a1"]);
}

#[test]
fn enforcement_of_foreign_keys_is_as_it_was_before() {
    let sql = "CREATE TABLE t (a);\nINSERT INTO nowhere VALUES (1);";
    for (upgrade, fails) in [("CREATE TABLE t (a);", false), (sql, true)] {
        for enforced in ["0", "1"] {
            let database = Database::new();
            database.run(&format!("PRAGMA foreign_keys = {enforced}"));
            assert_eq!(database.upgrade(&one(upgrade), "head").is_err(), fails);
            assert_eq!(
                database.ask("SELECT foreign_keys AS x FROM pragma_foreign_keys"),
                [enforced]
            );
        }
    }
}

#[test]
fn a_revision_leaves_the_version_table_to_the_runner() {
    let database = Database::new();
    let error = database.upgrade(&one("INSERT INTO v VALUES ('b1');"), "head").unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected to match one row: revision a1 changes the version table itself"
    );
    assert_eq!(database.version(), rows([]));
}

#[test]
fn a_revision_leaves_the_transaction_to_the_runner() {
    for (word, line) in [("COMMIT", 7), ("ROLLBACK", 7), ("BEGIN", 7)] {
        let database = Database::new();
        let map = one(&format!("CREATE TABLE a (x);\n{word};"));
        let error = database.upgrade(&map, "head").unwrap_err();
        let RunError::File(problem) = error else { panic!("{error:?}") };
        assert_eq!(problem.line, line, "{word}");
        assert!(problem.message.starts_with(&format!("`{word}`: the runner begins")));
        assert_eq!(database.objects(), rows([]), "{word}: every section is read before one runs");
    }
}
