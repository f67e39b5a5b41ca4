//! Renames: what `renamed_from` says, as far as it still has to happen.

use aludel_dialect::Dialect::{Postgres, Sqlite};

use crate::build::*;
use crate::case::{case, impossible, operations, statements};

#[test]
fn a_hint_keeps_the_rows() {
    operations(
        Postgres,
        [
            case(
                "a table",
                metadata![table("clients", [col("id", "bigint")])],
                metadata![table("users", [col("id", "bigint")]).was("clients")],
                ["rename table clients to users"],
            ),
            case(
                "a column",
                metadata![table("users", [col("mail", "text")])],
                metadata![table("users", [col("email", "text").was("mail")])],
                ["rename column users.mail to email"],
            ),
            case(
                "a table and then a column of it, under the new name of the table",
                metadata![table("clients", [col("mail", "text")])],
                metadata![table("users", [col("email", "text").was("mail")]).was("clients")],
                ["rename table clients to users", "rename column users.mail to email"],
            ),
            case(
                "a rename and a change of the same column",
                metadata![table("users", [col("mail", "text")])],
                metadata![table("users", [col("email", "text").not_null().was("mail")])],
                ["rename column users.mail to email", "alter column users.email: forbid NULL"],
            ),
        ],
    );
}

#[test]
fn a_hint_that_has_nothing_to_say_is_silent() {
    operations(
        Postgres,
        [
            case(
                "the rename has happened",
                metadata![table("users", [col("email", "text")])],
                metadata![table("users", [col("email", "text").was("mail")]).was("clients")],
                [],
            ),
            case(
                "neither name is there",
                metadata![],
                metadata![table("users", [col("email", "text").was("mail")]).was("clients")],
                ["create table users"],
            ),
            case(
                "the models still have the old table, so that the new one is another",
                metadata![table("clients", [col("id", "bigint")])],
                metadata![
                    table("clients", [col("id", "bigint")]),
                    table("users", [col("id", "bigint")]).was("clients"),
                ],
                ["create table users"],
            ),
        ],
    );
}

#[test]
fn what_names_the_renamed_thing_follows() {
    operations(
        Postgres,
        [
            case(
                "foreign keys of other tables",
                metadata![
                    table("clients", [col("no", "bigint")]).with(primary_key("pk", ["no"])),
                    table("orders", [col("client", "bigint")])
                        .with(foreign_key("fk", "client", "clients", "no")),
                ],
                metadata![
                    table("users", [col("id", "bigint").was("no")])
                        .with(primary_key("pk", ["id"]))
                        .was("clients"),
                    table("orders", [col("client", "bigint")])
                        .with(foreign_key("fk", "client", "users", "id")),
                ],
                ["rename table clients to users", "rename column users.no to id"],
            ),
            case(
                "checks, indexes and generated columns of its table",
                metadata![
                    table("t", [col("a", "text"), col("g", "text").stored("lower(a)")])
                        .with(check("c", "a <> 'a'"))
                        .index(index("i", ["upper(a)"]).only("a IS NOT NULL").including("a"))
                ],
                metadata![
                    table("t", [col("b", "text").was("a"), col("g", "text").stored("lower(b)")])
                        .with(check("c", "b <> 'a'"))
                        .index(index("i", ["upper(b)"]).only("b IS NOT NULL").including("b"))
                ],
                ["rename column t.a to b"],
            ),
            case(
                "the sequence that a column owns, and the default that draws from it",
                metadata![
                    sequence("clients_id_seq").owned_by("clients", "id"),
                    table("clients", [col("id", "bigint").default("nextval('clients_id_seq')")]),
                ],
                metadata![
                    sequence("users_id_seq").owned_by("users", "id"),
                    table("users", [col("id", "bigint").default("nextval('users_id_seq')")])
                        .was("clients"),
                ],
                ["rename table clients to users", "rename sequence clients_id_seq to users_id_seq"],
            ),
            case(
                "the sequence behind an identity column keeps its name, which is no difference",
                metadata![table("clients", [col("id", "bigint").identity()])],
                metadata![table("users", [col("id", "bigint").identity()]).was("clients")],
                ["rename table clients to users"],
            ),
        ],
    );
}

