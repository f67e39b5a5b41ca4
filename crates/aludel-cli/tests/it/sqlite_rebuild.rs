//! What a rebuild of a SQLite table keeps, and what it refuses to lose.

use aludel_testkit::{TestProject, sqlite_schema};
use rusqlite::Connection;

use crate::sqlite_project;

/// A project that adopts a database made by hand.
fn adopted(sql: &str) -> (TestProject, Connection, String) {
    let project = sqlite_project();
    let connection = Connection::open(project.path().join("test.db")).unwrap();
    connection.execute_batch(&format!("PRAGMA foreign_keys = ON;{sql}")).unwrap();
    let models = project.run("reflect").ok();
    project.models(&models);
    let check = project.run("check");
    assert_eq!(check.code, 0, "{models}\n{}{}", check.stdout, check.stderr);
    (project, connection, models)
}

fn count(connection: &Connection, table: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

const FAMILY: &str = "
CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE DEFAULT 'x', n INT, CHECK (n <> 7));
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
CREATE INDEX parent_name ON parent (lower(name) DESC) WHERE n > 0;
CREATE TABLE log (what TEXT);
CREATE TRIGGER parent_log AFTER INSERT ON parent BEGIN INSERT INTO log VALUES (NEW.name); END;
CREATE VIEW names AS SELECT name FROM parent;
INSERT INTO parent (name, n) VALUES ('a', 1), ('b', NULL), ('gone', 3);
DELETE FROM parent WHERE name = 'gone';
INSERT INTO child (parent_id) VALUES (1), (1), (2);";

#[test]
fn children_triggers_views_indexes_and_the_counter_stay() {
    let (project, connection, models) = adopted(FAMILY);
    let before = sqlite_schema(&project.path().join("test.db"));
    project.models(&models.replace("pub n: Option", "#[column(unique)]\n    pub n: Option"));
    let file = project.migrate("unique n");
    assert!(project.read(&format!("versions/{file}")).contains("rebuild parent"));
    assert_eq!(
        (count(&connection, "parent"), count(&connection, "child"), count(&connection, "names")),
        (2, 3, 2)
    );
    connection.execute_batch("INSERT INTO parent (name, n) VALUES ('c', 9)").unwrap();
    let id: i64 = connection
        .query_row("SELECT id FROM parent WHERE name = 'C'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(id, 4, "AUTOINCREMENT never gives a number twice");
    assert_eq!(count(&connection, "log WHERE what = 'c'"), 1, "the trigger still runs");
    project.run("downgrade -1").ok();
    connection.execute_batch("INSERT INTO parent (name, n) VALUES ('d', 9)").unwrap();
    assert_eq!(
        count(&connection, "log WHERE what = 'd'"),
        1,
        "the trigger still runs after the downgrade"
    );
    let after = sqlite_schema(&project.path().join("test.db"));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    connection.execute_batch("DELETE FROM parent WHERE id = 1").unwrap();
    assert_eq!(count(&connection, "child"), 1, "the foreign key still cascades");
}

#[test]
fn a_dropped_table_comes_back_with_its_triggers() {
    let (project, connection, models) = adopted(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT); CREATE TABLE log (what TEXT);\
        CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES ('a'); END;",
    );
    let at = models.find("\n#[derive(Clone, Debug, Table)]\n#[table(name = \"log\")]").unwrap();
    project.models(&format!("use aludel::Table;{}", &models[at..]));
    project.migrate("drop a");
    project.run("downgrade -1").ok();
    connection.execute_batch("INSERT INTO a (x) VALUES ('1')").unwrap();
    assert_eq!(count(&connection, "log"), 1);
}

