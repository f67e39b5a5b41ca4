//! The kinds that are data: each is read as the statement that would make it.

use std::collections::BTreeSet;

use aludel_dialect::Dialect;
use aludel_operations::{Object, Operation};
use aludel_schema::{Definition, Kind};

use crate::case::postgres_reflection;

/// A kind, what makes an object of it, and the statements that its reflection would be made with.
type Case = (Kind, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (
        Kind::View,
        "CREATE TABLE t (a int); CREATE VIEW v WITH (security_barrier) AS SELECT a FROM t",
        &["CREATE VIEW v WITH (security_barrier = true) AS SELECT a\n   FROM t"],
    ),
    (
        Kind::MaterializedView,
        "CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT 1 AS a WITH NO DATA",
        &["CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT 1 AS a\nWITH NO DATA"],
    ),
    (
        Kind::Index,
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
         CREATE UNIQUE INDEX i ON m (a, (a + 1)); ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 500",
        &[
            "CREATE UNIQUE INDEX i ON m USING btree (a, ((a + 1)))",
            "ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 500",
        ],
    ),
    (
        Kind::Partition,
        "CREATE TABLE o (id int PRIMARY KEY);
         CREATE TABLE t (a int, b int DEFAULT 1, CHECK (b > 0)) PARTITION BY RANGE (a);
         CREATE UNLOGGED TABLE t1 PARTITION OF t (b DEFAULT 2, CONSTRAINT small CHECK (b < 9))
             FOR VALUES FROM (MINVALUE) TO (9) WITH (fillfactor = 70);
         CREATE TABLE t2 PARTITION OF t DEFAULT PARTITION BY HASH (b);
         CREATE TABLE t3 PARTITION OF t2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
         CREATE TABLE t4 (b int CHECK (b > 0), a int NOT NULL REFERENCES o NOT NULL);
         ALTER TABLE t4 RENAME CONSTRAINT t4_b_check TO t_b_check;
         ALTER TABLE t ATTACH PARTITION t4 FOR VALUES FROM (9) TO (12);
         ALTER TABLE t4 REPLICA IDENTITY FULL, FORCE ROW LEVEL SECURITY",
        &[
            "CREATE UNLOGGED TABLE t1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO (9)",
            "ALTER TABLE t1 SET (fillfactor = 70)",
            "ALTER TABLE t1 ALTER COLUMN b SET DEFAULT 2",
            "ALTER TABLE t1 ADD CONSTRAINT small CHECK ((b < 9))",
            "CREATE TABLE t2 PARTITION OF t DEFAULT PARTITION BY HASH (b)",
            "CREATE TABLE t3 PARTITION OF t2 FOR VALUES WITH (modulus 2, remainder 1)",
            "CREATE TABLE t4 PARTITION OF t FOR VALUES FROM (9) TO (12)",
            "ALTER TABLE t4 ALTER COLUMN b SET DEFAULT NULL",
            "ALTER TABLE t4 ALTER COLUMN a SET NOT NULL",
            "ALTER TABLE t4 ADD CONSTRAINT t4_a_fkey FOREIGN KEY (a) REFERENCES o(id)",
            "ALTER TABLE t4 FORCE ROW LEVEL SECURITY",
            "ALTER TABLE t4 REPLICA IDENTITY FULL",
        ],
    ),
    (
        Kind::Domain,
        "CREATE DOMAIN d AS text NOT NULL CHECK (VALUE <> '')",
        &["CREATE DOMAIN d AS text NOT NULL CONSTRAINT d_check CHECK ((VALUE <> ''::text))"],
    ),
    (
        Kind::CompositeType,
        "CREATE TYPE pair AS (a int, b text COLLATE \"C\")",
        &["CREATE TYPE pair AS (\n    a integer,\n    b text COLLATE \"C\"\n)"],
    ),
    (
        Kind::RangeType,
        "CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi)",
        &["CREATE TYPE span AS RANGE (subtype = double precision, subtype_diff = float8mi, \
           multirange_type_name = span_multirange)"],
    ),
    (
        Kind::Function,
        "CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
        &["CREATE FUNCTION f (a integer, b text DEFAULT 'x'::text)\n RETURNS integer\n LANGUAGE sql\n \
           IMMUTABLE\nAS $function$SELECT 1$function$"],
    ),
    (
        Kind::Procedure,
        "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'",
        &["CREATE PROCEDURE p ()\n LANGUAGE sql\nAS $procedure$SELECT 1$procedure$"],
    ),
    (
        Kind::Aggregate,
        "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0')",
        &["CREATE AGGREGATE total (integer) (\n    SFUNC = int4pl,\n    STYPE = integer,\n    INITCOND = '0'\n)"],
    ),
    (
        Kind::Operator,
        "CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int, COMMUTATOR = ===, HASHES)",
        &["CREATE OPERATOR === (\n    FUNCTION = int4eq,\n    LEFTARG = integer,\n    RIGHTARG = integer,\n    COMMUTATOR = ===,\n    HASHES\n)"],
    ),
    (
        Kind::OperatorFamily,
        "CREATE OPERATOR FAMILY f USING btree;
         ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 <(int, int), FUNCTION 1 (int, int) btint4cmp(int, int)",
        &[
            "CREATE OPERATOR FAMILY f USING btree",
            "ALTER OPERATOR FAMILY f USING btree ADD FUNCTION 1 (integer, integer) btint4cmp(integer,integer)",
            "ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 <(integer,integer)",
        ],
    ),
    (
        Kind::OperatorClass,
        "CREATE OPERATOR CLASS c FOR TYPE text USING hash AS OPERATOR 1 =, FUNCTION 1 hashtext(text)",
        &["CREATE OPERATOR CLASS c FOR TYPE text USING hash FAMILY c AS FUNCTION 1 (text, text) hashtext(text), OPERATOR 1 =(text,text)"],
    ),
    (
        Kind::Cast,
        "CREATE TYPE pair AS (a int); CREATE FUNCTION to_pair(int) RETURNS pair LANGUAGE sql AS 'SELECT ROW($1)::pair';
         CREATE CAST (int AS pair) WITH FUNCTION to_pair(int) AS ASSIGNMENT",
        &["CREATE CAST (integer AS pair) WITH FUNCTION to_pair(integer) AS ASSIGNMENT"],
    ),
    (
        Kind::Trigger,
        "CREATE TABLE t (a int);
         CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF a ON t DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION g();
         ALTER TABLE t ENABLE REPLICA TRIGGER late",
        &[
            "CREATE CONSTRAINT TRIGGER late AFTER UPDATE OF a ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW \
             WHEN ((new.a > 0)) EXECUTE FUNCTION g()",
            "ALTER TABLE t ENABLE REPLICA TRIGGER late",
        ],
    ),
    (
        Kind::Rule,
        "CREATE TABLE t (a int); CREATE RULE r AS ON DELETE TO t WHERE old.a = 1 DO INSTEAD NOTHING;
         ALTER TABLE t DISABLE RULE r",
        &[
            "CREATE RULE r AS ON DELETE TO t\n   WHERE (old.a = 1) DO INSTEAD NOTHING",
            "ALTER TABLE t DISABLE RULE r",
        ],
    ),
    (
        Kind::Policy,
        "CREATE TABLE t (a int);
         CREATE POLICY p ON t AS RESTRICTIVE FOR UPDATE TO CURRENT_USER USING (a = 1) WITH CHECK (true)",
        &["CREATE POLICY p ON t AS RESTRICTIVE FOR UPDATE TO postgres USING ((a = 1)) WITH CHECK (true)"],
    ),
    (
        Kind::Statistics,
        "CREATE TABLE t (a int, b int); CREATE STATISTICS s (ndistinct) ON a, b FROM t;
         ALTER STATISTICS s SET STATISTICS 90",
        &["CREATE STATISTICS s (ndistinct) ON a, b FROM t", "ALTER STATISTICS s SET STATISTICS 90"],
    ),
    (
        Kind::Collation,
        "CREATE COLLATION plain (locale = 'C')",
        &["CREATE COLLATION plain (provider = libc, locale = 'C')"],
    ),
    (
        Kind::TextSearchConfiguration,
        "CREATE TEXT SEARCH CONFIGURATION c (PARSER = \"default\");
         ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word, asciiword WITH english_stem, simple",
        &[
            "CREATE TEXT SEARCH CONFIGURATION c (PARSER = \"default\")",
            "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR asciiword WITH english_stem, simple",
            "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH english_stem, simple",
        ],
    ),
    (
        Kind::TextSearchDictionary,
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, STOPWORDS = english)",
        &["CREATE TEXT SEARCH DICTIONARY d (\n    TEMPLATE = simple,\n    stopwords = 'english'\n)"],
    ),
    (
        Kind::EventTrigger,
        "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
         CREATE EVENT TRIGGER aludel_watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION e();
         ALTER EVENT TRIGGER aludel_watch DISABLE",
        &[
            "CREATE EVENT TRIGGER aludel_watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION e()",
            "ALTER EVENT TRIGGER aludel_watch DISABLE",
        ],
    ),
    (
        Kind::Publication,
        "CREATE TABLE t (a int); CREATE TABLE u (a int);
         CREATE PUBLICATION p FOR TABLE u, t WITH (publish = 'insert')",
        &["CREATE PUBLICATION p FOR TABLE t, TABLE u WITH (publish = 'insert', publish_via_partition_root = false)"],
    ),
    (
        Kind::ForeignDataWrapper,
        "CREATE FOREIGN DATA WRAPPER far VALIDATOR postgresql_fdw_validator",
        &["CREATE FOREIGN DATA WRAPPER far VALIDATOR postgresql_fdw_validator"],
    ),
    (
        Kind::ForeignServer,
        "CREATE FOREIGN DATA WRAPPER far1;
         CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER far1 OPTIONS (port '1', host 'it''s')",
        &["CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER far1 OPTIONS (host 'it''s', port '1')"],
    ),
    (
        Kind::UserMapping,
        "CREATE FOREIGN DATA WRAPPER far2; CREATE SERVER s2 FOREIGN DATA WRAPPER far2;
         CREATE USER MAPPING FOR pg_monitor SERVER s2 OPTIONS (\"user\" 'a', password 'secret');
         CREATE USER MAPPING FOR PUBLIC SERVER s2",
        &[
            "CREATE USER MAPPING FOR PUBLIC SERVER s2",
            "CREATE USER MAPPING FOR pg_monitor SERVER s2 OPTIONS (\"user\" 'a')",
        ],
    ),
    (
        Kind::DefaultPrivileges,
        "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO pg_read_all_data;
         ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT ALL ON SEQUENCES TO PUBLIC;
         ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
         ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT USAGE ON TYPES TO pg_read_all_data WITH GRANT OPTION",
        &[
            "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor REVOKE ALL ON FUNCTIONS FROM PUBLIC",
            "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT ALL ON SEQUENCES TO PUBLIC",
            "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT INSERT, SELECT ON TABLES TO pg_read_all_data",
            "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA public GRANT ALL ON TYPES TO pg_read_all_data WITH GRANT OPTION",
        ],
    ),
    (
        Kind::ForeignTable,
        "CREATE FOREIGN DATA WRAPPER far3; CREATE SERVER s3 FOREIGN DATA WRAPPER far3;
         CREATE FOREIGN TABLE t (a int OPTIONS (name 'A') NOT NULL, b text DEFAULT 'x', CONSTRAINT c CHECK (a > 0))
             SERVER s3 OPTIONS (file 'f')",
        &[
            "CREATE FOREIGN TABLE t (\n    a integer NOT NULL,\n    b text DEFAULT 'x'::text,\n    \
             CONSTRAINT c CHECK ((a > 0))\n) SERVER s3 OPTIONS (file 'f')",
            "ALTER FOREIGN TABLE t ALTER COLUMN a OPTIONS (name 'A')",
        ],
    ),
];

