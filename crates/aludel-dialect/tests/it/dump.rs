//! A plain dump of `pg_dump` with its data.

use std::fmt::Write as _;

use aludel_dialect::{Dialect, split};
use aludel_testkit::{TestDatabase, server};

/// Tables with rows that look like SQL, like the end of data, and like commands.
const ROWS: &str = r#"
CREATE TABLE words (id int PRIMARY KEY, "from" text, stdin text);
INSERT INTO words VALUES
    (1, E'\\.', ';'), (2, E'two\nlines', E'a\ttab'), (3, '-- no comment', '/* none */'),
    (4, '''', '$$'), (5, E'\\connect x', NULL), (6, '', E'\r\n'), (7, 'COPY t FROM stdin;', E'\\N');
CREATE TABLE empty (a int);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN E'\\i x'; END $f$;
"#;

fn dump(database: &TestDatabase) -> String {
    let output = database.server().tool("pg_dump").arg(&database.name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Each dump has a key of its own.
    let text = String::from_utf8(output.stdout).unwrap();
    let key = |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
    assert!(split(&text, Dialect::Postgres).is_ok());
    text.lines().filter(key).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_dump_splits_into_statements_and_their_data() {
    let from = server().database();
    from.sql(ROWS);
    let text = dump(&from);
    let statements = split(&text, Dialect::Postgres).unwrap();
    let rows = |table: &str| {
        let of = |sql: &str| sql.starts_with(&format!("COPY public.{table} "));
        let copy = statements.iter().find(|statement| of(statement.sql)).unwrap();
        copy.data().unwrap().lines().count()
    };
    assert_eq!((rows("words"), rows("empty"), rows("nothing")), (7, 0, 1));
    for statement in &statements {
        let first = statement.sql.lines().next().unwrap();
        assert_eq!(
            text.lines().nth(statement.line - 1).unwrap().trim_end_matches(';'),
            first.trim_end_matches(';')
        );
    }
    let mut script = String::new();
    for statement in &statements {
        let _ = writeln!(script, "{};", statement.sql);
        if let Some(data) = statement.data() {
            let _ = writeln!(script, "{data}\\.");
        }
    }
    let to = server().database();
    to.sql(&script);
    assert_eq!(dump(&to), text);
}
