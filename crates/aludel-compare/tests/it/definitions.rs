//! Objects of the kinds that are data, and the room that they make.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Definition, Kind, Table};

use crate::build::*;
use crate::case::{case, impossible, operations, statements};

fn users(sql_type: &str) -> Table {
    table("users", [col("id", "bigint"), col("email", sql_type)])
}

/// A view over `users.email`.
fn emails() -> Definition {
    view("emails", "SELECT email FROM users")
        .reads(["column users.email"])
        .shape([("email", "text")])
}

#[test]
fn views_come_after_and_go_before_what_they_read() {
    let chain = || {
        metadata![
            users("text"),
            view("a", "SELECT * FROM z").reads(["view z"]),
            view("z", "SELECT email FROM users").reads(["column users.email"]),
        ]
    };
    operations(
        Postgres,
        [
            case(
                "a chain is made from its beginning, whatever the names",
                metadata![],
                chain(),
                ["create table users", "create view z", "create view a"],
            ),
            case(
                "and dropped from its end",
                chain(),
                metadata![],
                ["drop view a", "drop view z", "drop table users"],
            ),
            case(
                "a view waits for the column that it reads",
                metadata![table("users", [col("id", "bigint")])],
                metadata![users("text"), emails()],
                ["add column users.email", "create view emails"],
            ),
            case(
                "a view goes before the column that it reads",
                metadata![users("text"), emails()],
                metadata![table("users", [col("id", "bigint")])],
                ["drop view emails", "drop column users.email"],
            ),
            case(
                "grants and owner are no part of what is compared",
                metadata![users("text"), emails().granted("SELECT", "app").owned("boss")],
                metadata![users("text"), emails()],
                [],
            ),
        ],
    );
}

#[test]
fn a_view_is_replaced_in_place_while_its_columns_only_grow() {
    let shown = |query: &str, columns: &[(&str, &str)]| {
        let view = view("v", query).reads(["column users.id", "column users.email"]);
        let view = columns.iter().fold(view, |view, column| view.shape([*column]));
        metadata![users("text"), view.comment("kept")]
    };
    let (id, email) = (("id", "bigint"), ("email", "text"));
    statements(
        Postgres,
        [
            case(
                "a column more at the end",
                shown("SELECT id FROM users", &[id]),
                shown("SELECT id, email FROM users", &[id, email]),
                ["CREATE OR REPLACE VIEW v AS SELECT id, email FROM users"],
            ),
            case(
                "a column more in front",
                shown("SELECT id FROM users", &[id]),
                shown("SELECT email, id FROM users", &[email, id]),
                [
                    "DROP VIEW v",
                    "CREATE VIEW v AS SELECT email, id FROM users",
                    "COMMENT ON VIEW v IS 'kept'",
                ],
            ),
            case(
                "the comment alone",
                metadata![users("text"), emails()],
                metadata![
                    users("text"),
                    emails().comment("all").column_comment("email", "as typed")
                ],
                ["COMMENT ON VIEW emails IS 'all'", "COMMENT ON COLUMN emails.email IS 'as typed'"],
            ),
            case(
                "an option alone",
                metadata![users("text"), emails()],
                metadata![
                    users("text"),
                    emails().clause("option", Some("security_barrier"), "true")
                ],
                ["ALTER VIEW emails SET (security_barrier = true)"],
            ),
        ],
    );
}

#[test]
fn a_view_makes_room_for_a_column_under_it() {
    let commented = || emails().comment("all").column_comment("email", "as typed");
    let in_database = || commented().granted("SELECT", "app").owned("boss");
    statements(
        Postgres,
        [
            case(
                "it comes back with comments, and with the owner and the grants that no model says",
                metadata![users("text"), in_database()],
                metadata![users("character varying(80)"), commented()],
                [
                    "DROP VIEW emails",
                    "ALTER TABLE users ALTER COLUMN email TYPE character varying(80)",
                    "CREATE VIEW emails AS SELECT email FROM users",
                    "ALTER VIEW emails OWNER TO boss",
                    "GRANT SELECT ON TABLE emails TO app",
                    "COMMENT ON VIEW emails IS 'all'",
                    "COMMENT ON COLUMN emails.email IS 'as typed'",
                ],
            ),
            case(
                "a column that the view does not read changes under it",
                metadata![users("text"), emails()],
                metadata![table("users", [col("id", "integer"), col("email", "text")]), emails()],
                ["ALTER TABLE users ALTER COLUMN id TYPE integer"],
            ),
        ],
    );
}

#[test]
fn what_rests_on_a_view_makes_room_with_it() {
    let before = |sql_type| {
        let domains = view("domains", "SELECT split_part(email, '@', 2) FROM emails");
        metadata![users(sql_type), emails(), domains.reads(["view emails"])]
    };
    operations(
        Postgres,
        [
            case(
                "a view on a view",
                before("text"),
                before("citext"),
                [
                    "drop view domains",
                    "drop view emails",
                    "alter column users.email: type text to citext",
                    "create view emails",
                    "create view domains",
                ],
            ),
            case(
                "a view on a view that goes, and that reads the table itself from now on",
                before("text"),
                metadata![
                    users("text"),
                    view("domains", "SELECT email FROM users").reads(["column users.email"])
                ],
                ["drop view domains", "drop view emails", "create view domains"],
            ),
        ],
    );
}

