//! COPY with its data, and what belongs to psql.

use super::Place;

const COPY: &str = "CREATE TABLE t (a int PRIMARY KEY, b text);\nCOPY t (a, b) FROM stdin;\n1\tone; '\n2\t\\N\n\\.\n\n\
                    INSERT INTO t VALUES (3, 'three');";

#[test]
fn rows_that_look_like_sections_are_rows() {
    let place = Place::with(
        "COPY t (line) FROM stdin;\n-- aludel: upgrade\n-- aludel: downgrade\n-- aludel: irreversible: no\n\\.\n",
    );
    place.sql("CREATE TABLE t (line text)");
    place.project.run("upgrade head").ok();
    assert_eq!(
        place.sql("SELECT string_agg(substr(line, 12), ',') FROM t"),
        "upgrade,downgrade,irreversible: no"
    );
    place.project.run("downgrade base").ok();
}

#[test]
fn a_copy_with_its_data_is_part_of_the_transaction() {
    let place = Place::new();
    place.project.revision("a1", "none", COPY, "DROP TABLE t;");
    let again = "COPY t (a, b) FROM stdin;\n4\tfour\n1\tagain\n\\.\n";
    place.project.revision("b1", "a1", &format!("INSERT INTO t VALUES (9, 'nine');\n{again}"), "");
    let failed = place.project.run("upgrade head").exits(1);
    failed.says("duplicate key value").says("COPY t, line 2").says("rolled back").stdout.clear();
    assert_eq!(
        place.sql("SELECT string_agg(a || coalesce(b, '-'), ',' ORDER BY a) FROM t"),
        "1one; ',2-,3three"
    );
    place.project.revision(
        "b1",
        "a1",
        "-- aludel: no-transaction\nCOPY t (a, b) FROM stdin;\n4\tfour\n\\.\n",
        "",
    );
    place.project.run("upgrade head").ok();
    assert_eq!(place.sql("SELECT b FROM t WHERE a = 4"), "four");
}

#[test]
fn a_script_for_psql_has_the_data_too() {
    let place = Place::with(COPY);
    let script = place.project.run("upgrade head --sql").ok();
    place.sql(&script);
    assert_eq!(place.sql("SELECT count(*) FROM t"), "3");
    assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
}

#[test]
fn a_plain_dump_is_a_revision() {
    let (place, source) = (Place::new(), Place::new());
    source.sql("CREATE TABLE t (a serial PRIMARY KEY, b text); INSERT INTO t (b) VALUES ('x'), ('y;'); CREATE VIEW v AS SELECT a FROM t");
    let dump = source
        .database
        .server()
        .tool("pg_dump")
        .args(["-d", &source.database.name])
        .output()
        .unwrap();
    place.project.revision("a1", "none", &String::from_utf8(dump.stdout).unwrap(), "");
    place.project.revision("b1", "a1", "CREATE TABLE u (a int);", "");
    place.project.run("upgrade head").ok();
    assert_eq!(
        place.sql("SELECT count(*) FROM v, to_regclass('public.u') u WHERE u IS NOT NULL"),
        "2"
    );
}

#[test]
fn what_belongs_to_psql_is_refused_before_anything_runs() {
    for (sql, words) in [
        ("COPY t TO STDOUT;", "`COPY … TO STDOUT`"),
        ("\\connect other", "`\\connect` is a command of psql"),
        ("COPY t FROM STDIN;\n1\n", "no line `\\.` ends the data"),
    ] {
        let place = Place::with(&format!("CREATE TABLE t (a int);\n{sql}\n"));
        place.project.run("upgrade head").exits(1).says(words).stdout.clear();
        assert_eq!(place.sql("SELECT to_regclass('t') IS NULL"), "t", "{sql}");
    }
}
