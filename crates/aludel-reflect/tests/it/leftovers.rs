//! The objects and aspects that metadata can't represent, by name.

use crate::case::{leftovers, postgres_reflection, sqlite_reflection};

#[test]
fn leftovers_of_sqlite() {
    for (name, ddl, expected) in [
        ("nothing", "CREATE TABLE t (a PRIMARY KEY); CREATE VIEW v AS SELECT a FROM t", &[][..]),
        (
            "a clause that a rebuild would lose",
            "CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE, b NOT NULL ON CONFLICT FAIL)",
            &["ON CONFLICT FAIL t", "ON CONFLICT IGNORE t"],
        ),
        (
            "a key that runs the other way",
            "CREATE TABLE t (a, b, PRIMARY KEY (a DESC), UNIQUE (b COLLATE NOCASE))",
            &["COLLATE in a key t", "DESC in a key t"],
        ),
        (
            "a key column that only looks like an alias of the rowid",
            "CREATE TABLE t (a INTEGER PRIMARY KEY DESC)",
            &["PRIMARY KEY DESC t"],
        ),
    ] {
        assert_eq!(leftovers(&sqlite_reflection(ddl)), expected, "{name}");
    }
}

#[test]
fn a_table_that_lost_a_clause_says_so_itself() {
    let found = sqlite_reflection("CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE)");
    assert_eq!(crate::case::table(&found, "t").unsaid, ["ON CONFLICT IGNORE"]);
}

fn on_postgres<const N: usize>(cases: [(&str, &str, &[&str]); N]) {
    for (name, ddl, expected) in cases {
        assert_eq!(leftovers(&postgres_reflection(ddl)), expected, "{name}");
    }
}

#[test]
fn leftover_aspects_of_postgres() {
    on_postgres([
        (
            "grants belong to their table",
            "CREATE TABLE t (a int); GRANT SELECT ON t TO PUBLIC",
            &[],
        ),
        (
            "partitions are objects",
            "CREATE TABLE t (a int) PARTITION BY RANGE (a);
             CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9)",
            &[],
        ),
        (
            "views that read themselves, or each other",
            "CREATE VIEW a AS SELECT 1 AS x; CREATE OR REPLACE VIEW a AS SELECT x FROM a;
             CREATE VIEW b AS SELECT 1 AS x; CREATE VIEW c AS SELECT x FROM b; CREATE OR REPLACE VIEW b AS SELECT x FROM c;
             CREATE VIEW d AS SELECT a.x FROM a, b; CREATE RULE r AS ON INSERT TO d DO INSTEAD SELECT * FROM d",
            &[
                "query that reads itself of view a",
                "query that reads itself of view b",
                "query that reads itself of view c",
            ],
        ),
        (
            "views that read each other by way of others",
            "CREATE VIEW a AS SELECT 1 AS x; CREATE VIEW b AS SELECT x FROM a; CREATE VIEW c AS SELECT x FROM b;
             CREATE VIEW below AS SELECT 1 AS x; CREATE VIEW above AS SELECT x FROM c;
             CREATE OR REPLACE VIEW a AS SELECT c.x FROM c, below; CREATE VIEW e AS SELECT 1 AS x;
             CREATE MATERIALIZED VIEW m AS SELECT x FROM e; CREATE OR REPLACE VIEW e AS SELECT x FROM m;",
            &[
                "query that reads itself of view a",
                "query that reads itself of view b",
                "query that reads itself of view c",
                "query that reads itself of view e",
                "query that reads itself of view m",
            ],
        ),
        (
            "grants on views belong to them",
            "CREATE VIEW v AS SELECT 1 AS a;
             CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
             GRANT SELECT ON v, m TO PUBLIC",
            &[],
        ),
    ]);
}
