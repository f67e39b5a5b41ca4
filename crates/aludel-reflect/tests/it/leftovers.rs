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
            "partitions and children, whose parent is a table like any other",
            "CREATE TABLE t (a int) PARTITION BY RANGE (a);
             CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9);
             CREATE TABLE p (a int);
             CREATE TABLE c (b int) INHERITS (p)",
            &["inherited table c", "partition t1"],
        ),
        (
            "security and replication",
            "CREATE TABLE t (a int);
             ALTER TABLE t ENABLE ROW LEVEL SECURITY;
             ALTER TABLE t REPLICA IDENTITY FULL;
             GRANT SELECT ON t TO PUBLIC",
            &["grants t", "replica identity t", "row level security t"],
        ),
        (
            "storage",
            "CREATE TABLE t (a text, b text) WITH (toast.autovacuum_enabled = false);
             ALTER TABLE t ALTER COLUMN a SET STORAGE EXTERNAL;
             ALTER TABLE t ALTER COLUMN b SET (n_distinct = 5);
             CREATE INDEX i ON t (a);
             ALTER TABLE t CLUSTER ON i",
            &[
                "storage parameters of TOAST t",
                "column storage t.a",
                "column storage t.b",
                "clustered index i of t",
            ],
        ),
        (
            "a comment that no model can say",
            "CREATE TABLE t (a int CONSTRAINT positive CHECK (a > 0));
             COMMENT ON CONSTRAINT positive ON t IS 'x'",
            &["comment on constraint positive of t"],
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
