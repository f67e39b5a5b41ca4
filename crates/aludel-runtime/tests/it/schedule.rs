//! The transactions of a step's statements, and the place of its bookkeeping. A
//! script is a schedule as text, so that scripts are looked at.

use aludel_dialect::{Dialect, split};
use aludel_revision::Direction::{Downgrade, Upgrade};
use aludel_revision::Transition;
use aludel_runtime::{VersionTable, offline};

use crate::history::{identity, map, revision, rows, steps, table};

/// A script without its head, one statement a line; a line of the journal is told by what it says.
fn told(table: &VersionTable, from: &[String], steps: &[Transition<'_>]) -> Vec<String> {
    let script = offline(table, from, steps, identity()).unwrap();
    let (_, body) = script.split_once("-- Running").unwrap();
    let body = format!("-- Running{body}");
    let statements = split(&body, table.dialect).unwrap();
    statements.iter().map(|statement| in_words(statement.sql)).collect()
}

fn in_words(sql: &str) -> String {
    let Some((before, line)) = sql.split_once("INSERT INTO v_log ") else {
        return sql.split_whitespace().collect::<Vec<_>>().join(" ");
    };
    let (_, values) = line.split_once("VALUES (").unwrap();
    let moves = before.matches(" RETURNING 1)").count();
    let moved = match moves {
        0 => String::new(),
        _ => {
            let moves = before.trim_start_matches("WITH ").split(" RETURNING 1)");
            let moves = moves.filter_map(|part| part.split_once(" AS (").map(|(_, sql)| sql));
            format!("{}; ", moves.collect::<Vec<_>>().join("; "))
        }
    };
    let kinds = ["begin upgrade", "begin downgrade", "upgrade", "downgrade"];
    let direction = kinds.iter().find(|kind| values.contains(&format!("'{kind}'"))).unwrap();
    let text = if line.contains("-- revision:") { ", with its text" } else { "" };
    let (_, after) = values.split_once(&format!("'{direction}', ")).unwrap();
    match after.split(',').next() {
        Some(done) if direction.starts_with("begin") => format!("line: {direction} behind {done}"),
        Some("NULL") => format!("{moved}line: {direction} done{text}"),
        statement => format!("{moved}line: {direction} up to {}{text}", statement.unwrap()),
    }
}

/// The messages to PostgreSQL for one upgrade section.
fn on_postgres(upgrade: &str) -> Vec<String> {
    let map = map([revision("a1", "none", upgrade, "")]);
    told(&table(Dialect::Postgres), &[], &steps(&map, Upgrade, &[], "head"))
}

/// The end of the last transaction of an upgrade of `a1`.
const END: &str = "INSERT INTO v (version_num) VALUES ('a1'); line: upgrade done, with its text";

#[test]
fn bookkeeping_is_in_the_transaction_that_it_tells_of() {
    let cases: [(&str, &str, &[&str]); 5] = [
        ("nothing to run", "", &["BEGIN", END, "COMMIT"]),
        (
            "statements that share a transaction",
            "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);",
            &["BEGIN", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", END, "COMMIT"],
        ),
        (
            "one in the middle that the server refuses in a transaction",
            "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY i ON t (a);\nDROP TABLE u;",
            &[
                "BEGIN",
                "CREATE TABLE t (a int)",
                "line: upgrade up to 1",
                "COMMIT",
                "line: begin upgrade behind 1",
                "CREATE INDEX CONCURRENTLY i ON t (a)",
                "line: upgrade up to 2",
                "BEGIN",
                "DROP TABLE u",
                END,
                "COMMIT",
            ],
        ),
        (
            "one at the end: the row of the version table has a transaction of its own",
            "VACUUM",
            &[
                "line: begin upgrade behind 0",
                "VACUUM",
                "line: upgrade up to 1",
                "BEGIN",
                END,
                "COMMIT",
            ],
        ),
        (
            "one of which its author says so, and which is atomic",
            "-- aludel: no-transaction\nCREATE TABLE t (a int);\nSELECT 1;",
            &[
                "BEGIN",
                "CREATE TABLE t (a int)",
                "line: upgrade up to 1",
                "COMMIT",
                "BEGIN",
                "SELECT 1",
                END,
                "COMMIT",
            ],
        ),
    ];
    for (name, upgrade, expected) in cases {
        assert_eq!(on_postgres(upgrade), expected, "{name}");
    }
}

#[test]
fn the_line_comes_first_where_a_statement_may_lead_names_astray() {
    let upgrade = "SET search_path = other;\nCREATE TABLE t (a int);";
    let (set, create) = ("SET search_path = other", "CREATE TABLE t (a int)");
    assert_eq!(
        on_postgres(upgrade),
        ["BEGIN", END, set, create, "COMMIT", "RESET ROLE", "RESET ALL"]
    );
    let map = map([revision("a1", "none", upgrade, "")]);
    let table = VersionTable { name: "app.v".to_owned(), dialect: Dialect::Postgres };
    let script = offline(&table, &[], &steps(&map, Upgrade, &[], "head"), identity()).unwrap();
    let at = |text: &str| script.find(text).unwrap();
    assert!(at(set) < at("INSERT INTO app.v_log"), "a name with its schema is not led astray");
}

#[test]
fn a_batch_is_a_loop_of_transactions_or_refused() {
    let batch = "-- aludel: batch\nDELETE FROM t WHERE a IN (SELECT a FROM t LIMIT 10);";
    let [begin, looped, line, ..] = &on_postgres(batch)[..] else {
        panic!("a loop between two lines")
    };
    assert_eq!(begin, "line: begin upgrade behind 0");
    assert!(
        looped.starts_with("DO $aludel_batch$ DECLARE touched bigint; BEGIN LOOP DELETE FROM t")
    );
    assert!(looped.contains("COMMIT; EXIT WHEN touched = 0;"), "{looped}");
    assert_eq!(line, "line: upgrade up to 1");
    let map = map([revision("a1", "none", batch, "")]);
    let steps = steps(&map, Upgrade, &[], "head");
    let refused = offline(&table(Dialect::Sqlite), &[], &steps, identity()).unwrap_err();
    let words = "revision a1 repeats a statement until it touches no row, which sqlite3 can't do";
    assert_eq!(refused.to_string(), words);
}

#[test]
fn sqlite_looks_at_the_whole_around_every_transaction() {
    let map = map([revision("a1", "none", "CREATE TABLE t (a);\nVACUUM;", "")]);
    let before = [
        "DELETE FROM temp.aludel_before",
        "INSERT INTO temp.aludel_before SELECT count(*) FROM pragma_foreign_key_check",
        "BEGIN IMMEDIATE",
    ];
    let after = "INSERT INTO temp.aludel_guard (whole) SELECT (SELECT count(*) FROM pragma_foreign_key_check) \
                 <= (SELECT broken FROM temp.aludel_before)";
    let mut expected = before.to_vec();
    expected.extend(["CREATE TABLE t (a)", "line: upgrade up to 1", after, "COMMIT"]);
    expected.extend(["line: begin upgrade behind 1", "VACUUM", "line: upgrade up to 2"]);
    expected.extend(before);
    expected.extend([
        "INSERT INTO v (version_num) VALUES ('a1')",
        "INSERT INTO temp.aludel_guard (moved) SELECT changes() = 1",
        "line: upgrade done, with its text",
        after,
        "COMMIT",
    ]);
    let steps = steps(&map, Upgrade, &[], "head");
    assert_eq!(told(&table(Dialect::Sqlite), &[], &steps), expected);
}

#[test]
fn the_rows_of_the_version_table_follow_the_graph() {
    let map = map([
        revision("a1", "none", "", ""),
        revision("b1", "a1", "", ""),
        revision("c1", "a1", "", ""),
        revision("m1", "b1, c1", "", ""),
    ]);
    let update =
        |from, to| format!("UPDATE v SET version_num = '{to}' WHERE version_num = '{from}'");
    let insert = |id| format!("INSERT INTO v (version_num) VALUES ('{id}')");
    let delete = |id| format!("DELETE FROM v WHERE version_num = '{id}'");
    let merge = format!("{}; {}", update("b1", "m1"), delete("c1"));
    let parting = format!("{}; {}", update("m1", "b1"), insert("c1"));
    for (direction, from, to, moves) in [
        (Upgrade, rows([]), "a1", insert("a1")),
        (Upgrade, rows(["a1"]), "b1", update("a1", "b1")),
        (Upgrade, rows(["b1"]), "c1", insert("c1")),
        (Upgrade, rows(["b1", "c1"]), "m1", merge),
        (Downgrade, rows(["m1"]), "b1", parting),
        (Downgrade, rows(["b1"]), "a1", update("b1", "a1")),
        (Downgrade, rows(["a1"]), "base", delete("a1")),
    ] {
        let steps = steps(&map, direction, &from, to);
        let line = match direction {
            Upgrade => "line: upgrade done, with its text",
            Downgrade => "line: downgrade done",
        };
        let told = told(&table(Dialect::Postgres), &from, &steps);
        assert_eq!(told, ["BEGIN", &format!("{moves}; {line}"), "COMMIT"], "{from:?} to {to}");
    }
}