#[test]
fn every_kind_is_read_as_the_statement_that_makes_it() {
    let mut failures = Vec::new();
    for (kind, ddl, expected) in CASES {
        let found = postgres_reflection(ddl);
        let of_kind = found.metadata.definitions.values().filter(|d| d.id.kind == *kind);
        let made = of_kind.flat_map(statements);
        // Only PostgreSQL 18 knows this option.
        let made = made.map(|sql| sql.replace(", publish_generated_columns = none", ""));
        let made: Vec<String> = made.collect();
        if made != *expected {
            failures.push(format!("{kind}: expected {expected:#?}, got {made:#?}"));
        }
        if !found.leftovers.is_empty() {
            failures.push(format!("{kind}: {:?}", found.leftovers));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A kind that gets an entry in the table of kinds gets a case here.
#[test]
fn no_kind_is_forgotten() {
    let kinds: BTreeSet<Kind> = Dialect::Postgres.kinds().iter().map(|facts| facts.kind).collect();
    let cases: BTreeSet<Kind> = CASES.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(cases, kinds);
}

fn statements(definition: &Definition) -> Vec<String> {
    let create = Operation::Create(Object::Definition(Box::new(definition.clone())));
    let steps = Dialect::Postgres.steps(&[create]).unwrap();
    steps.into_iter().flat_map(|step| step.statements).collect()
}
