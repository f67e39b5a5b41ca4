//! Changes of a column's type, for pairs of types with values: the statement runs, a value that it
//! refuses was announced, and a value that differs on the way back was announced as lossy.

use std::fmt::Write as _;

use aludel::{Connection, Dialect, Hazard};
use aludel_operations::{Alter, ColumnChange, Operation};
use aludel_schema::{Column, QualifiedName};
use aludel_testkit::server;

use crate::laws::{open, wait};

/// Types in the server's spelling, each with values.
const TYPES: &[(&str, &[&str])] = &[
    ("smallint", &["0", "1", "-32768", "32767"]),
    ("integer", &["5", "-70000", "16777217", "2147483647"]),
    ("bigint", &["0", "9007199254740993", "-9223372036854775808"]),
    ("numeric", &["0", "1.25", "123456789.123456789", "-99.5", "1e40"]),
    ("numeric(4,0)", &["9999", "-1"]),
    ("numeric(5,1)", &["9999.9", "-1.5", "NaN"]),
    ("real", &["0", "1.5", "0.12345679", "1e30"]),
    ("double precision", &["0", "0.12345678901234568", "-1e300"]),
    ("money", &["0", "12.34"]),
    ("boolean", &["true", "false"]),
    ("oid", &["0", "4294967295"]),
    (
        "text",
        &[
            "",
            "5",
            "1.25",
            "abc  ",
            "2020-02-02 10:00:00+02",
            "true",
            "{a,b}",
            "{\"b\": 1, \"a\": 2}",
            "B\\a",
            " 5 ",
            "0x1F",
            "yes",
            "NaN",
        ],
    ),
    ("character varying(5)", &["abc", "12345", "ab  ", "abc  "]),
    ("character varying(10)", &["abcdefghij", "5", "abc       "]),
    ("character(3)", &["ab", "abc"]),
    ("name", &["abc", "pg_class", "abc   "]),
    ("\"char\"", &["a", "5"]),
    ("bytea", &["", "\\x6162", "\\x00112233445566778899aabbccddeeff"]),
    ("bit(8)", &["00000101", "11111111"]),
    ("bit varying", &["", "101", "1111111111111111111111111111111111111111"]),
    ("bit varying(8)", &["10101010", "1"]),
    ("date", &["2020-02-02", "1999-12-31"]),
    ("time without time zone", &["02:03:04.5", "23:59:59.999999"]),
    ("time with time zone", &["02:03:04.5+05"]),
    ("timestamp without time zone", &["2020-02-02 02:03:04.567", "1999-12-31 00:00:00"]),
    ("timestamp(0) without time zone", &["2020-02-02 02:03:04"]),
    ("timestamp with time zone", &["2020-02-02 02:03:04.567+05", "2020-07-07 00:00:00+00"]),
    ("interval", &["2:03:04.5", "1 mon 40 days -1:00"]),
    ("interval(0)", &["2:03:04"]),
    ("interval day to minute", &["1 day 02:03"]),
    ("interval year", &["3 years"]),
    ("interval second(0)", &["5"]),
    ("uuid", &["00112233-4455-6677-8899-aabbccddeeff"]),
    ("json", &["{\"b\": 1, \"a\": 2,  \"b\": 3}", "5", "\"x\"", "true", "1.5", "null"]),
    ("jsonb", &["{\"a\": [1, 2]}", "5", "1.5", "\"2020-02-02\"", "false", "[\"a\"]", "null"]),
    ("inet", &["10.0.0.1/8", "10.0.0.1"]),
    ("cidr", &["10.0.0.0/8"]),
    ("macaddr", &["08:00:2b:01:02:03"]),
    ("macaddr8", &["08:00:2b:ff:fe:01:02:03", "08:00:2b:01:02:03:04:05"]),
    ("xml", &["<a/>", "5"]),
    ("tsvector", &["'a':1 'b':2"]),
    ("point", &["(1,2)"]),
    ("int4range", &["[1,5)", "empty"]),
    ("numrange", &["[1.5,2.5]", "[1,2)", "[1,1]"]),
    ("daterange", &["[2020-01-01,2020-02-01)"]),
    ("tsrange", &["[\"2020-01-01 10:00\",\"2020-01-02 10:00\")"]),
    ("int4multirange", &["{[1,5)}", "{[1,2),[4,5)}", "{}"]),
    ("text[]", &["{a,b}", "{5}", "{}", "{abcdef}", "{\"ab     \"}"]),
    ("integer[]", &["{1,2}", "{7}", "{}"]),
    ("numeric[]", &["{1.23,4}"]),
    ("character varying(3)[]", &["{abc}"]),
    ("numeric(5,1)[]", &["{1.2}"]),
    ("date[]", &["{2020-02-02}"]),
    ("timestamp without time zone[]", &["{\"2020-02-02 10:00:00\"}"]),
    ("timestamp(0) with time zone[]", &["{\"2020-02-02 10:00:00+00\"}"]),
    ("timestamp with time zone[]", &["{\"2020-02-02 10:00:00.6+00\"}"]),
    ("character varying(5)[]", &["{abcd}", "{\"abc \"}"]),
    ("jsonb[]", &["{5}"]),
    ("regclass", &["pg_class"]),
    ("mood", &["sad", "5"]),
    ("temper", &["sad", "05"]),
    ("citext", &["A", "5"]),
    ("hstore", &["a=>NULL"]),
    ("pair", &["(1,x)"]),
];

