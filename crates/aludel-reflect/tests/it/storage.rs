//! Storage, statistics, security, replication and inheritance of PostgreSQL's tables.

use aludel_schema::{NotNull, QualifiedName, ReplicaIdentity, Validity};

use crate::case::{column, postgres_reflection, table};

#[test]
fn columns_say_what_is_unusual_of_their_storage() {
    let found = postgres_reflection(
        "CREATE TABLE t (a text, b text, c numeric);
         ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz, ALTER c SET STATISTICS 0;
         ALTER TABLE t ALTER c SET (n_distinct = -0.5)",
    );
    let storage = |name| column(&found, name).effective_storage();
    let a = storage("t.a");
    assert_eq!(a.mode.as_deref(), Some("external"));
    assert_eq!(a.compression.as_deref(), Some("pglz"));
    assert_eq!(a.statistics, None);
    assert_eq!(column(&found, "t.b").storage, None);
    assert_eq!(storage("t.c").statistics, Some(0));
    assert!(storage("t.c").options.has("n_distinct"));
}

#[test]
fn tables_say_who_sees_their_rows_and_how_they_are_replicated() {
    let found = postgres_reflection(
        "CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE UNIQUE INDEX i ON t (b);
         ALTER TABLE t REPLICA IDENTITY USING INDEX i;
         ALTER TABLE t CLUSTER ON t_pkey;
         CREATE TABLE f (a int); ALTER TABLE f REPLICA IDENTITY FULL;
         CREATE TABLE n (a int NOT NULL); CREATE UNIQUE INDEX j ON n (a);
         ALTER TABLE n REPLICA IDENTITY USING INDEX j; DROP INDEX j",
    );
    let t = table(&found, "t");
    assert!(t.options.row_security && !t.options.force_row_security);
    assert!(t.options.with.has("fillfactor") && t.options.with.has("toast.autovacuum_enabled"));
    assert_eq!(t.roles.replica_identity, ReplicaIdentity::Index("i".to_owned()));
    assert_eq!(t.roles.clustered_on.as_deref(), Some("t_pkey"));
    assert_eq!(table(&found, "f").roles.replica_identity, ReplicaIdentity::Full);
    let lost = table(&found, "n").roles.replica_identity;
    assert_eq!(lost, ReplicaIdentity::Nothing, "the index is gone");
}

#[test]
fn constraints_and_indexes_say_what_stands_beside_their_rule() {
    let found = postgres_reflection(
        "CREATE TABLE t (a int, b text, CONSTRAINT k UNIQUE (a) WITH (fillfactor = 70), CONSTRAINT c CHECK (a > 0));
         COMMENT ON CONSTRAINT c ON t IS 'why'; COMMENT ON INDEX k IS 'how';
         CREATE INDEX i ON t (a, lower(b)); ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 9",
    );
    let t = table(&found, "t");
    assert!(t.constraints[0].index.with.has("fillfactor"));
    assert_eq!(t.constraints[0].index_comment.as_deref(), Some("how"));
    assert_eq!(t.constraints[1].comment.as_deref(), Some("why"));
    let targets: Vec<(u16, i64)> = t.indexes[0].settings.statistics.clone().into_iter().collect();
    assert_eq!(targets, [(2, 9)]);
}

#[test]
fn heirs_know_what_they_inherit() {
    let found = postgres_reflection(
        "CREATE TABLE p (a int CHECK (a > 0), b int);
         CREATE TABLE c (b int, d int, CHECK (d > 0)) INHERITS (p);
         CREATE TYPE pair AS (x int, y int);
         CREATE TABLE typed OF pair (x WITH OPTIONS NOT NULL)",
    );
    let c = table(&found, "c");
    assert_eq!(c.options.inherits, [QualifiedName::unqualified("p")]);
    let inherited = |name| column(&found, name).inherited;
    assert!(inherited("c.a") && !inherited("c.b") && !inherited("c.d"));
    let names: Vec<String> = c.constraints.iter().map(aludel_schema::Constraint::label).collect();
    assert_eq!(names, ["c_d_check"], "the check of the other table is not its own");
    assert_eq!(table(&found, "typed").options.of_type, Some(QualifiedName::unqualified("pair")));
    assert!(inherited("typed.x") && inherited("typed.y"));
}

#[test]
fn postgres_18_has_names_for_not_null_and_keys_over_time() {
    let found = postgres_reflection("CREATE TABLE t (a int NOT NULL)");
    assert_eq!(column(&found, "t.a").not_null, None);
    if !found.metadata.names_not_null {
        return;
    }
    let found = postgres_reflection(
        "CREATE TABLE p (id int PRIMARY KEY);
         CREATE TABLE t (a int CONSTRAINT there NOT NULL, b int, c int NOT NULL NO INHERIT, d int,
             CONSTRAINT positive CHECK (b > 0) NOT ENFORCED,
             CONSTRAINT parent FOREIGN KEY (d) REFERENCES p NOT ENFORCED);
         ALTER TABLE t ADD NOT NULL b NOT VALID;
         COMMENT ON CONSTRAINT there ON t IS 'why'",
    );
    let not_null = |name| column(&found, name).not_null.map(|own| *own);
    let (name, comment) = (Some("there".to_owned()), Some("why".to_owned()));
    assert_eq!(not_null("t.a"), Some(NotNull { name, comment, ..NotNull::default() }));
    assert_eq!(not_null("t.b"), Some(NotNull { not_valid: true, ..NotNull::default() }));
    assert_eq!(not_null("t.c"), Some(NotNull { no_inherit: true, ..NotNull::default() }));
    assert!(column(&found, "t.b").may_still_be_null());
    let table = table(&found, "t");
    assert!(table.constraints.iter().all(|own| own.validity() == Validity::NotEnforced));
}
