//! Storage, statistics, security and replication of tables, and what stands beside the rules of
//! constraints and indexes. ALTER can change all of it.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{
    Column, ColumnStorage, Definition, Index, Kind, Metadata, NotNull, ObjectId, Parameters,
    QualifiedName, ReplicaIdentity, Table,
};

use crate::build::*;
use crate::case::{Case, case, operations, statements, statements_back};

/// A part of metadata, changed.
fn but<T>(mut what: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut what);
    what
}

fn parameters<const N: usize>(pairs: [(&str, &str); N]) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn stored(column: Column, change: impl FnOnce(&mut ColumnStorage)) -> Column {
    let storage = but(column.effective_storage(), change);
    Column { storage: Some(Box::new(storage)), ..column }
}

fn not_null(column: Column, change: impl FnOnce(&mut NotNull)) -> Column {
    let not_null = Some(Box::new(but(NotNull::default(), change)));
    Column { nullable: false, not_null, ..column }
}

/// Metadata of a server whose NOT NULL constraints have names.
fn named(metadata: Metadata) -> Metadata {
    Metadata { names_not_null: true, ..metadata }
}

#[test]
fn the_storage_of_a_column_changes_in_place() {
    let note = || col("note", "text");
    let with = |column: Column| metadata![table("t", [column])];
    statements(
        Postgres,
        [
            case(
                "mode and compression",
                with(note()),
                with(stored(note(), |s| {
                    s.mode = Some("external".to_owned());
                    s.compression = Some("lz4".to_owned());
                })),
                ["ALTER TABLE t\n    ALTER COLUMN note SET STORAGE EXTERNAL,\n    \
                     ALTER COLUMN note SET COMPRESSION lz4"],
            ),
            case(
                "statistics and options",
                with(stored(note(), |s| s.options = parameters([("n_distinct", "5")]))),
                with(stored(note(), |s| {
                    s.statistics = Some(500);
                    s.options = parameters([("n_distinct_inherited", "-0.5")]);
                })),
                ["ALTER TABLE t\n    ALTER COLUMN note SET STATISTICS 500,\n    \
                     ALTER COLUMN note RESET (n_distinct),\n    \
                     ALTER COLUMN note SET (n_distinct_inherited = -0.5)"],
            ),
            case(
                "back to what is usual",
                with(stored(note(), |s| {
                    s.mode = Some("plain".to_owned());
                    s.statistics = Some(0);
                })),
                with(note()),
                ["ALTER TABLE t\n    ALTER COLUMN note SET STORAGE EXTENDED,\n    \
                     ALTER COLUMN note SET STATISTICS -1"],
            ),
        ],
    );
}

#[test]
fn the_storage_of_a_column_outlives_its_type() {
    let note = || col("note", "text");
    let with = |column: Column| metadata![table("t", [column])];
    statements(
        Postgres,
        [
            case(
                "a new type would bring its own mode",
                with(stored(note(), |s| {
                    s.mode = Some("external".to_owned());
                    s.statistics = Some(9);
                })),
                with(stored(col("note", "character varying"), |s| {
                    s.mode = Some("external".to_owned());
                    s.statistics = Some(9);
                })),
                ["ALTER TABLE t\n    ALTER COLUMN note TYPE character varying,\n    \
                     ALTER COLUMN note SET STORAGE EXTERNAL"],
            ),
            case(
                "a new column",
                metadata![table("t", [])],
                with(stored(note(), |s| s.statistics = Some(7)).not_null().comment("as typed")),
                [
                    "ALTER TABLE t ADD COLUMN note text NOT NULL",
                    "ALTER TABLE t ALTER COLUMN note SET STATISTICS 7",
                    "COMMENT ON COLUMN t.note IS 'as typed'",
                ],
            ),
        ],
    );
}

#[test]
fn a_not_null_constraint_follows_its_column_once() {
    let with = |column: Column| named(metadata![table("boxes", [column.not_null()])]);
    operations(
        Postgres,
        [case(
            "the column says its former name",
            with(col("size", "integer")),
            with(col("weight", "integer").was("size")),
            [
                "rename column boxes.size to weight",
                "alter column boxes.weight: NOT NULL constraint",
            ],
        )],
    );
}

