//! Statements of object files that a database refuses, or that say nothing which can be compared:
//! `check` finds them, with their line.

use aludel_testkit::{TestProject, server};

use crate::PROGRAM;

const MODELS: &str = r#"
#[derive(Table)]
#[table(sequence(name = "numbers"))]
pub struct T {
    #[column(primary_key)]
    pub id: i64,
    pub x: Option<i32>,
    #[column(generated = "id")]
    pub g: i64,
}
#[derive(Table)]
#[table(unlogged)]
pub struct U {
    pub x: i32,
    #[column(identity)]
    pub n: i64,
    #[column(serial)]
    pub s: i64,
}
#[derive(Table)]
#[table(partition_by = "list (x)")]
pub struct P {
    pub x: i64,
    #[column(generated = "x")]
    pub g: i64,
}
"#;

/// The statements of an object file, each on a line of its own, the line that is refused, and words of
/// the reason.
type Case = (&'static [&'static str], usize, &'static str);

const VIEW: &str = "CREATE VIEW v AS SELECT 1 AS a;";
const TRIGGERED: &str =
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';";
const FUNCTION: &str = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1';";
const PART: &str = "CREATE TABLE part PARTITION OF ps FOR VALUES IN (1);";

const NO_ROLE: &str = "role \"nobody\" does not exist";
const NO_PLACE: &str = "can't stand in an object file";