#[test]
fn a_default_makes_room_for_a_function_that_is_made_again() {
    let one = |result: &str, default: &str| {
        let mut one = view("one", &format!("RETURNS {result} AS 'code'")).shape([("", result)]);
        one.id.kind = Kind::Function;
        one.id.signature = Some(String::new());
        metadata![one, table("t", [col("n", "bigint").default(default)])]
    };
    statements(
        Postgres,
        [
            case(
                "the default stays",
                one("bigint", "one()"),
                one("integer", "one()"),
                [
                    "ALTER TABLE t ALTER COLUMN n DROP DEFAULT",
                    "DROP FUNCTION one()",
                    "CREATE FUNCTION one RETURNS integer AS 'code'",
                    "ALTER TABLE t ALTER COLUMN n SET DEFAULT one()",
                ],
            ),
            case(
                "the default changes, and calls it before and afterwards",
                one("bigint", "one()"),
                one("text", "length(one())"),
                [
                    "ALTER TABLE t ALTER COLUMN n DROP DEFAULT",
                    "DROP FUNCTION one()",
                    "CREATE FUNCTION one RETURNS text AS 'code'",
                    "ALTER TABLE t ALTER COLUMN n SET DEFAULT length(one())",
                ],
            ),
            case(
                "the default calls it no more",
                one("bigint", "one()"),
                one("text", "1"),
                [
                    "ALTER TABLE t ALTER COLUMN n SET DEFAULT 1",
                    "DROP FUNCTION one()",
                    "CREATE FUNCTION one RETURNS text AS 'code'",
                ],
            ),
        ],
    );
}

#[test]
fn what_can_not_be_made_again_stops_the_plan() {
    let with = |sql_type, definition: Definition| metadata![users(sql_type), definition];
    let copies = || base_type("copies", "SELECT email FROM users").reads(["column users.email"]);
    impossible(
        Postgres,
        [
            case(
                "a base type is of a kind that nothing makes again",
                with("text", copies()),
                with("citext", copies()),
                ["base type copies: it rests on column users.email, which changes, and Aludel \
                     does not make a base type again; drop it first and make it again \
                     afterwards, in revisions written by hand"],
            ),
            case(
                "a materialized view beside the change is left alone",
                with("text", copies()),
                metadata![table("users", [col("id", "integer"), col("email", "text")])],
                [],
            ),
            case(
                "a password would be lost",
                with("text", emails().secret()),
                with("citext", emails().secret()),
                [
                    "view emails: it has to be made again, because column users.email changes under it, and \
                     its password would be lost; write this revision by hand",
                ],
            ),
            case(
                "a view has the name that a table wants",
                metadata![view("users", "SELECT 1"), base_type("copies", "SELECT 1")],
                metadata![view("users", "SELECT 1"), table("copies", [])],
                ["table copies: the database has base type copies, which has the name already"],
            ),
        ],
    );
}

#[test]
fn a_domain_changes_clause_by_clause() {
    let positive = || domain("my_count", "integer").clause("not null", None, "");
    let used = |domain: Definition| metadata![domain, table("t", [col("n", "my_count")])];
    statements(
        Postgres,
        [
            case(
                "a domain comes before its columns",
                metadata![],
                used(positive().clause("constraint", Some("positive"), "CHECK (VALUE > 0)")),
                [
                    "CREATE DOMAIN my_count AS integer NOT NULL CONSTRAINT positive CHECK (VALUE > 0)",
                    "CREATE TABLE t (\n    n my_count\n)",
                ],
            ),
            case(
                "a default comes, NOT NULL goes",
                used(positive()),
                used(domain("my_count", "integer").clause("default", None, "0")),
                ["ALTER DOMAIN my_count DROP NOT NULL", "ALTER DOMAIN my_count SET DEFAULT 0"],
            ),
            case(
                "a constraint is dropped before another one takes its name",
                used(domain("my_count", "integer").clause(
                    "constraint",
                    Some("c"),
                    "CHECK (VALUE > 0)",
                )),
                used(domain("my_count", "integer").clause(
                    "constraint",
                    Some("c"),
                    "CHECK (VALUE > 1)",
                )),
                [
                    "ALTER DOMAIN my_count DROP CONSTRAINT c",
                    "ALTER DOMAIN my_count ADD CONSTRAINT c CHECK (VALUE > 1)",
                ],
            ),
            case(
                "another base is another type, which takes the columns",
                used(domain("my_count", "integer")),
                used(domain("my_count", "bigint")),
                [
                    "ALTER DOMAIN my_count RENAME TO my_count_old",
                    "CREATE DOMAIN my_count AS bigint",
                    "ALTER TABLE t ALTER COLUMN n TYPE my_count",
                    "DROP DOMAIN my_count_old",
                ],
            ),
        ],
    );
}