#[test]
fn not_null_constraints_have_names_and_options() {
    let size = || col("size", "integer");
    let with = |column: Column| named(metadata![table("boxes", [column])]);
    let called = |name: &'static str| not_null(size(), |n| n.name = Some(name.to_owned()));
    statements(
        Postgres,
        [
            case(
                "a new one",
                with(size()),
                with(called("sized")),
                ["ALTER TABLE boxes ADD CONSTRAINT sized NOT NULL size"],
            ),
            case(
                "another name",
                with(size().not_null()),
                with(called("sized")),
                ["ALTER TABLE boxes RENAME CONSTRAINT boxes_size_not_null TO sized"],
            ),
            case(
                "rows are checked",
                with(not_null(size(), |n| n.not_valid = true)),
                with(size().not_null()),
                ["ALTER TABLE boxes VALIDATE CONSTRAINT boxes_size_not_null"],
            ),
            case(
                "rows are no longer checked",
                with(size().not_null()),
                with(not_null(size(), |n| n.not_valid = true)),
                ["ALTER TABLE boxes\n    ALTER COLUMN size DROP NOT NULL,\n    \
                     ADD NOT NULL size NOT VALID"],
            ),
            case(
                "children inherit it no longer",
                with(size().not_null()),
                with(not_null(size(), |n| n.no_inherit = true)),
                ["ALTER TABLE boxes ALTER CONSTRAINT boxes_size_not_null NO INHERIT"],
            ),
            case(
                "a new table has no way to say NOT VALID",
                named(metadata![]),
                with(not_null(size(), |n| {
                    n.not_valid = true;
                    n.comment = Some("later".to_owned());
                })),
                [
                    "CREATE TABLE boxes (\n    size integer\n)",
                    "ALTER TABLE boxes ADD NOT NULL size NOT VALID",
                    "COMMENT ON CONSTRAINT boxes_size_not_null ON boxes IS 'later'",
                ],
            ),
            case(
                "a server without such names is not asked for them",
                metadata![table("boxes", [size().not_null()])],
                metadata![table("boxes", [called("sized")])],
                [],
            ),
        ],
    );
}

#[test]
fn not_null_names_follow_renames() {
    let with = |table: Table| named(metadata![table]);
    statements(
        Postgres,
        [
            case(
                "of the table",
                with(table("boxes", [col("size", "integer").not_null()])),
                with(table("crates", [col("size", "integer").not_null()]).was("boxes")),
                [
                    "ALTER TABLE boxes RENAME TO crates",
                    "ALTER TABLE crates RENAME CONSTRAINT boxes_size_not_null TO crates_size_not_null",
                ],
            ),
            case(
                "of the column",
                with(table("boxes", [col("size", "integer").not_null()])),
                with(table("boxes", [col("width", "integer").not_null().was("size")])),
                [
                    "ALTER TABLE boxes RENAME COLUMN size TO width",
                    "ALTER TABLE boxes RENAME CONSTRAINT boxes_size_not_null TO boxes_width_not_null",
                ],
            ),
            case(
                "of a server without such names",
                metadata![table("boxes", [col("size", "integer").not_null()])],
                metadata![table("crates", [col("size", "integer").not_null()]).was("boxes")],
                ["ALTER TABLE boxes RENAME TO crates"],
            ),
        ],
    );
}

/// A type of which a table may be.
fn line() -> Definition {
    let name = QualifiedName::parse("app.line");
    let line = Definition::new(ObjectId::new(Kind::CompositeType, name), "");
    line.clause("attribute", Some("a"), "integer")
}

#[test]
fn options_of_a_table_change_in_place() {
    let plain = || table("t", [col("a", "text")]);
    let options = |name, change: fn(&mut aludel_schema::TableOptions), statement| -> Case {
        case(
            name,
            metadata![plain()],
            metadata![but(plain(), |t| change(&mut t.options))],
            [statement],
        )
    };
    statements(
        Postgres,
        [
            options(
                "row security",
                |o| (o.row_security, o.force_row_security) = (true, true),
                "ALTER TABLE t\n    ENABLE ROW LEVEL SECURITY,\n    FORCE ROW LEVEL SECURITY",
            ),
            options(
                "the tablespace",
                |o| o.tablespace = Some("fast".to_owned()),
                "ALTER TABLE t SET TABLESPACE fast",
            ),
            options(
                "the access method",
                |o| o.access_method = Some("columnar".to_owned()),
                "ALTER TABLE t SET ACCESS METHOD columnar",
            ),
            options(
                "parameters of the TOAST table",
                |o| o.with = parameters([("toast.autovacuum_enabled", "off")]),
                "ALTER TABLE t SET (toast.autovacuum_enabled = off)",
            ),
            case(
                "a new table",
                metadata![line()],
                metadata![
                    line(),
                    but(plain(), |t| {
                        t.options.row_security = true;
                        t.options.tablespace = Some("fast".to_owned());
                        t.options.access_method = Some("heap2".to_owned());
                        t.options.of_type = Some(QualifiedName::parse("app.line"));
                        t.columns[0].inherited = true;
                        t.columns[0].nullable = false;
                    })
                ],
                [
                    "CREATE TABLE t OF app.line (\n    a WITH OPTIONS NOT NULL\n) USING heap2 TABLESPACE fast",
                    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
                ],
            ),
        ],
    );
}