#[test]
fn a_view_follows_a_rename_where_the_server_keeps_no_text() {
    let emails = |query, column| view("emails", query).reads([column]);
    operations(
        Postgres,
        [case(
            "PostgreSQL keeps a view as a tree, so that the view is no difference",
            metadata![
                table("users", [col("mail", "text")]),
                emails("SELECT id FROM users", "column users.mail"),
            ],
            metadata![
                table("users", [col("email", "text").was("mail")]),
                emails("SELECT id FROM users", "column users.email"),
            ],
            ["rename column users.mail to email"],
        )],
    );
    operations(
        Sqlite,
        [case(
            "SQLite writes the new name of a table into the text of the view",
            metadata![
                table("clients", [col("id", "INTEGER")]),
                view("v", "SELECT id FROM clients")
            ],
            metadata![
                table("users", [col("id", "INTEGER")]).was("clients"),
                view("v", "SELECT id FROM users"),
            ],
            ["rename table clients to users"],
        )],
    );
}

#[test]
fn names_are_free_before_a_rename_takes_them() {
    operations(
        Postgres,
        [
            case(
                "a new sequence takes the name that a table has left",
                metadata![table("a", [col("x", "text")]),],
                metadata![table("b", [col("x", "text")]).was("a"), sequence("a")],
                ["rename table a to b", "create sequence a"],
            ),
            case(
                "a view goes before a table takes its name",
                metadata![table("a", [col("x", "text")]), view("b", "SELECT 1")],
                metadata![table("b", [col("x", "text")]).was("a")],
                ["drop view b", "rename table a to b"],
            ),
        ],
    );
    statements(
        Postgres,
        [case(
            "every name is in quotes where it needs them",
            metadata![table("Clients", [col("E-mail", "text")])],
            metadata![table("user", [col("order", "text").was("E-mail")]).was("Clients")],
            [
                "ALTER TABLE \"Clients\" RENAME TO \"user\"",
                "ALTER TABLE \"user\" RENAME COLUMN \"E-mail\" TO \"order\"",
            ],
        )],
    );
}

#[test]
fn a_hint_that_contradicts_the_database_stops_the_plan() {
    impossible(
        Postgres,
        [
            case(
                "the database has both tables",
                metadata![table("clients", []), table("users", [])],
                metadata![table("users", []).was("clients")],
                [
                    "table users: renamed_from says that table clients became users, and the database has \
                     both; take the hint away, or write this revision by hand",
                ],
            ),
            case(
                "the database has both columns",
                metadata![table("t", [col("a", "text"), col("b", "text")])],
                metadata![table("t", [col("b", "text").was("a")])],
                ["table t: renamed_from says that column a became b, and the database has both; \
                     take the hint away, or write this revision by hand"],
            ),
            case(
                "the models hand the name on within one plan",
                metadata![table("t", [col("a", "text"), col("b", "text")])],
                metadata![table("t", [col("c", "text").was("a"), col("a", "text").was("b")])],
                [
                    "table t: renamed_from says that column a became c, and the models have a column a too; \
                     rename first, in a revision of its own",
                    "table t: renamed_from says that column b became a, and the database has both; \
                     take the hint away, or write this revision by hand",
                ],
            ),
            case(
                "the models keep a column under the old name",
                metadata![table("t", [col("a", "text")])],
                metadata![table("t", [col("a", "text"), col("b", "text").was("a")])],
                [
                    "table t: renamed_from says that column a became b, and the models have a column a too; \
                     rename first, in a revision of its own",
                ],
            ),
            case(
                "a view has to be made again while the plan renames what it reads",
                metadata![
                    table("t", [col("a", "text"), col("n", "integer")]),
                    view("v", "SELECT a, n FROM t").reads(["column t.a", "column t.n"]),
                ],
                metadata![
                    table("t", [col("b", "text").was("a"), col("n", "bigint")]),
                    view("v", "SELECT a, n FROM t").reads(["column t.b", "column t.n"]),
                ],
                [
                    "view v: it has to be made again, because column t.n changes under it, and the same plan \
                     renames a, which it reads; rename first, in a revision of its own",
                ],
            ),
        ],
    );
}
