//! Refusals of an import: each names the place, and nothing is written.

use aludel_testkit::TestProject;

use super::Place;
use crate::PROGRAM;

/// The tool, the files, and what is said.
const FILES: &[(&str, &[(&str, &str)], &[&str])] = &[
    ("sqlx", &[("old/x_a.sql", "")], &["old/x_a.sql", "`x` before the first `_` is no version"]),
    ("sqlx", &[("old/1_a.down.sql", "")], &["1_a.down.sql", "no `.up.sql`"]),
    (
        "sqlx",
        &[("old/1_a.sql", ""), ("old/01_b.sql", "")],
        &["version 1 is there twice", "01_b.sql"],
    ),
    ("sqlx", &[("old/1_a.sql", "SELECT 1;\nCOMMIT;")], &["1_a.sql:2", "COMMIT without a BEGIN"]),
    ("sqlx", &[("old/1_a.sql", "\\i x.sql")], &["1_a.sql:1", "command of psql"]),
    ("diesel", &[("old/1_a/down.sql", "")], &["1_a/down.sql", "no up.sql"]),
    (
        "diesel",
        &[("old/1_a/up.sql", ""), ("old/1_a/metadata.toml", "\nrun_in_transaction = 1")],
        &["metadata.toml:2", "expected a boolean"],
    ),
    ("diesel", &[("old/1_a/up.sql", ""), ("old/1_b/up.sql", "")], &["version 1 is there twice"]),
    ("refinery", &[("old/V1__a.rs", "")], &["V1__a.rs:1", "a function in Rust"]),
    ("refinery", &[("old/V1.2__a.sql", "")], &["`1.2` is no version"]),
    ("goose", &[("old/1_a.sql", "SELECT 1;\n")], &["1_a.sql:1", "SQL before `-- +goose Up`"]),
    (
        "goose",
        &[("old/1_a.sql", "-- +goose Up\n-- +goose ENVSUB ON\nSELECT '$A';")],
        &["1_a.sql:2", "ENVSUB"],
    ),
    ("goose", &[("old/1_a.sql", "-- +goose Upp\n")], &["1_a.sql:1", "no annotation of goose"]),
    ("goose", &[("old/1_a.go", "package x")], &["1_a.go:1", "a function in Go", "--with-gaps"]),
    ("flyway", &[("old/V1__a.sql", ""), ("old/R__v.sql", "")], &["R__v.sql:1", "repeatable"]),
    ("flyway", &[("old/V1__a.sql", ""), ("old/U2__b.sql", "")], &["U2__b.sql:1", "no file"]),
    ("flyway", &[("old/B5__a.sql", "")], &["B5__a.sql:1", "baseline"]),
    (
        "flyway",
        &[("old/V1__a.sql", ""), ("old/V1__a.sql.conf", "encoding=latin1")],
        &["V1__a.sql.conf:1", "no meaning"],
    ),
    ("flyway", &[("old/V1__a.sql", ""), ("old/V1.0__b.sql", "")], &["is there twice"]),
    ("flyway", &[("old/V1__A.java", "")], &["V1__A.java:1", "a class or a script"]),
    ("sea-orm", &[("old/x.rs", "")], &["has no migration of SeaORM", "mYYYYMMDD"]),
    ("sqlx", &[("old/1_a.txt", "")], &["has no migration of sqlx"]),
];

#[test]
fn files_that_are_no_revision() {
    for (tool, files, words) in FILES {
        let project = TestProject::new(PROGRAM, "postgresql://nobody@localhost:1/none");
        files.iter().for_each(|(name, text)| project.write(name, text));
        let outcome = project.run(&format!("import {tool} old --no-stamp")).exits(1);
        for word in *words {
            assert!(outcome.stderr.contains(word), "{tool}: {word:?} in\n{}", outcome.stderr);
        }
        assert_eq!(project.revisions(), [""; 0], "{tool} {files:?}");
    }
}

#[test]
fn a_text_that_is_not_utf8_is_told_with_its_line() {
    let project = TestProject::new(PROGRAM, "sqlite:x.db");
    project.write("old/1_a.sql", "SELECT 1;\n");
    std::fs::write(project.path().join("old/2_b.sql"), b"SELECT 1;\n-- \xff\n").unwrap();
    let outcome = project.run("import sqlx old").exits(1);
    outcome.says("2_b.sql:2").says("not UTF-8").stdout.clear();
    assert!(!project.path().join("x.db").exists());
}

/// The rows of sqlx's table, and what is said.
#[test]
fn books_that_do_not_fit() {
    for (rows, words) in [
        ("(1, true), (2, false)", &["a migration that failed: 2", "nothing was written"][..]),
        ("(1, true), (9, true)", &["has 9, and no revision stands for it", "bring the files back"]),
        ("(2, true)", &["has 2, and not 1 before it", "apply what is missing by sqlx"]),
    ] {
        let place = Place::with(&[("old/1_a.sql", "SELECT 1;"), ("old/2_b.sql", "SELECT 2;")]);
        place.sql("CREATE TABLE _sqlx_migrations (version bigint, success boolean)");
        place.sql(&format!("INSERT INTO _sqlx_migrations VALUES {rows}"));
        for arguments in ["import sqlx old", "import sqlx old --dry-run"] {
            let outcome = place.project.run(arguments).exits(1);
            for word in words {
                assert!(outcome.stderr.contains(word), "{word:?} in\n{}", outcome.stderr);
            }
        }
        assert_eq!(place.project.revisions(), [""; 0]);
        assert_eq!(place.sql("SELECT to_regclass('aludel_version')"), "");
    }
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let project = TestProject::new(PROGRAM, "sqlite:x.db");
    project.write("old/1_a.sql", "SELECT 1;");
    project.write("old/2_b.sql", "SELECT 2;");
    project.revision("2", "none", "SELECT 3;", "");
    project
        .run("import sqlx old")
        .exits(1)
        .says("revision 2 exists already: versions/2.sql")
        .stdout
        .clear();
    std::fs::remove_file(project.path().join("versions/2.sql")).unwrap();
    let mine = "-- mine\n-- revision: mine\n-- down_revision: none\n-- aludel: upgrade\n-- aludel: downgrade\n";
    project.write("versions/2_b.sql", mine);
    project
        .run("import sqlx old")
        .exits(1)
        .says("versions/2_b.sql is there already")
        .stdout
        .clear();
    assert_eq!(project.revisions(), ["2_b.sql"]);
    assert_eq!(project.read("versions/2_b.sql"), mine);
}

#[test]
fn errors_have_codes() {
    let project = TestProject::new(PROGRAM, "sqlite:x.db");
    project.write("old/1_a.sql", "COMMIT;");
    let answer = project.run("import sqlx old --json").exits(1).stdout;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let error = &answer["errors"][0];
    assert_eq!((&error["code"], &error["line"]), (&"bad-migration".into(), &1.into()));
    project.run("import pony old").exits(2).says("alembic").stdout.clear();
}
