//! Renames: what `renamed_from` says, as far as it still has to happen.

use aludel_dialect::Dialect::{Postgres, Sqlite};
use aludel_schema::Table;

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
        ],
    );
}

#[test]
fn names_are_handed_on_and_change_places() {
    let two = || [col("a", "text"), col("b", "integer")];
    for dialect in [Postgres, Sqlite] {
        operations(
            dialect,
            [
                case(
                    "a name is free before the next one takes it",
                    metadata![table("t", [col("a", "text"), col("b", "text")])],
                    metadata![table("t", [col("b", "text").was("a"), col("c", "text").was("b")])],
                    ["rename column t.b to c", "rename column t.a to b"],
                ),
                case(
                    "which has happened",
                    metadata![table("t", [col("b", "text"), col("c", "text")])],
                    metadata![table("t", [col("b", "text").was("a"), col("c", "text").was("b")])],
                    [],
                ),
                case(
                    "so are the names of tables",
                    metadata![table("x", two()), table("y", [col("c", "text")])],
                    metadata![table("y", two()).was("x"), table("z", [col("c", "text")]).was("y")],
                    ["rename table y to z", "rename table x to y"],
                ),
                case(
                    "two columns change places once, by way of a third name",
                    metadata![table("t", two())],
                    metadata![
                        table("t", [col("b", "text"), col("a", "integer")]),
                        once("column t.b", "a"),
                        once("column t.a", "b"),
                    ],
                    [
                        "rename column t.a to a_aludel",
                        "rename column t.b to a",
                        "rename column t.a_aludel to b",
                    ],
                ),
                case(
                    "two tables change places with their columns",
                    metadata![table("x", two()), table("y", [col("c", "text")])],
                    metadata![
                        table("y", [col("b", "text"), col("a", "integer")]),
                        table("x", [col("c", "text")]),
                        once("table y", "x"),
                        once("table x", "y"),
                        once("column y.b", "a"),
                        once("column y.a", "b"),
                    ],
                    [
                        "rename table y to y_aludel",
                        "rename table x to y",
                        "rename table y_aludel to x",
                        "rename column y.a to a_aludel",
                        "rename column y.b to a",
                        "rename column y.a_aludel to b",
                    ],
                ),
            ],
        );
    }
}

#[test]
fn a_case_that_the_server_ignores_changes_by_way_of_a_third_name() {
    operations(
        Sqlite,
        [case(
            "table and column",
            metadata![table("Parts", [col("Title", "TEXT")])],
            metadata![table("parts", [col("title", "TEXT").was("Title")]).was("Parts")],
            [
                "rename table Parts to Parts_aludel",
                "rename table Parts_aludel to parts",
                "rename column parts.Title to Title_aludel",
                "rename column parts.Title_aludel to title",
            ],
        )],
    );
}

fn serial(of: &str, column: &str, sequence: &str) -> Table {
    table(of, [col(column, "bigint").default(&format!("nextval('{sequence}'::regclass)"))])
}

#[test]
fn sequences_follow_their_owners_and_make_room() {
    operations(
        Postgres,
        [
            case(
                "a derived name is that of another table's sequence",
                metadata![sequence("a_b_seq").owned_by("a", "b"), serial("a", "b", "a_b_seq")],
                metadata![
                    sequence("a_b_seq1").owned_by("a", "b"),
                    serial("a", "b", "a_b_seq1"),
                    sequence("a_b_seq").owned_by("new", "b"),
                    serial("new", "b", "a_b_seq"),
                ],
                [
                    "rename sequence a_b_seq to a_b_seq1",
                    "create sequence a_b_seq",
                    "create table new",
                    "set the owner of sequence a_b_seq",
                ],
            ),
            case(
                "two sequences change places with their tables",
                metadata![
                    sequence("x_id_seq").owned_by("x", "id"),
                    serial("x", "id", "x_id_seq"),
                    sequence("y_id_seq").owned_by("y", "id"),
                    serial("y", "id", "y_id_seq"),
                ],
                metadata![
                    sequence("x_id_seq").owned_by("x", "id"),
                    serial("x", "id", "x_id_seq"),
                    sequence("y_id_seq").owned_by("y", "id"),
                    serial("y", "id", "y_id_seq"),
                    once("table y", "x"),
                    once("table x", "y"),
                ],
                [
                    "rename table y to y_aludel",
                    "rename table x to y",
                    "rename table y_aludel to x",
                    "rename sequence y_id_seq to y_id_seq_aludel",
                    "rename sequence x_id_seq to y_id_seq",
                    "rename sequence y_id_seq_aludel to x_id_seq",
                ],
            ),
        ],
    );
}

