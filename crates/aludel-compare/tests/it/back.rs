//! The downgrade: the same planner the other way round, on tables that have rows.

use aludel_dialect::Dialect::{Postgres, Sqlite};
use aludel_schema::{Column, Metadata};

use crate::build::*;
use crate::case::{case, statements_back};

fn with(column: Column) -> Metadata {
    metadata![table("users", [col("id", "bigint").not_null(), column])]
}

fn without() -> Metadata {
    metadata![table("users", [col("id", "bigint").not_null()])]
}

#[test]
fn what_came_goes_and_what_went_comes_back() {
    let posts = || {
        table("posts", [col("user_id", "bigint")]).with(foreign_key(
            "posts_fkey",
            "user_id",
            "users",
            "id",
        ))
    };
    let users = || table("users", [col("id", "bigint")]).with(primary_key("users_pkey", ["id"]));
    statements_back(
        Postgres,
        [
            case(
                "tables in the opposite order",
                metadata![],
                metadata![users(), posts()],
                ["DROP TABLE posts", "DROP TABLE users"],
            ),
            case(
                "a dropped table with all that it had",
                metadata![
                    table("t", [col("a", "text")]).index(index("t_a_idx", ["a"])).comment("x")
                ],
                metadata![],
                [
                    "CREATE TABLE t (\n    a text\n)",
                    "CREATE INDEX t_a_idx ON t (a)",
                    "COMMENT ON TABLE t IS 'x'",
                ],
            ),
            case(
                "a type with the cast back",
                with(col("age", "text")),
                with(col("age", "integer")),
                ["ALTER TABLE users ALTER COLUMN age TYPE text"],
            ),
            case(
                "an added label goes with a new type",
                metadata![enum_type("my_mood", ["calm"])],
                metadata![enum_type("my_mood", ["calm", "sad"])],
                [
                    "ALTER TYPE my_mood RENAME TO my_mood_old",
                    "CREATE TYPE my_mood AS ENUM ('calm')",
                    "DROP TYPE my_mood_old",
                ],
            ),
        ],
    );
}

#[test]
fn a_column_that_comes_back_has_an_empty_value_for_the_rows() {
    let filled = |sql| {
        let forget = "ALTER TABLE users ALTER COLUMN x DROP DEFAULT";
        [sql, forget]
    };
    statements_back(
        Postgres,
        [
            case(
                "a text",
                with(col("x", "text").not_null()),
                without(),
                filled("ALTER TABLE users ADD COLUMN x text DEFAULT '' NOT NULL"),
            ),
            case(
                "a number",
                with(col("x", "numeric(10,2)").not_null()),
                without(),
                filled("ALTER TABLE users ADD COLUMN x numeric(10,2) DEFAULT 0 NOT NULL"),
            ),
            case(
                "a nullable column has one anyway",
                with(col("x", "text")),
                without(),
                ["ALTER TABLE users ADD COLUMN x text"],
            ),
            case(
                "a default is one",
                with(col("x", "text").not_null().default("'y'")),
                without(),
                ["ALTER TABLE users ADD COLUMN x text DEFAULT 'y' NOT NULL"],
            ),
            case(
                "the first label of an enum",
                metadata![
                    enum_type("my_mood", ["calm", "sad"]),
                    table(
                        "users",
                        [col("id", "bigint").not_null(), col("x", "my_mood").not_null()]
                    ),
                ],
                without(),
                [
                    "CREATE TYPE my_mood AS ENUM ('calm', 'sad')",
                    "ALTER TABLE users ADD COLUMN x my_mood DEFAULT 'calm' NOT NULL",
                    "ALTER TABLE users ALTER COLUMN x DROP DEFAULT",
                ],
            ),
            case(
                "a type of which nothing is known has none",
                with(col("x", "geometry").not_null()),
                without(),
                ["ALTER TABLE users ADD COLUMN x geometry NOT NULL"],
            ),
        ],
    );
}

#[test]
fn sqlite_fills_a_column_that_comes_back_while_it_copies_the_rows() {
    statements_back(
        Sqlite,
        [case(
            "a number",
            metadata![table("t", [col("a", "TEXT"), col("x", "INTEGER").not_null()])],
            metadata![table("t", [col("a", "TEXT")])],
            [
                "PRAGMA legacy_alter_table = ON",
                "CREATE TABLE \"_aludel_new_t\" (\n    a TEXT,\n    x INTEGER NOT NULL\n)",
                "INSERT INTO \"_aludel_new_t\" (rowid, a, x)\nSELECT rowid, a, 0 FROM \"t\"",
                "DROP TABLE \"t\"",
                "ALTER TABLE \"_aludel_new_t\" RENAME TO \"t\"",
                "PRAGMA legacy_alter_table = OFF",
            ],
        )],
    );
}

#[test]
fn renames_are_turned_round() {
    statements_back(
        Postgres,
        [
            case(
                "a table and a column of it, each under the name that it then has",
                metadata![table("clients", [col("mail", "text")])],
                metadata![table("users", [col("email", "text").was("mail")]).was("clients")],
                [
                    "ALTER TABLE users RENAME TO clients",
                    "ALTER TABLE clients RENAME COLUMN email TO mail",
                ],
            ),
            case(
                "a sequence goes back with its table",
                metadata![
                    sequence("clients_id_seq").owned_by("clients", "id"),
                    table("clients", [col("id", "bigint").default("nextval('clients_id_seq')")]),
                ],
                metadata![
                    sequence("users_id_seq").owned_by("users", "id"),
                    table("users", [col("id", "bigint").default("nextval('users_id_seq')")])
                        .was("clients"),
                ],
                [
                    "ALTER TABLE users RENAME TO clients",
                    "ALTER SEQUENCE users_id_seq RENAME TO clients_id_seq",
                ],
            ),
        ],
    );
}

#[test]
fn views_make_room_on_the_way_back_too() {
    let before = |sql_type| {
        let emails = view("emails", "SELECT email FROM users").reads(["column users.email"]);
        metadata![table("users", [col("email", sql_type)]), emails]
    };
    statements_back(
        Postgres,
        [case(
            "a view over a column whose type goes back",
            before("text"),
            before("citext"),
            [
                "DROP VIEW emails",
                "ALTER TABLE users ALTER COLUMN email TYPE text",
                "CREATE VIEW emails AS SELECT email FROM users",
            ],
        )],
    );
}
