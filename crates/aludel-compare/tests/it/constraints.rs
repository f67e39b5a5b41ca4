//! Constraints of a table that both sides have.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Constraint, Metadata, Table};

use crate::build::*;
use crate::case::{case, operations, statements};

fn users() -> Table {
    table("users", [col("id", "bigint").not_null(), col("email", "text"), col("age", "integer")])
}

/// The table with constraints.
fn with<const N: usize>(constraints: [Constraint; N]) -> Metadata {
    metadata![constraints.into_iter().fold(users(), TableWords::with)]
}

#[test]
fn constraints_come_and_go() {
    let adult = |limit| check("users_age_check", limit);
    statements(
        Postgres,
        [
            case(
                "a primary key",
                with([]),
                with([primary_key("users_pkey", ["id"])]),
                ["ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id)"],
            ),
            case(
                "a unique constraint that is checked at commit",
                with([]),
                with([unique("users_email_key", ["email"]).deferred()]),
                [
                    "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email) DEFERRABLE INITIALLY DEFERRED",
                ],
            ),
            case(
                "a gone constraint",
                with([adult("age > 17")]),
                with([]),
                ["ALTER TABLE users DROP CONSTRAINT users_age_check"],
            ),
            case(
                "another condition under the same name is dropped before it is added",
                with([adult("age > 17")]),
                with([adult("age > 20")]),
                ["ALTER TABLE users\n    DROP CONSTRAINT users_age_check,\n    \
                     ADD CONSTRAINT users_age_check CHECK (age > 20)"],
            ),
            case(
                "another order of the columns is another key",
                with([unique("users_key", ["email", "age"])]),
                with([unique("users_key", ["age", "email"])]),
                ["ALTER TABLE users\n    DROP CONSTRAINT users_key,\n    \
                     ADD CONSTRAINT users_key UNIQUE (age, email)"],
            ),
        ],
    );
}

#[test]
fn a_constraint_that_demands_the_same_is_renamed() {
    let key = |name| unique(name, ["email"]);
    operations(
        Postgres,
        [
            case(
                "the name alone differs",
                with([key("users_email_unique")]),
                with([key("users_email_key")]),
                ["rename constraint users_email_unique of users to users_email_key"],
            ),
            case(
                "two constraints swap their names, by way of a third one",
                with([check("a", "age > 1"), check("b", "age > 2")]),
                with([check("a", "age > 2"), check("b", "age > 1")]),
                [
                    "rename constraint b of users to b_aludel",
                    "rename constraint a of users to b",
                    "rename constraint b_aludel of users to a",
                ],
            ),
            case(
                "of two that demand the same each has one partner",
                with([key("a"), key("b")]),
                with([key("c"), key("b")]),
                ["rename constraint a of users to c"],
            ),
            case(
                "a constraint takes the name of one that goes",
                with([key("users_key"), check("x", "age > 0")]),
                with([unique("x", ["email"])]),
                ["drop check constraint x of users", "rename constraint users_key of users to x"],
            ),
        ],
    );
}

#[test]
fn rows_are_checked_without_making_the_constraint_again() {
    let orders = |key: Constraint| {
        let parent = users().with(primary_key("users_pkey", ["id"]));
        metadata![parent, table("orders", [col("user_id", "bigint")]).with(key)]
    };
    let key = || foreign_key("orders_user_id_fkey", "user_id", "users", "id");
    statements(
        Postgres,
        [
            case(
                "a check",
                with([check("age_check", "age > 0").not_valid()]),
                with([check("age_check", "age > 0")]),
                ["ALTER TABLE users VALIDATE CONSTRAINT age_check"],
            ),
            case(
                "a foreign key",
                orders(key().not_valid()),
                orders(key()),
                ["ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey"],
            ),
            case(
                "no statement takes the validation back, so that the constraint is made again",
                orders(key()),
                orders(key().not_valid()),
                ["ALTER TABLE orders\n    DROP CONSTRAINT orders_user_id_fkey,\n    \
                     ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID"],
            ),
            case(
                "another action is another foreign key",
                orders(key()),
                orders(key().cascading()),
                ["ALTER TABLE orders\n    DROP CONSTRAINT orders_user_id_fkey,\n    \
                     ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE"],
            ),
        ],
    );
}

#[test]
fn constraints_make_room_for_a_column_under_them() {
    let before = |sql_type| {
        let parent = table("parents", [col("id", sql_type).not_null()])
            .with(primary_key("parents_pkey", ["id"]));
        let key = foreign_key("children_parent_fkey", "parent", "parents", "id");
        metadata![parent, table("children", [col("parent", sql_type)]).with(key)]
    };
    operations(
        Postgres,
        [
            case(
                "a foreign key is away while both of its ends change their type",
                before("integer"),
                before("bigint"),
                [
                    "drop foreign key children_parent_fkey of children",
                    "alter column children.parent: type integer to bigint",
                    "alter column parents.id: type integer to bigint",
                    "add foreign key children_parent_fkey to children",
                ],
            ),
            case(
                "a check is read with the new type",
                metadata![table("t", [col("a", "text")]).with(check("t_check", "a <> '1'"))],
                metadata![table("t", [col("a", "integer")]).with(check("t_check", "a <> '1'"))],
                [
                    "drop check constraint t_check of t",
                    "alter column t.a: type text to integer",
                    "add check constraint t_check to t",
                ],
            ),
            case(
                "a check that reads another column stays",
                metadata![
                    table("t", [col("a", "text"), col("b", "text")])
                        .with(check("t_check", "b <> ''"))
                ],
                metadata![
                    table("t", [col("a", "integer"), col("b", "text")])
                        .with(check("t_check", "b <> ''"))
                ],
                ["alter column t.a: type text to integer"],
            ),
            case(
                "a primary key stays: its index is made again by the server",
                metadata![table("t", [col("a", "integer")]).with(primary_key("t_pkey", ["a"]))],
                metadata![table("t", [col("a", "bigint")]).with(primary_key("t_pkey", ["a"]))],
                ["alter column t.a: type integer to bigint"],
            ),
        ],
    );
}

#[test]
fn a_foreign_key_is_away_while_the_key_behind_it_changes() {
    let before = |key: Constraint| {
        let parent = table("parents", [col("a", "bigint").not_null()]).with(key);
        let key = foreign_key("children_a_fkey", "a", "parents", "a");
        metadata![parent, table("children", [col("a", "bigint")]).with(key)]
    };
    operations(
        Postgres,
        [
            case(
                "a unique constraint becomes the primary key",
                before(unique("parents_a_key", ["a"])),
                before(primary_key("parents_pkey", ["a"])),
                [
                    "drop foreign key children_a_fkey of children",
                    "drop unique constraint parents_a_key of parents",
                    "add primary key parents_pkey to parents",
                    "add foreign key children_a_fkey to children",
                ],
            ),
            case(
                "the key only gets another name",
                before(unique("parents_a_key", ["a"])),
                before(unique("parents_key", ["a"])),
                ["rename constraint parents_a_key of parents to parents_key"],
            ),
        ],
    );
}