/// The change of a column from one type to another.
struct Change {
    /// The whole statement.
    sql: String,
    /// The expression that the new values come from.
    value: String,
    lossy: bool,
    fails_if: bool,
    rewrites: bool,
}

fn change(table: usize, from: &str, to: &str) -> Change {
    let change = ColumnChange {
        table: QualifiedName::unqualified(format!("t{table}_in")),
        from: Box::new(Column::new("content", from)),
        to: Box::new(Column::new("content", to)),
        from_base: None,
        to_base: None,
        cast: None,
        seed: true,
        has_others: false,
    };
    let steps = Dialect::Postgres.steps(&[Operation::Alter(Alter::Column(change))]).unwrap();
    let [step] = &steps[..] else { panic!("one step for {from} to {to}") };
    let [sql] = &step.statements[..] else { panic!("one statement for {from} to {to}") };
    let value = sql.split_once(" USING ").map_or("content", |(_, value)| value);
    let has = |wanted: fn(&Hazard) -> bool| step.hazards.iter().any(wanted);
    Change {
        sql: sql.clone(),
        value: value.to_owned(),
        lossy: has(|hazard| matches!(hazard, Hazard::LosesPrecision { .. })),
        fails_if: has(|hazard| matches!(hazard, Hazard::FailsOnValues { .. })),
        rewrites: has(|hazard| matches!(hazard, Hazard::Rewrites { .. })),
    }
}

