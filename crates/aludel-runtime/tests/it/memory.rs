//! The memory of the journal: files that changed since, and revisions that no file has any more.

use aludel_dialect::Dialect;
use aludel_revision::RevisionMap;
use aludel_runtime::{RunSettings, remembered};

use crate::history::{Database, Notes, map, revision, rows, symbol, table, wait};

fn two(first: &str) -> RevisionMap {
    map([
        revision("a1", "none", first, "DROP TABLE a;"),
        revision("b1", "a1", "CREATE TABLE b (x);", "DROP TABLE b;"),
    ])
}

const APPLIED: &str = "CREATE TABLE a (x);";

#[test]
fn an_edit_of_what_was_applied_is_told() {
    for (name, now, edited) in [
        ("the same", APPLIED, rows([])),
        ("white space and comments", "CREATE TABLE\n  a (x) -- first\n;", rows([])),
        ("another column", "CREATE TABLE a (x, y);", rows(["a1"])),
        (
            "another case of a word, which only the server could know to mean the same",
            "create TABLE a (x);",
            rows(["a1"]),
        ),
    ] {
        let database = Database::new();
        database.upgrade(&two(APPLIED), "head").unwrap();
        let map = two(now);
        let found = wait(database.runner(&map).edited()).unwrap();
        let found: Vec<String> = found.into_iter().map(|edited| edited.revision).collect();
        assert_eq!(found, edited, "{name}");
    }
}

#[test]
fn an_edit_is_told_with_both_texts() {
    let database = Database::new();
    database.upgrade(&two(APPLIED), "head").unwrap();
    let map = two("CREATE TABLE a (x, y);");
    let found = wait(database.runner(&map).edited()).unwrap();
    assert!(found[0].applied.as_ref().unwrap().contains(APPLIED));
    assert!(found[0].file.contains("CREATE TABLE a (x, y);"));
}

#[test]
fn a_strict_run_stops_at_an_edit_until_it_is_accepted() {
    let database = Database::new();
    database.upgrade(&two(APPLIED), "a1").unwrap();
    let map = two("CREATE TABLE a (x, y);");
    let mut notes = Notes::default();
    let strict = || {
        let settings = RunSettings { strict: true, ..RunSettings::default() };
        database.runner(&map).settings(settings)
    };
    let refused = wait(strict().upgrade(&symbol("head"), &mut notes)).unwrap_err();
    assert_eq!(refused.to_string(), "a revision was changed after being applied: a1");
    assert_eq!((notes.heard, database.version()), (rows(["edited a1"]), rows(["a1"])));
    let accepted = wait(strict().rebless(&[], &mut Notes::default())).unwrap();
    assert_eq!(accepted, ["a1"]);
    assert_eq!(wait(strict().upgrade(&symbol("head"), &mut Notes::default())).unwrap(), ["b1"]);
    assert_eq!(database.journal()[1], "a1 rebless, with its text");
}

#[test]
fn only_the_revisions_that_are_named_are_accepted() {
    let database = Database::new();
    database.upgrade(&two(APPLIED), "head").unwrap();
    let map = two("CREATE TABLE a (x, y);");
    let rebless = |targets: &[aludel_revision::Symbol]| {
        wait(database.runner(&map).rebless(targets, &mut Notes::default())).unwrap()
    };
    assert_eq!(rebless(&[symbol("b1")]), rows([]));
    assert_eq!(rebless(&[symbol("a1")]), ["a1"]);
}

#[test]
fn what_was_undone_or_stamped_was_not_edited() {
    let database = Database::new();
    let map = two("CREATE TABLE a (x, y);");
    wait(database.runner(&map).stamp(&[symbol("a1")], false, &mut Notes::default())).unwrap();
    assert!(wait(database.runner(&map).edited()).unwrap().is_empty(), "stamped");
    let database = Database::new();
    database.upgrade(&two(APPLIED), "head").unwrap();
    database.downgrade(&two(APPLIED), "base").unwrap();
    assert!(wait(database.runner(&map).edited()).unwrap().is_empty(), "undone");
}

#[test]
fn revisions_without_files_come_out_of_the_journal() {
    let database = Database::new();
    database.upgrade(&two(APPLIED), "head").unwrap();
    let nothing = map([]);
    let find = |map: &RevisionMap, at: &[String]| {
        let table = table(Dialect::Sqlite);
        let found = remembered(&database.0, map, &table, at);
        wait(found).unwrap().into_iter().map(|found| found.revision).collect::<Vec<_>>()
    };
    let found = find(&nothing, &rows(["b1"]));
    let ids: Vec<&str> = found.iter().map(|revision| revision.id.as_str()).collect();
    assert_eq!(ids, ["a1", "b1"], "with those below");
    assert_eq!(found[1].down_revisions, ["a1"]);
    assert!(found[0].text().unwrap().contains("DROP TABLE a;"), "the way back is in the text");
    assert!(find(&two(APPLIED), &rows(["b1"])).is_empty(), "files come first");
    assert!(find(&nothing, &rows(["gone"])).is_empty(), "nobody knows it");
    let map = RevisionMap::new(found).unwrap();
    assert_eq!(database.downgrade(&map, "base").unwrap(), ["b1", "a1"]);
}
