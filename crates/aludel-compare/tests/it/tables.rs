//! Tables: new ones, gone ones, and what stands outside the parentheses of CREATE TABLE.

use aludel_dialect::Dialect::Postgres;

use crate::build::*;
use crate::case::{case, impossible, operations, statements};

#[test]
fn tables_come_and_go() {
    let users = || table("users", [col("id", "bigint").not_null(), col("email", "text")]);
    operations(
        Postgres,
        [
            case("nothing differs from itself", metadata![users()], metadata![users()], []),
            case("a new table", metadata![], metadata![users()], ["create table users"]),
            case("a gone table", metadata![users()], metadata![], ["drop table users"]),
            case(
                "without a hint another name is another table",
                metadata![table("clients", [col("id", "bigint")])],
                metadata![table("users", [col("id", "bigint")])],
                ["drop table clients", "create table users"],
            ),
            case(
                "the name alone tells tables apart, not their order",
                metadata![table("b", [col("x", "text")]), table("a", [col("x", "text")])],
                metadata![table("a", [col("x", "text")]), table("b", [col("x", "text")])],
                [],
            ),
            case(
                "the same name in another schema is another table",
                metadata![namespace("app"), table("users", [])],
                metadata![namespace("app"), table("app.users", [])],
                ["drop table users", "create table app.users"],
            ),
        ],
    );
}

#[test]
fn a_new_table_brings_all_that_is_in_it() {
    let users = table(
        "users",
        [
            col("id", "bigint").identity(),
            col("email", "text").not_null().comment("as it was typed"),
            col("folded", "text").stored("lower(email)"),
        ],
    )
    .with(primary_key("users_pkey", ["id"]))
    .with(check("users_email_check", "email <> ''"))
    .index(index("users_email_idx", ["lower(email)"]).unique().comment("one account each"))
    .comment("who may log in");
    statements(
        Postgres,
        [case(
            "columns and constraints are in the statement; indexes and comments follow",
            metadata![],
            metadata![users],
            [
                "CREATE TABLE users (\n    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,\n    \
                 email text NOT NULL,\n    folded text GENERATED ALWAYS AS (lower(email)) STORED,\n    \
                 CONSTRAINT users_pkey PRIMARY KEY (id),\n    \
                 CONSTRAINT users_email_check CHECK (email <> '')\n)",
                "CREATE UNIQUE INDEX users_email_idx ON users (lower(email))",
                "COMMENT ON INDEX users_email_idx IS 'one account each'",
                "COMMENT ON TABLE users IS 'who may log in'",
                "COMMENT ON COLUMN users.email IS 'as it was typed'",
            ],
        )],
    );
}

#[test]
fn options_and_comments_change_in_place() {
    let jobs = || table("jobs", [col("id", "bigint")]);
    statements(
        Postgres,
        [
            case(
                "a comment is added",
                metadata![jobs()],
                metadata![jobs().comment("it's to do")],
                ["COMMENT ON TABLE jobs IS 'it''s to do'"],
            ),
            case(
                "a comment is taken away",
                metadata![jobs().comment("to do")],
                metadata![jobs()],
                ["COMMENT ON TABLE jobs IS NULL"],
            ),
            case(
                "a table leaves the log",
                metadata![jobs()],
                metadata![jobs().unlogged()],
                ["ALTER TABLE jobs SET UNLOGGED"],
            ),
            case(
                "one storage parameter goes and another one comes",
                metadata![jobs().parameter("fillfactor", "70")],
                metadata![jobs().parameter("autovacuum_enabled", "false")],
                ["ALTER TABLE jobs\n    RESET (fillfactor),\n    SET (autovacuum_enabled = false)"],
            ),
            case(
                "the order of storage parameters means nothing",
                metadata![jobs().parameter("fillfactor", "70").parameter("parallel_workers", "2")],
                metadata![jobs().parameter("parallel_workers", "2").parameter("fillfactor", "70")],
                [],
            ),
        ],
    );
}

#[test]
fn schemas_and_extensions_stand_around_everything() {
    let notes = || table("app.notes", [col("vector", "vector(3)")]);
    operations(
        Postgres,
        [
            case(
                "a table comes after its schema and after every extension",
                metadata![],
                metadata![notes(), extension("vector"), namespace("app")],
                ["create schema app", "create extension vector", "create table app.notes"],
            ),
            case(
                "a table goes before its schema and before every extension",
                metadata![notes(), extension("vector"), namespace("app")],
                metadata![],
                ["drop table app.notes", "drop schema app", "drop extension vector"],
            ),
        ],
    );
}

#[test]
fn a_partition_key_does_not_change() {
    let events = || table("events", [col("at", "timestamptz"), col("kind", "text")]);
    let because = "table events: partitioned by `LIST (kind)` in the models, by `nothing` in the database; \
                   a table can't change that: make a new one and copy the rows in a revision written by hand";
    impossible(
        Postgres,
        [
            case(
                "a table becomes partitioned",
                metadata![events()],
                metadata![events().partitioned_by("LIST (kind)")],
                [because],
            ),
            case(
                "the key is only spelt otherwise",
                metadata![events().partitioned_by("RANGE (at)")],
                metadata![events().partitioned_by("range ( \"at\" )")],
                [],
            ),
        ],
    );
}
