//! Columns of a table that both sides have.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Column, Metadata};

use crate::build::*;
use crate::case::{case, operations, statements};

/// A table with a key and one more column.
fn with(column: Column) -> Metadata {
    metadata![table("users", [col("id", "bigint").not_null(), column])]
}

fn without() -> Metadata {
    metadata![table("users", [col("id", "bigint").not_null()])]
}

#[test]
fn columns_come_and_go() {
    statements(
        Postgres,
        [
            case(
                "a nullable column",
                without(),
                with(col("age", "integer")),
                ["ALTER TABLE users ADD COLUMN age integer"],
            ),
            case(
                "a column with a default, a collation and a comment",
                without(),
                with(col("name", "text").not_null().default("''").collated("C").comment("full")),
                [
                    "ALTER TABLE users ADD COLUMN name text COLLATE \"C\" DEFAULT '' NOT NULL",
                    "COMMENT ON COLUMN users.name IS 'full'",
                ],
            ),
            case(
                "a gone column",
                with(col("age", "integer")),
                without(),
                ["ALTER TABLE users DROP COLUMN age"],
            ),
            case(
                "without a hint another name is another column, dropped before the new one is added",
                with(col("age", "integer")),
                with(col("years", "integer")),
                ["ALTER TABLE users\n    DROP COLUMN age,\n    ADD COLUMN years integer"],
            ),
            case(
                "the position of a column is no difference",
                metadata![table("t", [col("a", "text"), col("b", "text")])],
                metadata![table("t", [col("b", "text"), col("a", "text")])],
                [],
            ),
        ],
    );
}

#[test]
fn nullability_and_defaults() {
    let age = || col("age", "integer");
    statements(
        Postgres,
        [
            case(
                "NULL is allowed",
                with(age().not_null()),
                with(age()),
                ["ALTER TABLE users ALTER COLUMN age DROP NOT NULL"],
            ),
            case(
                "NULL is forbidden, and nothing is known to fill it with",
                with(age()),
                with(age().not_null()),
                ["ALTER TABLE users ALTER COLUMN age SET NOT NULL"],
            ),
            case(
                "NULLs are filled with the new default before they are forbidden",
                with(age()),
                with(age().not_null().default("0")),
                [
                    "UPDATE users SET age = 0 WHERE age IS NULL",
                    "ALTER TABLE users\n    ALTER COLUMN age SET DEFAULT 0,\n    \
                     ALTER COLUMN age SET NOT NULL",
                ],
            ),
            case(
                "a default changes",
                with(age().default("0")),
                with(age().default("1")),
                ["ALTER TABLE users ALTER COLUMN age SET DEFAULT 1"],
            ),
            case(
                "a default goes",
                with(age().default("0")),
                with(age()),
                ["ALTER TABLE users ALTER COLUMN age DROP DEFAULT"],
            ),
            case(
                "a comment changes without touching the column",
                with(age().comment("in years")),
                with(age().comment("in months")),
                ["COMMENT ON COLUMN users.age IS 'in months'"],
            ),
        ],
    );
}