/// Makes a table for each type, with its values in rows, and the functions that try a change.
const PREPARE: &str = "
CREATE TYPE mood AS ENUM ('sad', '5');
CREATE TYPE temper AS ENUM ('sad', '05');
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE TYPE pair AS (a integer, b text);
-- Returns the error of a statement, or whether it has written the rows of a table again.
CREATE FUNCTION alters(old text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before oid := pg_relation_filenode(old::regclass); outcome text;
BEGIN
    BEGIN
        EXECUTE statement;
        outcome := CASE WHEN before = pg_relation_filenode(old::regclass) THEN 'kept' ELSE 'rewritten' END;
        RAISE EXCEPTION 'undone';
    EXCEPTION WHEN OTHERS THEN
        IF SQLERRM <> 'undone' THEN outcome := SQLERRM; END IF;
    END;
    RETURN outcome;
END $$;
-- Assigns each value of a table to another one, and from there back; returns what became of it.
CREATE FUNCTION assigns(old text, new text, up text, down text)
RETURNS TABLE (value text, there text, up_fault text, down_fault text, back text) LANGUAGE plpgsql AS $$
DECLARE place tid;
BEGIN
    FOR place, value IN EXECUTE format('SELECT ctid, content::text FROM %I', old) LOOP
        up_fault := NULL; down_fault := NULL; back := NULL; there := NULL;
        BEGIN
            EXECUTE format('INSERT INTO %I SELECT %s FROM %I WHERE ctid = %L RETURNING content::text',
                           new || '_in', up, old, place) INTO there;
            BEGIN
                EXECUTE format('INSERT INTO %I SELECT %s FROM %I RETURNING content::text',
                               old || '_in', down, new || '_in') INTO back;
            EXCEPTION WHEN OTHERS THEN down_fault := SQLERRM;
            END;
            RAISE EXCEPTION 'undone';
        EXCEPTION WHEN OTHERS THEN
            IF SQLERRM <> 'undone' THEN up_fault := SQLERRM; END IF;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
";

fn prepare(connection: &Connection<'_>) {
    let mut sql = PREPARE.to_owned();
    for (at, (name, values)) in TYPES.iter().enumerate() {
        let literal = |value: &&str| format!("({})", Dialect::Postgres.literal(value));
        let rows: Vec<String> = values.iter().map(literal).collect();
        let _ = writeln!(
            sql,
            "CREATE TABLE t{at} (content {name}); CREATE TABLE t{at}_in (content {name});\n\
             INSERT INTO t{at} VALUES {};",
            rows.join(", ")
        );
    }
    wait(connection.run(&sql)).unwrap();
}

/// Returns what is wrong with the changes from the type at one place to the one at another.
fn faults(connection: &Connection<'_>, old: usize, new: usize) -> Vec<String> {
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let (from, to) = (TYPES[old].0, TYPES[new].0);
    let (up, down) = (change(old, from, to), change(new, to, from));
    let alters = format!("SELECT alters('t{old}_in', {}) AS outcome", literal(&up.sql));
    let assigns = format!(
        "SELECT * FROM assigns('t{old}', 't{new}', {}, {})",
        literal(&up.value),
        literal(&down.value)
    );
    let rows = wait(connection.query_all(&[&alters, &assigns])).unwrap();
    let outcome = rows[0][0].text("outcome").unwrap();
    let mut faults = Vec::new();
    match outcome {
        "kept" if up.rewrites => faults.push("keeps the rows".to_owned()),
        "rewritten" if !up.rewrites => faults.push("writes the rows again".to_owned()),
        "kept" | "rewritten" => {}
        error => faults.push(format!("{error}: {}", up.sql)),
    }
    for row in &rows[1] {
        let value = row.text("value").unwrap();
        let there = row.optional("there").unwrap().unwrap_or_default();
        let (refused, back) = (row.optional("up_fault").unwrap(), row.optional("back").unwrap());
        // What a value is padded with has no meaning in `character`.
        let back =
            back.map(|text| if to.starts_with("character(") { text.trim_end() } else { text });
        let stays = row.optional("down_fault").unwrap();
        match (refused, stays) {
            (Some(error), _) if !up.fails_if => faults.push(format!("{value} is refused: {error}")),
            (Some(_), _) => {}
            (None, Some(error)) if !down.fails_if && !up.lossy => {
                faults.push(format!("{value}, {there} is refused on the way back: {error}"));
            }
            (None, Some(_)) => {}
            (None, None) if back != Some(value) && !up.lossy && !down.lossy => {
                faults.push(format!("{value} became {there} and {}", back.unwrap_or("NULL")));
            }
            (None, None) => {}
        }
    }
    let pair = |fault: String| format!("{from} to {to}: {fault}");
    faults.into_iter().map(pair).collect()
}

#[test]
fn every_change_of_type_says_what_it_loses_and_what_it_refuses() {
    let database = server().database();
    let connection = open(&database.url());
    wait(
        connection
            .run("SET TimeZone = 'Europe/Lisbon'; SET jit = off; SET synchronous_commit = off"),
    )
    .unwrap();
    wait(connection.run("BEGIN")).unwrap();
    prepare(&connection);
    let mut found = Vec::new();
    for old in 0..TYPES.len() {
        for new in (0..TYPES.len()).filter(|new| *new != old) {
            found.extend(faults(&connection, old, new));
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_table_of_casts_is_that_of_the_server() {
    let database = server().database();
    let connection = open(&database.url());
    // The types of statistics are no types for columns, and casts of `bytea` with numbers are new
    // in version 18.
    let query = "SELECT format_type(castsource, NULL) || ' to ' || format_type(casttarget, NULL) \
                 || ' ' || castcontext::text AS cast FROM pg_cast \
                 WHERE castsource <> casttarget AND castsource::regtype::text !~ '^pg_' \
                 AND 'bytea'::regtype NOT IN (castsource, casttarget)";
    let rows = wait(connection.query(query)).unwrap();
    let mut server: Vec<String> = rows.iter().map(|r| r.text("cast").unwrap().to_owned()).collect();
    let known = Dialect::Postgres.known_casts().into_iter();
    let known = known.filter(|(types, _)| types.from != "bytea" && types.to != "bytea");
    let mut known: Vec<String> = known
        .map(|(types, context)| {
            let context = format!("{context:?}").to_lowercase();
            format!("{} to {} {}", types.from, types.to, &context[..1])
        })
        .collect();
    server.sort();
    known.sort();
    assert_eq!(known, server);
}

#[test]
fn the_storage_modes_of_types_are_those_of_the_server() {
    let database = server().database();
    let connection = open(&database.url());
    let query = "SELECT format_type(oid, NULL) AS name, CASE typstorage WHEN 'p' THEN 'plain' \
                 WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END AS mode \
                 FROM pg_type WHERE typtype IN ('b', 'r', 'm') AND typnamespace = 11 \
                 AND typname !~ '^_' ORDER BY 1";
    for row in wait(connection.query(query)).unwrap() {
        let (name, mode) = (row.text("name").unwrap(), row.text("mode").unwrap());
        let known = Dialect::Postgres.usual_storage(name);
        assert!(known.is_none_or(|known| known == mode), "{name}: {known:?} {mode}");
    }
}
