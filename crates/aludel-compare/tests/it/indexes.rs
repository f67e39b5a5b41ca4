//! Indexes of a table that both sides have.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Index, Metadata, Table};

use crate::build::*;
use crate::case::{case, operations, statements};

fn notes() -> Table {
    table("notes", [col("title", "text"), col("body", "text"), col("at", "timestamptz")])
}

fn with<const N: usize>(indexes: [Index; N]) -> Metadata {
    metadata![indexes.into_iter().fold(notes(), TableWords::index)]
}

#[test]
fn indexes_come_and_go() {
    statements(
        Postgres,
        [
            case(
                "a new index with its comment",
                with([]),
                with([index("notes_title_idx", ["title"]).comment("for the list")]),
                [
                    "CREATE INDEX notes_title_idx ON notes (title)",
                    "COMMENT ON INDEX notes_title_idx IS 'for the list'",
                ],
            ),
            case(
                "every part of the definition is said",
                with([]),
                with([index("notes_idx", ["lower(title)", "at"])
                    .unique()
                    .including("body")
                    .only("at IS NOT NULL")]),
                [
                    "CREATE UNIQUE INDEX notes_idx ON notes (lower(title), at) INCLUDE (body) WHERE at IS NOT NULL",
                ],
            ),
            case(
                "a gone index",
                with([index("notes_title_idx", ["title"])]),
                with([]),
                ["DROP INDEX notes_title_idx"],
            ),
            case(
                "only the comment differs",
                with([index("i", ["title"]).comment("old")]),
                with([index("i", ["title"])]),
                ["COMMENT ON INDEX i IS NULL"],
            ),
            case(
                "the same index under another name is renamed",
                with([index("ix_title", ["title"])]),
                with([index("notes_title_idx", ["title"])]),
                ["ALTER INDEX ix_title RENAME TO notes_title_idx"],
            ),
        ],
    );
}

#[test]
fn every_part_of_an_index_is_compared() {
    let remade = ["drop index i of notes", "create index i on notes"];
    let i = || index("i", ["title"]);
    operations(
        Postgres,
        [
            case("uniqueness", with([i()]), with([i().unique()]), remade),
            case("method", with([i()]), with([i().method("hash")]), remade),
            case("included columns", with([i()]), with([i().including("body")]), remade),
            case("predicate", with([i()]), with([i().only("at IS NULL")]), remade),
            case("keys", with([i()]), with([index("i", ["title", "at"])]), remade),
            case(
                "order",
                with([index("i", ["at", "title"])]),
                with([index("i", ["title", "at"])]),
                remade,
            ),
            case(
                "the order of indexes means nothing",
                with([i(), index("j", ["at"])]),
                with([index("j", ["at"]), i()]),
                [],
            ),
        ],
    );
}

#[test]
fn an_index_makes_room_for_what_it_reads() {
    let before = |sql_type, own: Index| metadata![table("t", [col("a", sql_type)]).index(own)];
    operations(
        Postgres,
        [
            case(
                "an expression is read with the new type",
                before("text", index("i", ["coalesce(a, '0')"])),
                before("integer", index("i", ["coalesce(a, '0')"])),
                [
                    "drop index i of t",
                    "alter column t.a: type text to integer",
                    "create index i on t",
                ],
            ),
            case(
                "a predicate is read with the new type",
                before("text", index("i", ["a"]).only("a <> '1'")),
                before("integer", index("i", ["a"]).only("a <> '1'")),
                [
                    "drop index i of t",
                    "alter column t.a: type text to integer",
                    "create index i on t",
                ],
            ),
            case(
                "a key that is a column stays: the server makes the index again",
                before("text", index("i", ["a"])),
                before("integer", index("i", ["a"])),
                ["alter column t.a: type text to integer"],
            ),
            case(
                "a column that is made again takes its index along",
                metadata![
                    table("t", [col("a", "text"), col("b", "text").stored("lower(a)")])
                        .index(index("i", ["b"]).comment("kept"))
                ],
                metadata![
                    table("t", [col("a", "text"), col("b", "text").stored("upper(a)")])
                        .index(index("i", ["b"]).comment("kept"))
                ],
                [
                    "drop index i of t",
                    "drop column t.b",
                    "add column t.b",
                    "create index i on t",
                    "change the comment on index i of t",
                ],
            ),
            case(
                "an index goes before its column",
                metadata![
                    table("t", [col("a", "text"), col("b", "text")]).index(index("i", ["b"]))
                ],
                metadata![table("t", [col("a", "text")])],
                ["drop index i of t", "drop column t.b"],
            ),
        ],
    );
}

#[test]
fn a_name_is_free_before_it_is_taken() {
    operations(
        Postgres,
        [
            case(
                "an index moves to another table",
                metadata![
                    table("a", [col("x", "text")]),
                    table("b", [col("x", "text")]).index(index("i", ["x"])),
                ],
                metadata![
                    table("a", [col("x", "text")]).index(index("i", ["x"])),
                    table("b", [col("x", "text")]),
                ],
                ["drop index i of b", "create index i on a"],
            ),
            case(
                "an index becomes a constraint of its name",
                metadata![table("t", [col("a", "text")]).index(index("t_a_key", ["a"]))],
                metadata![table("t", [col("a", "text")]).with(unique("t_a_key", ["a"]))],
                ["drop index t_a_key of t", "add unique constraint t_a_key to t"],
            ),
            case(
                "a unique index becomes that of a constraint",
                metadata![table("t", [col("a", "text")]).index(index("t_a_key", ["a"]).unique())],
                metadata![table("t", [col("a", "text")]).with(unique("t_a_key", ["a"]))],
                ["make index t_a_key of t the unique constraint t_a_key"],
            ),
            case(
                "a name is passed on",
                with([index("a", ["title"]), index("b", ["body"])]),
                with([index("b", ["title"]), index("c", ["body"])]),
                ["rename index b of notes to c", "rename index a of notes to b"],
            ),
        ],
    );
}