#[rustfmt::skip]
const CASES: &[Case] = &[
    (&[VIEW, "GRANT SELECT ON ts TO nobody;"], 2, NO_ROLE),
    (&[VIEW, "GRANT SELECT ON v TO PUBLIC;", "GRANT SELECT ON v TO nobody;"], 3, NO_ROLE),
    (&["GRANT SELECT (x) ON ts TO nobody;"], 1, NO_ROLE),
    (&["REVOKE SELECT ON ts FROM nobody;"], 1, NO_ROLE),
    (&["GRANT USAGE ON SCHEMA other TO nobody;"], 1, NO_ROLE),
    (&["ALTER TABLE ts OWNER TO nobody;"], 1, NO_ROLE),
    (&["CREATE DOMAIN d AS int;", "ALTER DOMAIN d OWNER TO nobody;"], 2, NO_ROLE),
    (&["ALTER SCHEMA other OWNER TO nobody;"], 1, NO_ROLE),
    (&["ALTER SEQUENCE us_n_seq OWNER TO pg_monitor;"], 1, "has the owner of the table"),
    (&["ALTER TABLE us OWNER TO postgres;", "ALTER SEQUENCE us_s_seq OWNER TO pg_monitor;"], 2, "belongs to a column of table us"),
    (&["ALTER DEFAULT PRIVILEGES FOR ROLE nobody GRANT SELECT ON TABLES TO PUBLIC;"], 1, NO_ROLE),
    (&["ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO nobody;"], 1, NO_ROLE),
    (&["CREATE POLICY p ON ts TO nobody USING (true);"], 1, NO_ROLE),
    (&["GRANT SELECT (y) ON ts TO PUBLIC;"], 1, "table ts has no column y"),
    (&["GRANT DELETE (x) ON ts TO PUBLIC;"], 1, "a column has no privilege DELETE"),
    (&[VIEW, "GRANT EXECUTE ON v TO PUBLIC;"], 2, "a view has no privilege EXECUTE"),
    (&["GRANT DELETE ON SEQUENCE numbers TO PUBLIC;"], 1, "a sequence has no privilege DELETE"),
    (&["GRANT SELECT ON ts TO PUBLIC WITH GRANT OPTION;"], 1, "grant options"),
    (&["GRANT SELECT ON ts TO postgres GRANTED BY nobody;"], 1, "`GRANTED` can't follow"),
    (&["ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT EXECUTE ON TABLES TO PUBLIC;"], 1, "no privilege EXECUTE on TABLES"),
    (&["ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT USAGE ON SCHEMAS TO PUBLIC;"], 1, "IN SCHEMA"),
    (&["CREATE PUBLICATION p FOR TABLE us;"], 1, "cannot add relation"),
    (&[TRIGGERED, "CREATE TRIGGER t BEFORE INSERT ON ts FOR EACH ROW WHEN (NEW.g > 1) EXECUTE FUNCTION f();"], 2, "generated columns"),
    (&[PART, "ALTER TABLE part ALTER COLUMN g SET DEFAULT 7;"], 2, "is a generated column"),
    (&[VIEW, "ALTER VIEW v RENAME TO w;"], 2, NO_PLACE),
    (&[VIEW, "ALTER VIEW v RENAME COLUMN a TO b;"], 2, NO_PLACE),
    (&[VIEW, "ALTER VIEW v SET SCHEMA other;"], 2, NO_PLACE),
    (&["CREATE POLICY p ON ts USING (true);", "ALTER POLICY p ON ts RENAME TO q;"], 2, NO_PLACE),
    (&["CREATE RULE r AS ON INSERT TO ts DO INSTEAD NOTHING;", "ALTER RULE r ON ts RENAME TO s;"], 2, NO_PLACE),
    (&[TRIGGERED, "CREATE TRIGGER t AFTER INSERT ON ts EXECUTE FUNCTION f();", "ALTER TRIGGER t ON ts RENAME TO s;"], 3, NO_PLACE),
    (&[FUNCTION, "ALTER FUNCTION f() RENAME TO g;"], 2, NO_PLACE),
    (&[FUNCTION, "ALTER FUNCTION f() SET SCHEMA public;"], 2, NO_PLACE),
    (&["CREATE DOMAIN d AS int CONSTRAINT c CHECK (VALUE > 1);", "ALTER DOMAIN d RENAME CONSTRAINT c TO e;"], 2, NO_PLACE),
    (&["CREATE TYPE c AS (a int);", "ALTER TYPE c RENAME ATTRIBUTE a TO b;"], 2, NO_PLACE),
    (&["CREATE STATISTICS s ON id, x FROM ts;", "ALTER STATISTICS s RENAME TO r;"], 2, NO_PLACE),
    (&["CREATE PUBLICATION p;", "ALTER PUBLICATION p RENAME TO q;"], 2, NO_PLACE),
    (&["CREATE OPERATOR FAMILY c USING btree;", "ALTER OPERATOR FAMILY c USING btree RENAME TO d;"], 2, NO_PLACE),
    (&[PART, "ALTER TABLE part RENAME TO other;"], 2, NO_PLACE),
    (&["CREATE AGGREGATE a(int) (SFUNC = int4larger, STYPE = int);", "ALTER AGGREGATE a(int) RENAME TO b;"], 2, NO_PLACE),
    (&["CREATE COLLATION c FROM \"C\";", "ALTER COLLATION c RENAME TO d;"], 2, NO_PLACE),
    (&["CREATE TEXT SEARCH DICTIONARY c (TEMPLATE = simple);", "ALTER TEXT SEARCH DICTIONARY c SET SCHEMA other;"], 2, NO_PLACE),
];

#[test]
fn what_a_database_refuses_of_an_object_file_is_found_by_check() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(MODELS);
    for (statements, line, reason) in CASES {
        project.write("objects/all.sql", &statements.join("\n"));
        let outcome = project.run("check").exits(1);
        for words in [*reason, &format!("objects/all.sql:{line}:")] {
            assert!(outcome.stderr.contains(words), "{statements:?}, {words}:\n{}", outcome.stderr);
        }
    }
    project.write("objects/all.sql", RIGHT);
    project.migrate("right");
    project.run("check --strict").ok();
    project.run("downgrade base --yes").ok();
}

const RIGHT: &str = "
CREATE VIEW v AS SELECT id, g FROM ts;
GRANT SELECT ON v, ts TO pg_monitor WITH GRANT OPTION;
GRANT SELECT (x), UPDATE (x, g) ON ts TO pg_monitor;
REVOKE ALL PRIVILEGES ON ts FROM PUBLIC CASCADE;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT, INSERT ON TABLES TO pg_monitor;
CREATE TABLE part PARTITION OF ps FOR VALUES IN (1);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER t AFTER INSERT ON ts FOR EACH ROW WHEN (NEW.g > 1) EXECUTE FUNCTION f();
CREATE PUBLICATION p FOR TABLE ts, ps;
";
