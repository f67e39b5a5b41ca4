//! SQLite: what is done in place, and what a new table is made for.

use aludel_dialect::Dialect::Sqlite;
use aludel_dialect::parse_definition;
use aludel_schema::{Definition, ObjectId, QualifiedName, Table};

use crate::build::*;
use crate::case::{case, impossible, operations, statements};

fn notes() -> Table {
    table("notes", [col("id", "INTEGER").not_null(), col("text", "TEXT")])
        .with(primary_key("notes_pkey", ["id"]))
}

fn touch() -> Definition {
    let sql = "CREATE TRIGGER touch AFTER UPDATE ON notes BEGIN SELECT 1; END";
    parse_definition(sql, Sqlite).unwrap()
}

/// A trigger that reads a column, and that no object file has.
fn reader(column: &str) -> Definition {
    let sql = format!("CREATE TRIGGER reader AFTER UPDATE ON notes BEGIN SELECT new.{column}; END");
    let depends_on = vec![ObjectId::column(&QualifiedName::unqualified("notes"), column)];
    Definition { source: None, depends_on, ..parse_definition(&sql, Sqlite).unwrap() }
}

/// The trigger with another body.
fn touched() -> Definition {
    let sql = "CREATE TRIGGER touch AFTER UPDATE ON notes BEGIN SELECT 2; END";
    parse_definition(sql, Sqlite).unwrap()
}

/// The table with one more column.
fn plus(column: aludel_schema::Column) -> Table {
    let mut table = notes();
    table.columns.push(column);
    table
}

#[test]
fn what_alter_table_can_do_is_done_in_place() {
    statements(
        Sqlite,
        [
            case(
                "a nullable column",
                metadata![notes()],
                metadata![plus(col("at", "TEXT"))],
                ["ALTER TABLE notes ADD COLUMN at TEXT"],
            ),
            case(
                "a column with a constant default",
                metadata![notes()],
                metadata![plus(col("done", "BOOLEAN").not_null().default("false"))],
                ["ALTER TABLE notes ADD COLUMN done BOOLEAN NOT NULL DEFAULT false"],
            ),
            case(
                "a gone column that nothing holds",
                metadata![plus(col("at", "TEXT"))],
                metadata![notes()],
                ["ALTER TABLE notes DROP COLUMN at"],
            ),
            case(
                "a renamed column",
                metadata![plus(col("at", "TEXT"))],
                metadata![plus(col("made", "TEXT").was("at"))],
                ["ALTER TABLE notes RENAME COLUMN at TO made"],
            ),
            case(
                "an index of another name is made again",
                metadata![notes().index(index("a", ["text"]))],
                metadata![notes().index(index("b", ["text"]))],
                ["DROP INDEX a", "CREATE INDEX b ON notes (text)"],
            ),
            case(
                "comments stay in the models",
                metadata![notes()],
                metadata![plus(col("at", "TEXT").comment("when")).comment("what")],
                ["ALTER TABLE notes ADD COLUMN at TEXT"],
            ),
        ],
    );
}

#[test]
fn a_rebuild_takes_rows_indexes_and_triggers_along() {
    let indexed = || notes().index(index("notes_idx", ["text"]));
    let mut tight = indexed();
    tight.columns[1] = col("text", "TEXT").not_null().default("''");
    statements(
        Sqlite,
        [case(
            "NULLs are filled with the default on the way",
            metadata![indexed(), touch()],
            metadata![tight, touch()],
            [
                "PRAGMA legacy_alter_table = ON",
                "CREATE TABLE \"_aludel_new_notes\" (\n    id INTEGER NOT NULL,\n    \
                 text TEXT NOT NULL DEFAULT '',\n    CONSTRAINT notes_pkey PRIMARY KEY (id)\n)",
                "INSERT INTO \"_aludel_new_notes\" (id, text)\nSELECT id, coalesce(text, '') FROM \"notes\"",
                "DROP TABLE \"notes\"",
                "ALTER TABLE \"_aludel_new_notes\" RENAME TO \"notes\"",
                "PRAGMA legacy_alter_table = OFF",
                "CREATE INDEX notes_idx ON notes (text)",
                "CREATE TRIGGER touch AFTER UPDATE ON notes BEGIN SELECT 1; END",
            ],
        )],
    );
}