#[test]
fn a_default_can_not_outlive_its_sequence() {
    impossible(
        Postgres,
        [case(
            "a default draws from a sequence that goes with its table",
            metadata![
                sequence("a_b_seq").owned_by("a", "b"),
                serial("a", "b", "a_b_seq"),
                serial("c", "d", "a_b_seq"),
            ],
            metadata![serial("c", "d", "a_b_seq")],
            [
                "column c.d: its default draws from sequence a_b_seq, which the models do not have; declare \
                 it, as in aludel::database! { sequence(name = \"a_b_seq\") }",
            ],
        )],
    );
}

#[test]
fn types_and_labels_are_renamed() {
    operations(
        Postgres,
        [
            case(
                "a type, in the columns of it",
                metadata![enum_type("mood", ["sad"]), table("t", [col("m", "mood[]")])],
                metadata![
                    enum_type("feeling", ["sad"]),
                    table("t", [col("m", "feeling[]")]),
                    hint("enum feeling", "mood"),
                ],
                ["rename enum mood to feeling"],
            ),
            case(
                "labels, in the defaults that are one of them",
                metadata![
                    enum_type("mood", ["sad", "ok"]),
                    table("t", [col("m", "mood").default("'sad'::mood")]),
                ],
                metadata![
                    enum_type("mood", ["blue", "ok"]),
                    table("t", [col("m", "mood").default("'blue'::mood")]),
                    label_hint("mood", "blue", "sad"),
                ],
                ["rename label 'sad' of enum mood to 'blue'"],
            ),
            case(
                "which has happened",
                metadata![enum_type("mood", ["blue", "ok"])],
                metadata![enum_type("mood", ["blue", "ok"]), label_hint("mood", "blue", "sad")],
                [],
            ),
        ],
    );
}

#[test]
fn names_of_indexes_and_constraints_change_places() {
    operations(
        Postgres,
        [case(
            "a key and an index",
            metadata![
                table("t", [col("a", "text"), col("b", "text")])
                    .with(unique("u", ["a"]))
                    .index(index("i", ["b"]))
            ],
            metadata![
                table("t", [col("a", "text"), col("b", "text")])
                    .with(unique("i", ["a"]))
                    .index(index("u", ["b"]))
            ],
            [
                "rename constraint u of t to u_aludel",
                "rename index i of t to u",
                "rename constraint u_aludel of t to i",
            ],
        )],
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
                "the sequence behind an identity column follows its table",
                metadata![table("clients", [col("id", "bigint").identity()])],
                metadata![table("users", [col("id", "bigint").identity()]).was("clients")],
                ["rename table clients to users", "rename sequence clients_id_seq to users_id_seq"],
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
                    "table users: renamed_from says that table clients became users, and the database has both; take \
                     the hint away, or if users of the database goes, say it once, on the command line: --rename clients=users",
                ],
            ),
            case(
                "the database has both columns",
                metadata![table("t", [col("a", "text"), col("b", "text")])],
                metadata![table("t", [col("b", "text").was("a")])],
                [
                    "table t: renamed_from says that column a became b, and the database has both; take the hint \
                     away, or if b of the database goes, say it once, on the command line: --rename t.a=b",
                ],
            ),
            case(
                "two columns change places by hints that look the same afterwards",
                metadata![table("t", [col("a", "text"), col("b", "text")])],
                metadata![table("t", [col("b", "text").was("a"), col("a", "text").was("b")])],
                [
                    "table t: renamed_from says that column a became b, and other hints that names change \
                     places, which looks the same before and after; take these hints away, and say it once, \
                     on the command line: --rename t.a=b",
                    "table t: renamed_from says that column b became a, and other hints that names change \
                     places, which looks the same before and after; take these hints away, and say it once, \
                     on the command line: --rename t.b=a",
                ],
            ),
            case(
                "the models keep a column under the old name",
                metadata![table("t", [col("a", "text")])],
                metadata![table("t", [col("a", "text"), col("b", "text").was("a")])],
                [
                    "table t: renamed_from says that column a became b, and the models have column a too; \
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

#[test]
fn what_is_renamed_is_not_in_its_own_way() {
    impossible(
        Postgres,
        [
            case(
                "a view",
                metadata![view("v", "SELECT 1 AS a")],
                metadata![view("w", "SELECT 1 AS a"), hint("view w", "v")],
                [],
            ),
            case(
                "a domain",
                metadata![domain("short", "text")],
                metadata![domain("brief", "text"), hint("domain brief", "short")],
                [],
            ),
        ],
    );
}

#[test]
fn a_hint_is_refused_while_the_models_have_the_old_name_too() {
    impossible(
        Postgres,
        [case(
            "a new table takes the name of the old one",
            metadata![table("clients", [col("id", "bigint")])],
            metadata![
                table("clients", [col("id", "bigint")]),
                table("users", [col("id", "bigint")]).was("clients"),
            ],
            [
                "table users: renamed_from says that table clients became users, and the models have \
              table clients too; rename first, in a revision of its own",
            ],
        )],
    );
}