#[test]
fn types_change_with_a_cast_where_no_assignment_leads() {
    let typed = |sql_type| with(col("age", sql_type));
    statements(
        Postgres,
        [
            case(
                "a wider type needs no USING",
                typed("integer"),
                typed("bigint"),
                ["ALTER TABLE users ALTER COLUMN age TYPE bigint"],
            ),
            case(
                "text becomes a number by USING",
                typed("text"),
                typed("integer"),
                ["ALTER TABLE users ALTER COLUMN age TYPE integer USING age::integer"],
            ),
            case(
                "another collation alone is another type",
                with(col("age", "text")),
                with(col("age", "text").collated("C")),
                ["ALTER TABLE users ALTER COLUMN age TYPE text COLLATE \"C\""],
            ),
            case(
                "the default makes way for the new type and comes back",
                with(col("age", "text").default("'0'")),
                with(col("age", "integer").default("0")),
                ["ALTER TABLE users\n    ALTER COLUMN age DROP DEFAULT,\n    \
                     ALTER COLUMN age TYPE integer USING age::integer,\n    \
                     ALTER COLUMN age SET DEFAULT 0"],
            ),
            case(
                "where NULLs are filled with a default of another type, the type is there first",
                with(col("age", "text")),
                with(col("age", "integer").not_null().default("0")),
                [
                    "ALTER TABLE users\n    ALTER COLUMN age TYPE integer USING age::integer,\n    \
                     ALTER COLUMN age SET DEFAULT 0",
                    "UPDATE users SET age = 0 WHERE age IS NULL",
                    "ALTER TABLE users ALTER COLUMN age SET NOT NULL",
                ],
            ),
        ],
    );
}

#[test]
fn generated_columns_are_made_again_unless_their_values_are_kept() {
    let doubled = |expression| {
        metadata![table("t", [col("a", "integer"), col("b", "integer").stored(expression)])]
    };
    operations(
        Postgres,
        [
            case(
                "another expression",
                doubled("a * 2"),
                doubled("a * 3"),
                ["drop column t.b", "add column t.b"],
            ),
            case(
                "a stored column that becomes a plain one keeps its values",
                doubled("a * 2"),
                metadata![table("t", [col("a", "integer"), col("b", "integer")])],
                ["alter column t.b: generation expression"],
            ),
            case(
                "it drops the expression before it gets a default",
                doubled("a * 2"),
                metadata![table("t", [col("a", "integer"), col("b", "integer").default("0")])],
                ["alter column t.b: generation expression", "alter column t.b: default 0"],
            ),
            case(
                "a virtual one has no values to keep",
                metadata![table("t", [col("a", "integer"), col("b", "integer").computed("a")])],
                metadata![table("t", [col("a", "integer"), col("b", "integer")])],
                ["drop column t.b", "add column t.b"],
            ),
            case(
                "a new column comes before the one that is generated from it",
                metadata![table("t", [col("b", "integer").stored("1")])],
                metadata![table("t", [col("b", "integer").stored("z * 2"), col("z", "integer")])],
                ["drop column t.b", "add column t.z", "add column t.b"],
            ),
            case(
                "a column goes after the one that is generated from it",
                metadata![table("t", [col("a", "integer"), col("b", "integer").stored("a * 2")])],
                metadata![table("t", [])],
                ["drop column t.b", "drop column t.a"],
            ),
        ],
    );
}

#[test]
fn what_feeds_a_column_changes_in_two_steps() {
    let id = || col("id", "bigint").not_null();
    operations(
        Postgres,
        [
            case(
                "identity is added",
                metadata![table("t", [id()])],
                metadata![table("t", [id().identity()])],
                ["alter column t.id: identity"],
            ),
            case(
                "a default makes way for identity",
                metadata![table("t", [id().default("0")])],
                metadata![table("t", [id().identity()])],
                ["alter column t.id: no default", "alter column t.id: identity"],
            ),
            case(
                "identity makes way for a default",
                metadata![table("t", [id().identity()])],
                metadata![table("t", [id().default("0")])],
                ["alter column t.id: identity", "alter column t.id: default 0"],
            ),
            case(
                "the sequence behind a serial column makes room for the new one, which takes over its counter",
                metadata![
                    sequence("t_id_seq").owned_by("t", "id"),
                    table("t", [id().default("nextval('t_id_seq'::regclass)")])
                ],
                metadata![table("t", [id().identity()])],
                [
                    "rename sequence t_id_seq to t_id_seq_aludel",
                    "alter column t.id: no default",
                    "alter column t.id: identity",
                    "continue column t.id where t_id_seq_aludel stands",
                    "drop sequence t_id_seq_aludel",
                ],
            ),
        ],
    );
}