#[test]
fn one_rebuild_stands_for_all_changes_of_a_table() {
    operations(
        Sqlite,
        [
            case(
                "a new column and another type",
                metadata![notes()],
                metadata![
                    table(
                        "notes",
                        [col("id", "INTEGER").not_null(), col("text", "BLOB"), col("at", "TEXT"),]
                    )
                    .with(primary_key("notes_pkey", ["id"]))
                ],
                ["rebuild table notes"],
            ),
            case(
                "a default that is computed can't be added in place",
                metadata![notes()],
                metadata![plus(col("at", "TEXT").not_null().default("CURRENT_TIMESTAMP"))],
                ["rebuild table notes"],
            ),
            case(
                "a constraint",
                metadata![notes()],
                metadata![notes().with(check("notes_check", "id > 0"))],
                ["rebuild table notes"],
            ),
            case(
                "a stored column",
                metadata![notes()],
                metadata![plus(col("long", "INTEGER").stored("length(text)"))],
                ["rebuild table notes"],
            ),
            case(
                "a column that a check reads can't be dropped in place",
                metadata![plus(col("n", "INTEGER")).with(check("c", "n > 0"))],
                metadata![notes()],
                ["rebuild table notes"],
            ),
            case(
                "another name of a constraint",
                metadata![notes().with(unique("a", ["text"]))],
                metadata![notes().with(unique("b", ["text"]))],
                ["rebuild table notes"],
            ),
        ],
    );
}

#[test]
fn a_rebuild_minds_the_triggers() {
    operations(
        Sqlite,
        [
            case(
                "a column under a trigger can't be dropped in place",
                metadata![plus(col("n", "INTEGER")), touch()],
                metadata![notes(), touch()],
                ["rebuild table notes"],
            ),
            case(
                "a trigger that changes is not made again by the rebuild",
                metadata![plus(col("n", "INTEGER")).with(check("c", "n > 0")), touch()],
                metadata![plus(col("n", "INTEGER")), touched()],
                [
                    "drop trigger touch of notes",
                    "rebuild table notes",
                    "create trigger touch of notes",
                ],
            ),
        ],
    );
}

#[test]
fn what_stands_around_a_rebuild() {
    let blob = || {
        table("notes", [col("id", "INTEGER").not_null(), col("text", "BLOB")])
            .with(primary_key("notes_pkey", ["id"]))
    };
    operations(
        Sqlite,
        [
            case(
                "a rename comes before it",
                metadata![notes()],
                metadata![Table { name: QualifiedName::parse("memos"), ..blob() }.was("notes")],
                ["rename table notes to memos", "rebuild table memos"],
            ),
            case(
                "an index is dropped ahead of it, because another table may take the name",
                metadata![notes().index(index("i", ["text"])), table("other", [col("x", "TEXT")])],
                metadata![blob(), table("other", [col("x", "TEXT")]).index(index("i", ["x"]))],
                ["drop index i of notes", "create index i on other", "rebuild table notes"],
            ),
            case(
                "a view is read when it is asked, and stays",
                metadata![notes(), view("v", "SELECT text FROM notes")],
                metadata![blob(), view("v", "SELECT text FROM notes")],
                ["rebuild table notes"],
            ),
            case(
                "another query is another view",
                metadata![notes(), view("v", "SELECT text FROM notes")],
                metadata![notes(), view("v", "SELECT id FROM notes")],
                ["drop view v", "create view v"],
            ),
        ],
    );
}

#[test]
fn a_rebuild_that_would_lose_something_stops_the_plan() {
    let unsaid = Table { unsaid: vec!["ON CONFLICT IGNORE".to_owned()], ..notes() };
    let checked = || notes().with(check("c", "id > 0"));
    impossible(
        Sqlite,
        [
            case(
                "a clause that the models can't say",
                metadata![unsaid],
                metadata![checked()],
                ["table notes: it has to be rebuilt, and would lose what the models can't say: \
                     ON CONFLICT IGNORE; write this revision by hand"],
            ),
            case(
                "a trigger that no object file has names what the same plan renames",
                metadata![plus(col("n", "INTEGER")), reader("n")],
                metadata![
                    plus(col("m", "INTEGER").was("n")).with(check("c", "id > 0")),
                    reader("m")
                ],
                [
                    "table notes: it has to be rebuilt, and the same plan gives something the name m, which \
                     trigger reader of notes names and no object file declares; rename first, in a revision \
                     of its own",
                ],
            ),
            case(
                "names that differ only in case are one name",
                metadata![notes()],
                metadata![table("Notes", []), plus(col("TEXT", "TEXT"))],
                [
                    "table notes: the database has column TEXT as text, which is the same name there; write it so",
                    "table Notes: the database has it as notes, which is the same name there; write it so",
                ],
            ),
        ],
    );
}
