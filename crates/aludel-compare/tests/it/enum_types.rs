//! Enum types: labels that are added, and types that are replaced under their columns.

use aludel_dialect::Dialect::Postgres;
use aludel_schema::{EnumType, Metadata};

use crate::build::*;
use crate::case::{case, operations, statements};

fn mood<const N: usize>(labels: [&str; N]) -> EnumType {
    enum_type("my_mood", labels)
}

/// The type with a column of it.
fn used<const N: usize>(labels: [&str; N]) -> Metadata {
    metadata![mood(labels), table("cats", [col("mood", "my_mood")])]
}

#[test]
fn types_come_and_go_around_their_columns() {
    let cats = || table("cats", [col("id", "bigint"), col("moods", "my_mood[]")]);
    operations(
        Postgres,
        [
            case(
                "a type comes before the table that has an array of it",
                metadata![],
                metadata![cats(), mood(["calm"])],
                ["create enum my_mood", "create table cats"],
            ),
            case(
                "a type goes after its last column",
                metadata![cats(), mood(["calm"])],
                metadata![table("cats", [col("id", "bigint")])],
                ["drop column cats.moods", "drop enum my_mood"],
            ),
            case(
                "a column leaves the type before that goes",
                used(["calm"]),
                metadata![table("cats", [col("mood", "text")])],
                ["alter column cats.mood: type my_mood to text", "drop enum my_mood"],
            ),
        ],
    );
}

#[test]
fn labels_are_added_in_their_place() {
    statements(
        Postgres,
        [
            case(
                "at the end",
                used(["calm"]),
                used(["calm", "sad"]),
                ["ALTER TYPE my_mood ADD VALUE 'sad'"],
            ),
            case(
                "two before another one, in their order",
                used(["sad"]),
                used(["angry", "calm", "sad"]),
                [
                    "ALTER TYPE my_mood ADD VALUE 'angry' BEFORE 'sad'",
                    "ALTER TYPE my_mood ADD VALUE 'calm' BEFORE 'sad'",
                ],
            ),
            case(
                "a label that the same plan uses is added first, on its own",
                used(["calm"]),
                metadata![
                    mood(["calm", "sad"]),
                    table("cats", [col("mood", "my_mood").default("'sad'::my_mood")])
                ],
                [
                    "ALTER TYPE my_mood ADD VALUE IF NOT EXISTS 'sad'",
                    "ALTER TABLE cats ALTER COLUMN mood SET DEFAULT 'sad'::my_mood",
                ],
            ),
            case(
                "a comment changes and nothing else",
                metadata![mood(["calm"])],
                metadata![EnumType { comment: Some("of cats".to_owned()), ..mood(["calm"]) }],
                ["COMMENT ON TYPE my_mood IS 'of cats'"],
            ),
        ],
    );
}

#[test]
fn a_type_is_replaced_where_labels_go_or_move() {
    let moves = [
        "ALTER TYPE my_mood RENAME TO my_mood_old",
        "CREATE TYPE my_mood AS ENUM ('sad', 'calm')",
        "ALTER TABLE cats ALTER COLUMN mood TYPE my_mood USING mood::text::my_mood",
        "DROP TYPE my_mood_old",
    ];
    statements(
        Postgres,
        [
            case("another order", used(["calm", "sad"]), used(["sad", "calm"]), moves),
            case(
                "a label goes, and the default of the column comes back",
                metadata![
                    mood(["calm", "sad"]),
                    table("cats", [col("mood", "my_mood").default("'calm'::my_mood")])
                ],
                metadata![
                    mood(["calm"]),
                    table("cats", [col("mood", "my_mood").default("'calm'::my_mood")])
                ],
                [
                    "ALTER TYPE my_mood RENAME TO my_mood_old",
                    "CREATE TYPE my_mood AS ENUM ('calm')",
                    "ALTER TABLE cats\n    ALTER COLUMN mood DROP DEFAULT,\n    \
                     ALTER COLUMN mood TYPE my_mood USING mood::text::my_mood,\n    \
                     ALTER COLUMN mood SET DEFAULT 'calm'::my_mood",
                    "DROP TYPE my_mood_old",
                ],
            ),
            case(
                "a new type has no comment yet",
                metadata![EnumType { comment: Some("x".to_owned()), ..mood(["calm", "sad"]) }],
                metadata![EnumType { comment: Some("x".to_owned()), ..mood(["sad"]) }],
                [
                    "ALTER TYPE my_mood RENAME TO my_mood_old",
                    "CREATE TYPE my_mood AS ENUM ('sad')",
                    "DROP TYPE my_mood_old",
                    "COMMENT ON TYPE my_mood IS 'x'",
                ],
            ),
        ],
    );
}

#[test]
fn what_rests_on_a_replaced_type_makes_room() {
    let cats = |labels: [&'static str; 1]| {
        let table = table("cats", [col("mood", "my_mood")])
            .with(check("cats_check", "mood <> 'bad'"))
            .index(index("cats_idx", ["mood"]).only("mood = 'calm'"));
        metadata![mood(labels), table]
    };
    operations(
        Postgres,
        [
            case(
                "a check and a predicate are read with the new type",
                cats(["sad"]),
                cats(["calm"]),
                [
                    "drop check constraint cats_check of cats",
                    "drop index cats_idx of cats",
                    "change the labels of enum my_mood from (sad) to (calm)",
                    "drop enum my_mood_old",
                    "add check constraint cats_check to cats",
                    "create index cats_idx on cats",
                ],
            ),
            case(
                "a column that leaves the type does so before that is replaced",
                used(["calm", "sad"]),
                metadata![mood(["calm"]), table("cats", [col("mood", "text")])],
                [
                    "alter column cats.mood: type my_mood to text",
                    "change the labels of enum my_mood from (calm, sad) to (calm)",
                    "drop enum my_mood_old",
                ],
            ),
        ],
    );
}
