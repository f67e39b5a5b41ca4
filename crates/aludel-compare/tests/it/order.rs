//! The order of a plan: what is needed comes first, circles are cut, ties stay as they were found.

use aludel_dialect::Dialect::{Postgres, Sqlite};
use aludel_schema::{QualifiedName, Table};

use crate::build::*;
use crate::case::{Plans, case, operations, statements};

/// A table with a key, and a foreign key to each of the others.
fn node<const N: usize>(name: &str, others: [&str; N]) -> Table {
    let mut table = table(name, [col("id", "bigint").not_null()]);
    table = table.with(primary_key(&format!("{name}_pkey"), ["id"]));
    for other in others {
        table.columns.push(col(other, "bigint"));
        table = table.with(foreign_key(&format!("{name}_{other}_fkey"), other, other, "id"));
    }
    table
}

#[test]
fn tables_follow_their_foreign_keys() {
    let chain = || metadata![node("a", ["b"]), node("b", ["c"]), node("c", [])];
    operations(
        Postgres,
        [
            case(
                "a chain is made from its end",
                metadata![],
                chain(),
                ["create table c", "create table b", "create table a"],
            ),
            case(
                "and dropped from its beginning",
                chain(),
                metadata![],
                ["drop table a", "drop table b", "drop table c"],
            ),
            case(
                "tables that have nothing to do with each other stay in the order of their names",
                metadata![],
                metadata![node("c", []), node("a", []), node("b", [])],
                ["create table a", "create table b", "create table c"],
            ),
            case(
                "a table that refers to itself needs nobody",
                metadata![],
                metadata![node("a", ["a"])],
                ["create table a"],
            ),
            case(
                "a table that leaves and one that stays part before the drop",
                metadata![node("a", []), node("b", ["a"])],
                metadata![
                    table("b", [col("id", "bigint").not_null()])
                        .with(primary_key("b_pkey", ["id"]))
                ],
                ["drop foreign key b_a_fkey of b", "drop column b.a", "drop table a"],
            ),
        ],
    );
}

#[test]
fn circles_of_foreign_keys_are_cut() {
    let two = || metadata![node("a", ["b"]), node("b", ["a"])];
    let three = || metadata![node("a", ["b"]), node("b", ["c"]), node("c", ["a"])];
    operations(
        Postgres,
        [
            case(
                "one key of the circle is added on its own",
                metadata![],
                two(),
                ["create table b", "create table a", "add foreign key b_a_fkey to b"],
            ),
            case(
                "and is dropped on its own",
                two(),
                metadata![],
                ["drop foreign key b_a_fkey of b", "drop table a", "drop table b"],
            ),
            case(
                "of three tables it is one key too",
                metadata![],
                three(),
                [
                    "create table c",
                    "create table b",
                    "create table a",
                    "add foreign key c_a_fkey to c",
                ],
            ),
        ],
    );
    operations(
        Sqlite,
        [case(
            "a foreign key of SQLite may lead nowhere yet, so that no circle is cut",
            metadata![],
            two(),
            ["create table a", "create table b"],
        )],
    );
}

#[test]
fn logging_changes_apart_from_the_foreign_keys_that_forbid_it() {
    let key = || table("b", [col("id", "bigint").not_null(), col("a", "bigint")]);
    let key = || key().with(primary_key("b_pkey", ["id"]));
    statements(
        Postgres,
        [case(
            "the foreign key to an unlogged table goes first, in a statement of its own",
            metadata![node("a", []).unlogged(), node("b", ["a"]).unlogged()],
            metadata![node("a", []).unlogged(), key()],
            ["ALTER TABLE b DROP CONSTRAINT b_a_fkey", "ALTER TABLE b SET LOGGED"],
        )],
    );
}