/// A table whose index has both roles.
fn replicated(index: Index) -> Table {
    let name = index.name.clone();
    but(table("t", [col("a", "integer").not_null(), col("b", "text")]).index(index), |t| {
        t.roles.replica_identity = ReplicaIdentity::Index(name.clone());
        t.roles.clustered_on = Some(name);
    })
}

#[test]
fn indexes_keep_their_roles() {
    let plain = || table("t", [col("a", "integer").not_null(), col("b", "text")]);
    let key = |name| index(name, ["a"]).unique();
    let on_text = |text| {
        but(index("i", ["lower(b)"]), |i| {
            i.predicate = Some(Box::new(aludel_schema::SqlText::new(text)));
        })
    };
    let clustered = |index: Index| {
        but(replicated(index), |t| {
            t.roles.replica_identity = ReplicaIdentity::Full;
        })
    };
    statements(
        Postgres,
        [
            case(
                "a new index gets them",
                metadata![plain()],
                metadata![replicated(key("i"))],
                [
                    "CREATE UNIQUE INDEX i ON t (a)",
                    "ALTER TABLE t\n    REPLICA IDENTITY USING INDEX i,\n    CLUSTER ON i",
                ],
            ),
            case(
                "a renamed index keeps them",
                metadata![replicated(key("i"))],
                metadata![replicated(key("j"))],
                ["ALTER INDEX i RENAME TO j"],
            ),
            case(
                "an index that is made again gets them again",
                metadata![clustered(on_text("a > 1"))],
                metadata![clustered(on_text("a > 2"))],
                [
                    "DROP INDEX i",
                    "CREATE INDEX i ON t (lower(b)) WHERE a > 2",
                    "ALTER TABLE t CLUSTER ON i",
                ],
            ),
            case(
                "without its index there is no identity left",
                metadata![replicated(key("i"))],
                metadata![plain()],
                ["DROP INDEX i", "ALTER TABLE t REPLICA IDENTITY DEFAULT"],
            ),
            case(
                "the key of a constraint may have them too",
                metadata![plain()],
                metadata![but(plain().with(unique("once", ["a"])), |t| {
                    t.roles.replica_identity = ReplicaIdentity::Index("once".to_owned());
                })],
                ["ALTER TABLE t\n    ADD CONSTRAINT once UNIQUE (a),\n    \
                     REPLICA IDENTITY USING INDEX once"],
            ),
        ],
    );
}

#[test]
fn settings_of_an_index_change_in_place() {
    let plain = || table("t", [col("a", "integer"), col("b", "text")]);
    let tuned = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let with = pairs.collect::<Parameters>();
        metadata![plain().index(but(index("i", ["lower(b)", "a"]), |i| i.settings.with = with))]
    };
    let with = |index: Index| metadata![plain().index(index)];
    let counted = |target| {
        but(index("i", ["lower(b)"]).comment("kept"), |i| {
            i.settings.statistics.insert(1, target);
        })
    };
    statements(
        Postgres,
        [
            case(
                "a parameter that matters to new pages",
                tuned(&[("fillfactor", "70")]),
                tuned(&[("fillfactor", "80"), ("deduplicate_items", "off")]),
                ["ALTER INDEX i SET (fillfactor = 80, deduplicate_items = off)"],
            ),
            case(
                "a parameter that shapes the index",
                tuned(&[("m", "8")]),
                tuned(&[("m", "16")]),
                ["DROP INDEX i", "CREATE INDEX i ON t (lower(b), a) WITH (m = 16)"],
            ),
            case(
                "the statistics target of an expression",
                with(counted(100)),
                with(counted(200)),
                ["ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 200"],
            ),
            case(
                "a tablespace",
                with(index("i", ["a"])),
                with(but(index("i", ["a"]), |i| i.settings.tablespace = Some("fast".to_owned()))),
                ["ALTER INDEX i SET TABLESPACE fast"],
            ),
            case(
                "an index that is made again keeps its comment and its targets",
                metadata![table("t", [col("b", "text")]).index(counted(100))],
                metadata![table("t", [col("b", "character varying(9)")]).index(counted(100))],
                [
                    "DROP INDEX i",
                    "ALTER TABLE t ALTER COLUMN b TYPE character varying(9)",
                    "CREATE INDEX i ON t (lower(b))",
                    "ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 100",
                    "COMMENT ON INDEX i IS 'kept'",
                ],
            ),
        ],
    );
}

