//! Sequences that are objects of their own.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::Table;

use crate::build::*;
use crate::case::{case, operations, statements};

const DRAWN: &str = "nextval('orders_id_seq'::regclass)";

/// The column and the sequence that `serial` stands for.
fn orders() -> Table {
    table("orders", [col("id", "integer").not_null().default(DRAWN)])
}

fn owned() -> aludel_schema::Sequence {
    sequence("orders_id_seq").owned_by("orders", "id")
}

#[test]
fn sequences_come_and_go() {
    operations(
        Postgres,
        [
            case("a new one", metadata![], metadata![sequence("s")], ["create sequence s"]),
            case("a gone one", metadata![sequence("s")], metadata![], ["drop sequence s"]),
            case(
                "a serial column: the sequence, the table that draws from it, then the owner",
                metadata![],
                metadata![owned(), orders()],
                [
                    "create sequence orders_id_seq",
                    "create table orders",
                    "set the owner of sequence orders_id_seq",
                ],
            ),
            case(
                "a sequence goes with the table that owns it",
                metadata![owned(), orders()],
                metadata![],
                ["drop table orders"],
            ),
            case(
                "a sequence goes with the column that owns it",
                metadata![owned(), orders()],
                metadata![table("orders", [])],
                ["drop column orders.id"],
            ),
            case(
                "a default lets go of a sequence before that is dropped",
                metadata![owned(), orders()],
                metadata![table("orders", [col("id", "integer").not_null()])],
                ["alter column orders.id: no default", "drop sequence orders_id_seq"],
            ),
        ],
    );
}

#[test]
fn owners_and_options_change_in_place() {
    statements(
        Postgres,
        [
            case(
                "an owner, and the sequence goes on behind the rows that are there",
                metadata![table("orders", [col("id", "integer").not_null()])],
                metadata![owned(), orders()],
                [
                    "CREATE SEQUENCE orders_id_seq",
                    "ALTER TABLE orders ALTER COLUMN id SET DEFAULT nextval('orders_id_seq'::regclass)",
                    "ALTER SEQUENCE orders_id_seq OWNED BY orders.id",
                    "SELECT setval('orders_id_seq', max(id)) FROM orders HAVING max(id) >= 1",
                ],
            ),
            case(
                "a sequence that is there keeps its place when it gets an owner",
                metadata![sequence("orders_id_seq"), orders()],
                metadata![owned(), orders()],
                ["ALTER SEQUENCE orders_id_seq OWNED BY orders.id"],
            ),
            case(
                "an owner lets go",
                metadata![owned(), orders()],
                metadata![sequence("orders_id_seq"), orders()],
                ["ALTER SEQUENCE orders_id_seq OWNED BY NONE"],
            ),
            case(
                "every option is said, so that those which went back to their defaults are too",
                metadata![sequence("s").increment(10)],
                metadata![sequence("s")],
                [
                    "ALTER SEQUENCE s AS bigint INCREMENT BY 1 NO MINVALUE NO MAXVALUE START WITH 1 CACHE 1 NO CYCLE",
                ],
            ),
        ],
    );
}
