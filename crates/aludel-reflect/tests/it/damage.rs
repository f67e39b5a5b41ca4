//! Damage to a SQLite database.

use aludel_reflect::damage;

use crate::case::{sqlite, wait};

fn found(ddl: &str) -> Vec<String> {
    let ddl = format!("PRAGMA foreign_keys = OFF; {ddl}");
    wait(damage(&sqlite(&ddl))).unwrap()
}

#[test]
fn each_broken_thing_has_a_line() {
    let family = "CREATE TABLE p (a PRIMARY KEY); CREATE TABLE c (x REFERENCES p);";
    let cases: [(&str, String, &[&str]); 6] = [
        ("nothing", format!("{family} INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (NULL)"), &[]),
        (
            "rows without parents",
            format!("{family} INSERT INTO c VALUES (1), (2)"),
            &[
                "row 1 of c refers to a row of p that is not there",
                "row 2 of c refers to a row of p that is not there",
            ],
        ),
        (
            "a row without a number",
            "CREATE TABLE p (a PRIMARY KEY); CREATE TABLE c (x PRIMARY KEY REFERENCES p) WITHOUT ROWID; \
             INSERT INTO c VALUES (1)"
                .to_owned(),
            &["row ? of c refers to a row of p that is not there"],
        ),
        (
            "a view of a table that is gone",
            "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; DROP TABLE t".to_owned(),
            &["view v: no such table: main.t"],
        ),
        (
            "a key to what is not unique hides no other one",
            format!(
                "{family} INSERT INTO c VALUES (1); CREATE TABLE q (a); CREATE TABLE d (x REFERENCES q (a))"
            ),
            &[
                "row 1 of c refers to a row of p that is not there",
                "table d: foreign key mismatch - \"d\" referencing \"q\"",
            ],
        ),
        ("a view that is whole", "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t".to_owned(), &[]),
    ];
    for (name, ddl, expected) in cases {
        assert_eq!(found(&ddl), expected, "{name}");
    }
}

#[test]
fn a_trigger_that_would_fail_is_found_whatever_fires_it() {
    for (event, fails) in [
        ("AFTER INSERT ON t", true),
        ("AFTER DELETE ON t", true),
        ("AFTER UPDATE ON t", true),
        ("AFTER UPDATE OF b ON t", true),
        ("BEFORE INSERT ON u", false),
    ] {
        let body = if fails { "INSERT INTO gone VALUES (1)" } else { "INSERT INTO u VALUES (1)" };
        let trigger = format!("CREATE TRIGGER r {event} BEGIN {body}; END");
        let connection = sqlite("CREATE TABLE t (a, b); CREATE TABLE u (a); CREATE TABLE gone (a)");
        wait(connection.run(&trigger)).unwrap();
        wait(connection.run("DROP TABLE gone")).unwrap();
        let lines = wait(damage(&connection)).unwrap();
        let expected: &[&str] = if fails { &["trigger r: no such table: main.gone"] } else { &[] };
        assert_eq!(lines, expected, "{event}");
    }
}