#[test]
fn constraints_keep_what_stands_beside_their_rule() {
    let plain = |sql_type| table("t", [col("a", sql_type)]);
    let with = |constraint| metadata![plain("integer").with(constraint)];
    statements(
        Postgres,
        [
            case(
                "a comment",
                with(check("c", "a > 0")),
                with(check("c", "a > 0").comment("why")),
                ["COMMENT ON CONSTRAINT c ON t IS 'why'"],
            ),
            case(
                "a constraint that is made again keeps its comment",
                metadata![plain("integer").with(check("c", "a > 0").comment("why"))],
                metadata![plain("bigint").with(check("c", "a > 0").comment("why"))],
                [
                    "ALTER TABLE t\n    DROP CONSTRAINT c,\n    ALTER COLUMN a TYPE bigint,\n    \
                     ADD CONSTRAINT c CHECK (a > 0)",
                    "COMMENT ON CONSTRAINT c ON t IS 'why'",
                ],
            ),
            case(
                "parameters and the comment of the index of a key",
                with(unique("c", ["a"])),
                with(but(unique("c", ["a"]).parameter("fillfactor", "70"), |c| {
                    c.index_comment = Some("how".to_owned());
                })),
                ["ALTER INDEX c SET (fillfactor = 70)", "COMMENT ON INDEX c IS 'how'"],
            ),
            case(
                "a new key says the parameters",
                metadata![plain("integer")],
                with(unique("c", ["a"]).parameter("fillfactor", "70")),
                ["ALTER TABLE t ADD CONSTRAINT c UNIQUE (a) WITH (fillfactor = 70)"],
            ),
            case(
                "a check of a new table that is added later",
                metadata![],
                with(check("c", "a > 0").not_valid().comment("why")),
                [
                    "CREATE TABLE t (\n    a integer\n)",
                    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
                    "COMMENT ON CONSTRAINT c ON t IS 'why'",
                ],
            ),
        ],
    );
}

#[test]
fn foreign_keys_change_when_they_are_checked_without_being_made_again() {
    let with = |key| {
        let parent = table("p", [col("id", "integer")]).with(primary_key("p_pkey", ["id"]));
        metadata![parent, table("t", [col("a", "integer")]).with(key)]
    };
    let key = || foreign_key("k", "a", "p", "id");
    statements(
        Postgres,
        [
            case(
                "at commit",
                with(key()),
                with(key().deferred()),
                ["ALTER TABLE t ALTER CONSTRAINT k DEFERRABLE INITIALLY DEFERRED"],
            ),
            case(
                "not at all",
                with(key()),
                with(key().not_enforced()),
                ["ALTER TABLE t ALTER CONSTRAINT k NOT ENFORCED"],
            ),
            case(
                "again, with all rows",
                with(key().not_enforced()),
                with(key()),
                ["ALTER TABLE t ALTER CONSTRAINT k ENFORCED"],
            ),
            case(
                "for new rows only",
                with(key().not_enforced()),
                with(key().not_valid()),
                ["ALTER TABLE t\n    DROP CONSTRAINT k,\n    ADD CONSTRAINT k FOREIGN KEY (a) \
                     REFERENCES p (id) NOT VALID"],
            ),
        ],
    );
}

#[test]
fn an_unrelated_change_leaves_a_constraint_unenforced() {
    let with = |sql_type| {
        let check = check("c", "a > 0").not_enforced();
        metadata![table("t", [col("a", sql_type)]).with(check)]
    };
    statements_back(
        Postgres,
        [case(
            "a new type",
            with("integer"),
            with("bigint"),
            ["ALTER TABLE t\n    DROP CONSTRAINT c,\n    ALTER COLUMN a TYPE integer,\n    \
             ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED"],
        )],
    );
}