#[test]
fn a_new_table_leaves_to_later_what_it_can_not_take() {
    let child = || table("a", [col("b", "bigint")]).with(foreign_key("a_fkey", "b", "b", "x"));
    statements(
        Postgres,
        [
            case(
                "CREATE TABLE would forget NOT VALID",
                metadata![],
                metadata![table("t", [col("n", "integer")]).with(check("c", "n > 0").not_valid())],
                [
                    "CREATE TABLE t (\n    n integer\n)",
                    "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID",
                ],
            ),
            case(
                "CREATE TABLE would make one index of two keys on the same columns",
                metadata![],
                metadata![
                    table("t", [col("n", "integer").not_null()])
                        .with(primary_key("t_pkey", ["n"]))
                        .with(unique("t_n_key", ["n"]))
                ],
                [
                    "CREATE TABLE t (\n    n integer NOT NULL,\n    CONSTRAINT t_pkey PRIMARY KEY (n)\n)",
                    "ALTER TABLE t ADD CONSTRAINT t_n_key UNIQUE (n)",
                ],
            ),
            case(
                "a foreign key waits for the unique index that it rests on",
                metadata![],
                metadata![
                    child(),
                    table("b", [col("x", "bigint")]).index(index("i", ["x"]).unique())
                ],
                [
                    "CREATE TABLE a (\n    b bigint\n)",
                    "CREATE TABLE b (\n    x bigint\n)",
                    "CREATE UNIQUE INDEX i ON b (x)",
                    "ALTER TABLE a ADD CONSTRAINT a_fkey FOREIGN KEY (b) REFERENCES b (x)",
                ],
            ),
        ],
    );
}

#[test]
fn a_constraint_waits_for_what_another_table_gets() {
    operations(
        Postgres,
        [
            case(
                "the key of a table that comes later in the alphabet",
                metadata![
                    table("a", [col("b", "bigint")]),
                    table("b", [col("id", "bigint").not_null()]),
                ],
                metadata![
                    table("a", [col("b", "bigint")]).with(foreign_key("a_fkey", "b", "b", "id")),
                    table("b", [col("id", "bigint").not_null()]).with(primary_key("pk", ["id"])),
                ],
                ["add primary key pk to b", "add foreign key a_fkey to a"],
            ),
            case(
                "a column, its key, and the column that refers to it",
                metadata![table("a", []), table("b", [])],
                metadata![
                    table("a", [col("b", "bigint")]).with(foreign_key("a_fkey", "b", "b", "id")),
                    table("b", [col("id", "bigint")]).with(unique("b_id_key", ["id"])),
                ],
                [
                    "add column a.b",
                    "add column b.id",
                    "add unique constraint b_id_key to b",
                    "add foreign key a_fkey to a",
                ],
            ),
            case(
                "a table goes into the log after the one that it refers to",
                metadata![node("a", ["b"]).unlogged(), node("b", []).unlogged()],
                metadata![node("a", ["b"]), node("b", [])],
                ["alter the options of table b", "alter the options of table a"],
            ),
            case(
                "a table leaves the log before the one that it refers to",
                metadata![node("a", []), node("b", ["a"])],
                metadata![node("a", []).unlogged(), node("b", ["a"]).unlogged()],
                ["alter the options of table b", "alter the options of table a"],
            ),
        ],
    );
}

#[test]
fn an_heir_leaves_a_table_and_comes_back_to_keep_a_column() {
    let inherited = || {
        let mut column = col("e", "integer");
        column.inherited = true;
        column
    };
    let heir = |column: aludel_schema::Column| {
        let mut heir = table("heir", [column]);
        heir.options.inherits.push(QualifiedName::unqualified("base"));
        heir
    };
    let before =
        metadata![table("base", [col("c", "integer"), col("e", "integer")]), heir(inherited())];
    let after = metadata![table("base", [col("c", "integer")]), heir(col("e", "integer"))];
    let plans = Plans::between(Postgres, &before, &after);
    let found: Vec<String> = plans.up.operations().map(ToString::to_string).collect();
    let leaves_and_comes_back = "alter the options of table heir";
    assert_eq!(found, [leaves_and_comes_back, leaves_and_comes_back, "drop column base.e"]);
}