#[test]
fn a_view_or_trigger_that_would_break_stops_the_revision() {
    for reader in [
        "CREATE VIEW v AS SELECT y FROM a;",
        "CREATE TRIGGER v AFTER UPDATE ON a BEGIN SELECT NEW.y; END;",
    ] {
        let (project, connection, models) = adopted(&format!(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, y INT CHECK (y <> 1), z INT);{reader}"
        ));
        let models = models
            .replace("    #[column(sqlite(type = \"INT\"))]\n    pub y: Option<String>,\n", "");
        let models =
            models.lines().filter(|line| !line.contains("y <> 1")).collect::<Vec<_>>().join("\n");
        project.models(&models);
        let refused = project.run("revision --autogenerate -m drop").exits(1);
        refused.says("column a.y: it goes").says("rests on it").stdout.clear();
        connection.execute_batch("UPDATE a SET z = 1").unwrap();
    }
}

#[test]
fn what_models_cannot_say_is_not_lost_in_a_rebuild() {
    let (project, _, models) =
        adopted("CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT UNIQUE ON CONFLICT REPLACE);");
    project.models(&models.replace(
        "pub x: Option<String>",
        "#[column(default = \"'y'\")]\n    pub x: Option<String>",
    ));
    project
        .run("revision --autogenerate -m x")
        .exits(1)
        .says("ON CONFLICT REPLACE")
        .says("by hand")
        .stdout
        .clear();
}

#[test]
fn a_rename_under_triggers_asks_for_a_revision_of_its_own() {
    let (project, _, models) = adopted(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT); CREATE TRIGGER t AFTER UPDATE OF x ON a BEGIN SELECT NEW.x; END;",
    );
    let renamed = models.replace(
        "pub x: Option<String>",
        "#[column(renamed_from = \"x\")]\n    pub y: Option<String>",
    );
    project.models(&renamed.replace("renamed_from", "check = \"y <> ''\", renamed_from"));
    project.run("revision --autogenerate -m x").exits(1).says("rename first").stdout.clear();
    project.models(&renamed);
    project.migrate("rename");
}

#[test]
fn names_that_differ_in_case_are_one() {
    let (project, _, models) = adopted("CREATE TABLE a (id INTEGER PRIMARY KEY, Name TEXT);");
    project.models(&models.replace("pub Name", "pub name"));
    project.run("revision --autogenerate -m x").exits(1).says("same name there").stdout.clear();
}

#[test]
fn odd_texts_are_adopted() {
    adopted(
        "CREATE TABLE plain (id INTEGER PRIMARY KEY, x TEXT);
         CREATE TABLE `back ticks` ([a b] TEXT /* why */, \"c\" 'text', d, PRIMARY KEY (\"c\", d)) WITHOUT ROWID;
         CREATE TABLE words (a TEXT DEFAULT hello, b TEXT DEFAULT \"two words\", c TEXT DEFAULT NULL, d INT NULL, e DEFAULT (1 + 1), f DEFAULT +5);
         CREATE TABLE strict (a INTEGER PRIMARY KEY, b ANY) STRICT;
         CREATE INDEX \"odd index\" ON `back ticks` ([a b] DESC, lower(d));
         CREATE TABLE made (a INT, b INT AS (a * 2), c INT GENERATED ALWAYS AS (a + b) STORED);",
    );
}

#[test]
fn rows_keep_their_numbers() {
    let (project, connection, models) = adopted(
        "CREATE TABLE a (k TEXT NOT NULL PRIMARY KEY, x TEXT); INSERT INTO a VALUES ('1', 'a'), ('2', 'b'), ('3', 'c'); DELETE FROM a WHERE k = '1';",
    );
    project.models(
        &models.replace("pub x: Option<String>", "#[column(unique)]\n    pub x: Option<String>"),
    );
    project.migrate("unique x");
    assert_eq!(count(&connection, "a WHERE rowid = 3 AND x = 'c'"), 1);
}

#[test]
fn a_way_back_that_would_lose_something_is_not_written() {
    let (project, _, models) = adopted(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT UNIQUE ON CONFLICT REPLACE);\
         CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;",
    );
    project.models(
        &models.replace(
            "pub x: Option<String>,",
            "pub x: Option<String>,\n    pub y: Option<String>,",
        ),
    );
    let file = project.migrate("y");
    assert!(project.read(&format!("versions/{file}")).contains("-- aludel: irreversible: table a"));
    project.run("downgrade -1").exits(1).says("ON CONFLICT REPLACE").stdout.clear();
}
