//! Small changes that went wrong once. Each is applied to rows, found clean, and undone.

use aludel_testkit::{Dump, TestDatabase, TestProject, dump, server};

use crate::PROGRAM;

/// Models before and after, rows for the first, and a query with its answer after the second.
struct Scenario {
    what: &'static str,
    before: &'static str,
    rows: &'static str,
    after: &'static str,
    ask: (&'static str, &'static str),
}

const NOTHING: (&str, &str) = ("SELECT 1", "1");

/// `T { fields }` as a model.
fn model(short: &str) -> String {
    let mut out = String::from("use aludel::{Enum, Table};\n");
    for line in short.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let is_struct = !line.starts_with('#') && !line.contains('!');
        match line.split_once(" {") {
            Some((name, body)) if is_struct && !name.starts_with("enum ") => {
                out.push_str(&format!("#[derive(Table)]\npub struct {name} {{ #[column(primary_key)] id: i32, {body}\n"));
            }
            Some((name, body)) if is_struct => {
                out.push_str(&format!("#[derive(Enum)]\npub {name} {{ {body}\n"));
            }
            _ => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        what: "a generated column that becomes a plain one keeps its values",
        before: "T { a: i32, #[column(generated = \"a + 1\")] g: Option<i32> }",
        rows: "INSERT INTO ts VALUES (1, 5)",
        after: "T { a: i32, g: Option<i32> }",
        ask: ("SELECT g FROM ts", "6"),
    },
    Scenario {
        what: "labels added around one that is used at once stay in order",
        before: "enum Mood { A, Z }\nT { m: Mood }",
        rows: "INSERT INTO ts VALUES (1, 'a')",
        after: "enum Mood { A, M1, M2, Z }\nT { #[column(default = \"'m2'\")] m: Mood }",
        ask: ("SELECT enum_range(NULL::mood)", "{a,m1,m2,z}"),
    },
    Scenario {
        what: "a label goes together with the default that it was",
        before: "enum Mood { Sad, Ok, Happy }\nT { #[column(default = \"'happy'\")] m: Mood }",
        rows: "INSERT INTO ts VALUES (1, 'ok')",
        after: "enum Mood { Sad, Ok }\nT { #[column(default = \"'ok'\")] m: Mood }",
        ask: ("SELECT m FROM ts", "ok"),
    },
    Scenario {
        what: "a column leaves an enum that loses a label",
        before: "enum Mood { A, B, C }\nT { m: Mood, n: Mood }",
        rows: "INSERT INTO ts VALUES (1, 'a', 'c')",
        after: "enum Mood { A, B }\nT { m: Mood, n: String }",
        ask: ("SELECT n FROM ts", "c"),
    },
    Scenario {
        what: "a label is used inside an array",
        before: "enum Mood { A }\nT { #[column(default = \"'{a}'\")] m: Vec<Mood> }",
        rows: "INSERT INTO ts VALUES (1)",
        after: "enum Mood { A, Bb }\nT { #[column(default = \"'{bb}'\")] m: Vec<Mood> }",
        ask: ("SELECT m FROM ts", "{a}"),
    },
    Scenario {
        what: "an enum in a schema gets a label that a check uses",
        before: "#[derive(Enum)] #[enum_type(schema = \"s1\")] pub enum Mood { A, Z }\nT { m: Mood }",
        rows: "INSERT INTO ts VALUES (1, 'a')",
        after: "#[derive(Enum)] #[enum_type(schema = \"s1\")] pub enum Mood { A, Z, Bb }\nT { #[column(check = \"m <> 'bb'\")] m: Mood }",
        ask: NOTHING,
    },
    Scenario {
        what: "a generated column of a reordered enum is made again",
        before: "enum Mood { A, B }\nT { a: i32, #[column(generated = \"case when a > 1 then 'a'::mood else 'b'::mood end\")] g: Option<Mood> }",
        rows: "INSERT INTO ts VALUES (1, 5)",
        after: "enum Mood { B, A }\nT { a: i32, #[column(generated = \"case when a > 1 then 'a'::mood else 'b'::mood end\")] g: Option<Mood> }",
        ask: ("SELECT g FROM ts", "a"),
    },
    Scenario {
        what: "serial goes away",
        before: "T { #[column(serial)] v: i32 }",
        rows: "INSERT INTO ts VALUES (1), (2)",
        after: "T { #[column(default = 0)] v: i64 }",
        ask: ("SELECT max(v) FROM ts", "2"),
    },
    Scenario {
        what: "serial becomes a generated column",
        before: "T { #[column(serial)] v: i32 }",
        rows: "INSERT INTO ts VALUES (1), (2)",
        after: "T { #[column(generated = \"id * 2\")] v: Option<i32> }",
        ask: ("SELECT max(v) FROM ts", "4"),
    },
    Scenario {
        what: "serial becomes identity and goes on behind the rows",
        before: "T { #[column(serial)] v: i32 }",
        rows: "INSERT INTO ts VALUES (1), (2)",
        after: "T { #[column(identity)] v: i32 }",
        ask: ("INSERT INTO ts (id) VALUES (3) RETURNING v", "3"),
    },
    Scenario {
        what: "a new identity begins where it is told to",
        before: "T { v: i64 }",
        rows: "",
        after: "T { #[column(identity(always, start = 1000, min = 1000))] v: i64 }",
        ask: ("INSERT INTO ts (id) VALUES (3) RETURNING v", "1000"),
    },
    Scenario {
        what: "a table with serial and identity is renamed",
        before: "T { #[column(serial)] v: i32, #[column(identity)] w: i64 }",
        rows: "INSERT INTO ts (id) VALUES (1)",
        after: "#[derive(Table)] #[table(name = \"us\", renamed_from = \"ts\")] pub struct U { #[column(primary_key)] id: i32, #[column(serial)] v: i32, #[column(identity)] w: i64 }",
        ask: ("INSERT INTO us (id) VALUES (2) RETURNING v + w", "4"),
    },
    Scenario {
        what: "a generated column is dropped together with what it reads",
        before: "T { a: i32, #[column(generated = \"a + 1\")] g: Option<i32> }",
        rows: "INSERT INTO ts VALUES (1, 5)",
        after: "T { n: Option<i32> }",
        ask: NOTHING,
    },
    Scenario {
        what: "a key goes together with the table that refers to it",
        before: "P { #[column(unique)] code: i32 }\nC { #[column(references = \"ps.code\")] p: i32 }",
        rows: "INSERT INTO ps VALUES (1, 2)",
        after: "P { code: i32 }",
        ask: NOTHING,
    },
    Scenario {
        what: "a unique index becomes a constraint under a foreign key",
        before: "P { #[column(index(unique))] code: i32 }\nC { #[column(references = \"ps.code\")] p: i32 }",
        rows: "INSERT INTO ps VALUES (1, 2); INSERT INTO cs VALUES (1, 2)",
        after: "P { #[column(unique)] code: i32 }\nC { #[column(references = \"ps.code\")] p: i32 }",
        ask: NOTHING,
    },
    Scenario {
        what: "a new table refers to a new unique index of an old one",
        before: "P { code: i32 }",
        rows: "INSERT INTO ps VALUES (1, 2)",
        after: "P { #[column(index(unique))] code: i32 }\nC { #[column(references = \"ps.code\")] p: i32 }",
        ask: NOTHING,
    },
    Scenario {
        what: "both ends of a foreign key get another type while its table is renamed",
        before: "#[derive(Table)] pub struct P { #[column(primary_key)] id: String }\nC { #[column(references = \"ps.id\")] p: String }",
        rows: "INSERT INTO ps VALUES ('00000000000000000000000000000001'); INSERT INTO cs VALUES (1, '00000000000000000000000000000001')",
        after: "#[derive(Table)] pub struct P { #[column(primary_key)] id: Uuid }\n#[derive(Table)] #[table(name = \"ds\", renamed_from = \"cs\")] pub struct D { #[column(primary_key)] id: i32, #[column(references = \"ps.id\")] p: Uuid }",
        ask: ("SELECT count(*) FROM ds", "1"),
    },
    Scenario {
        what: "a generation expression changes under an index and a key while the table is renamed",
        before: "T { a: i32, #[column(generated = \"a + 1\", unique, index)] g: Option<i32> }",
        rows: "INSERT INTO ts VALUES (1, 5)",
        after: "#[derive(Table)] #[table(name = \"us\", renamed_from = \"ts\")] pub struct U { #[column(primary_key)] id: i32, a: i32, #[column(generated = \"a + 2\", unique, index)] g: Option<i32> }",
        ask: ("SELECT g FROM us", "7"),
    },
    Scenario {
        what: "NULLs are filled with a default of another type",
        before: "T { a: Option<i32> }",
        rows: "INSERT INTO ts VALUES (1, NULL)",
        after: "T { #[column(default = 7)] a: i64 }",
        ask: ("SELECT a FROM ts", "7"),
    },
    Scenario {
        what: "the default schema may be named",
        before: "#[derive(Enum)] #[enum_type(schema = \"public\")] pub enum Mood { A }\n#[derive(Table)] #[table(schema = \"public\")] pub struct T { #[column(primary_key)] id: i32, m: Mood, #[column(serial)] v: i32 }",
        rows: "INSERT INTO ts VALUES (1, 'a')",
        after: "#[derive(Enum)] #[enum_type(schema = \"public\")] pub enum Mood { A, B }\n#[derive(Table)] #[table(schema = \"public\")] pub struct T { #[column(primary_key)] id: i32, m: Mood, #[column(serial)] v: i32 }",
        ask: NOTHING,
    },
    Scenario {
        what: "an extension comes in a schema of its own, with a column of its type",
        before: "T { a: String }",
        rows: "INSERT INTO ts VALUES (1, 'A')",
        after: "aludel::database! { schema(\"ext\"), extension(\"citext\", schema = \"ext\") }\nT { #[column(type = \"ext.citext\")] a: String }",
        ask: ("SELECT a FROM ts", "A"),
    },
    Scenario {
        what: "a comment may look like a section",
        before: "T { a: i32 }",
        rows: "INSERT INTO ts VALUES (1, 5)",
        after: "T { #[column(comment = \"one\\n-- aludel: downgrade\\ntwo\")] a: i32 }",
        ask: NOTHING,
    },
    Scenario {
        what: "truth becomes a number",
        before: "T { a: bool }",
        rows: "INSERT INTO ts VALUES (1, true)",
        after: "T { a: i64 }",
        ask: ("SELECT a FROM ts", "1"),
    },
    Scenario {
        what: "an identity gets other bounds",
        before: "T { #[column(identity)] v: i64 }",
        rows: "INSERT INTO ts (id) VALUES (1); INSERT INTO ts (id, v) OVERRIDING SYSTEM VALUE VALUES (2, 2000)",
        after: "T { #[column(identity(always, min = 1000))] v: i64 }",
        ask: ("INSERT INTO ts (id) VALUES (3) RETURNING v", "1000"),
    },
    Scenario {
        what: "a sequence goes on where it stands when its bounds change",
        before: "#[derive(Table)] #[table(sequence(name = \"nr\", owned_by = \"n\", max = 9999))] pub struct T { #[column(primary_key)] id: i32, #[column(default = \"nextval('nr')\", unique)] n: i64 }",
        rows: "INSERT INTO ts VALUES (1), (2)",
        after: "#[derive(Table)] #[table(sequence(name = \"nr\", owned_by = \"n\", max = 5000))] pub struct T { #[column(primary_key)] id: i32, #[column(default = \"nextval('nr')\", unique)] n: i64 }",
        ask: ("INSERT INTO ts (id) VALUES (3) RETURNING n", "3"),
    },
    Scenario {
        what: "an enum with a comment loses a label and keeps the comment",
        before: "#[derive(Enum)] #[enum_type(comment = \"hey\")] pub enum Kind { Free, Paid, Old }\nT { k: Kind }",
        rows: "INSERT INTO ts VALUES (1, 'free')",
        after: "#[derive(Enum)] #[enum_type(comment = \"hey\")] pub enum Kind { Free, Paid }\nT { k: Kind }",
        ask: NOTHING,
    },
    Scenario {
        what: "tables that refer to one another become unlogged",
        before: "A { b: Option<i32> }\nB { #[column(references = \"as.id\")] a: i32 }",
        rows: "INSERT INTO \"as\" VALUES (1, 2); INSERT INTO bs VALUES (1, 1)",
        after: "#[derive(Table)] #[table(unlogged)] pub struct A { #[column(primary_key)] id: i32, b: Option<i32> }\n#[derive(Table)] #[table(unlogged)] pub struct B { #[column(primary_key)] id: i32, #[column(references = \"as.id\")] a: i32 }",
        ask: ("SELECT a FROM bs", "1"),
    },
    Scenario {
        what: "quoted names everywhere",
        before: "#[derive(Table)] #[table(name = \"Order\")] #[table(index(key(column = \"Weird Name\", desc)))] pub struct O { #[column(primary_key)] id: i32, #[column(name = \"Weird Name\")] w: String, #[column(name = \"user\", check = \"\\\"user\\\" > 0\")] u: i32 }",
        rows: "INSERT INTO \"Order\" VALUES (1, 'x', 5)",
        after: "#[derive(Table)] #[table(name = \"Order\")] #[table(index(key(column = \"Weird Name\")))] pub struct O { #[column(primary_key)] id: i32, #[column(name = \"Weird Name\", default = \"'y'\")] w: String, #[column(name = \"user\", check = \"\\\"user\\\" > 1\")] u: i64 }",
        ask: NOTHING,
    },
];

#[test]
fn what_went_wrong_once_goes_right_on_postgres() {
    for scenario in SCENARIOS {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        project.models(&model(scenario.before));
        project.migrate("before");
        database.sql(scenario.rows);
        let shape = sorted(&database);
        project.models(&model(scenario.after));
        let file = project.migrate("after");
        let (query, answer) = scenario.ask;
        assert_eq!(
            database.sql(query).trim(),
            answer,
            "{}\n{}",
            scenario.what,
            project.read(&format!("versions/{file}"))
        );
        let down = project.run("downgrade -1");
        let text = project.read(&format!("versions/{file}"));
        assert_eq!(down.code, 0, "{}: {}\n{text}", scenario.what, down.stderr);
        assert_eq!(sorted(&database), shape, "{}\n{text}", scenario.what);
        project.run("upgrade head").ok();
    }
}

/// Without the order of columns: one that is dropped and added again is the last one.
fn sorted(database: &TestDatabase) -> Vec<((String, String), Vec<String>)> {
    let objects: Dump = dump(database);
    let lines = |sql: String| {
        let mut lines: Vec<String> =
            sql.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    };
    objects.into_iter().map(|(key, sql)| (key, lines(sql))).collect()
}

/// Hints that contradict the database are refused: to ignore one would drop what it names.
#[test]
fn a_rename_to_a_name_that_is_taken_is_refused() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(&model("User { a: i32 }\n#[derive(Table)] #[table(name = \"users_new\")] pub struct UserNew { #[column(primary_key)] id: i32, a: i32 }"));
    project.migrate("before");
    project.models(&model("#[derive(Table)] #[table(renamed_from = \"users_new\")] pub struct User { #[column(primary_key)] id: i32, a: i32 }"));
    project
        .run("revision --autogenerate -m x")
        .exits(1)
        .says("the database has both")
        .stdout
        .clear();
    assert_eq!(project.revisions().len(), 1);
}

#[test]
fn a_file_that_could_not_be_read_back_is_not_written() {
    let project = crate::sqlite_project();
    for arguments in [["-m", "x", "--depends-on", "zz"], ["-m", "x", "--branch-label", "a b"]] {
        project.run_words(&[&["revision"], &arguments[..]].concat()).exits(1).stdout.clear();
    }
    assert!(project.revisions().is_empty());
}

#[test]
fn a_mended_revision_goes_on_behind_what_it_has_done() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let sql = "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE t (a integer);\n\
               CREATE INDEX CONCURRENTLY t_a ON t (b);\n-- aludel: downgrade\nDROP TABLE t;\n";
    project.write("versions/ab1.sql", sql);
    project
        .run("upgrade head")
        .exits(1)
        .says("outside of its transaction: 1 statement;")
        .stdout
        .clear();
    project.write("versions/ab1.sql", &sql.replace("(b)", "(a)"));
    project.run("upgrade head").exits(0).says("going on behind statement 1").stdout.clear();
}

#[test]
fn every_section_is_read_before_the_first_one_runs() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.write("versions/1.sql", "-- m\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE t (a integer);\n-- aludel: downgrade\n");
    project.write("versions/2.sql", "-- m\n-- revision: a2\n-- down_revision: a1\n\n-- aludel: upgrade\nCOMMIT;\n-- aludel: downgrade\n");
    project.run("upgrade head").exits(1).says("`COMMIT`").stdout.clear();
    assert_eq!(project.run("current").ok(), "");
}

/// A statement that is done is never run again, whatever is mended behind it. An index that a failed
/// attempt has left stays for a file that drops it by itself.
#[test]
fn what_is_done_is_not_done_again() {
    let database = server().database();
    database.sql("CREATE TABLE accounts (balance integer); INSERT INTO accounts VALUES (1), (1)");
    let project = TestProject::new(PROGRAM, &database.url());
    let sql = "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nUPDATE accounts SET balance = balance * 100;\n\
               CREATE UNIQUE INDEX CONCURRENTLY accounts_key ON accounts (balance);\n-- aludel: downgrade\n";
    project.write("versions/ab1.sql", sql);
    project.run("upgrade head").exits(1).says("part of what it did may stay").stdout.clear();
    project.write("versions/ab1.sql", &sql.replace("* 100", "* 10"));
    project
        .run("upgrade head")
        .exits(1)
        .says("its first statement has changed since")
        .stdout
        .clear();
    let mended =
        sql.replace("CREATE UNIQUE INDEX CONCURRENTLY", "DROP INDEX accounts_key;\nCREATE INDEX");
    project.write("versions/ab1.sql", &mended);
    project.run("upgrade head").exits(0).says("going on behind statement 1").stdout.clear();
    assert_eq!(database.sql("SELECT DISTINCT balance FROM accounts").trim(), "100");
}

/// A savepoint makes good what failed inside of it, and must not take the rest along to the COMMIT.
#[test]
fn what_failed_is_not_healed_by_a_savepoint() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let sql = "CREATE TABLE t (a integer);\nSAVEPOINT s;\nINSERT INTO nosuch VALUES (1);\n\
               ROLLBACK TO SAVEPOINT s;\nCREATE TABLE u (a integer);";
    project.revision("a1", "none", sql, "");
    let _ = project.run("upgrade head").exits(1).says("relation \"nosuch\" does not exist");
    let left = "SELECT count(*) FROM pg_tables WHERE tablename IN ('t', 'u')";
    assert_eq!(database.sql(left), "0\n");
    assert_eq!(project.run("current").ok(), "");
    let good = "CREATE TABLE t (a integer);\nSAVEPOINT s;\nINSERT INTO t VALUES (1);\nROLLBACK TO SAVEPOINT s;";
    project.revision("a1", "none", good, "DROP TABLE t;");
    project.run("upgrade head").ok();
    assert_eq!(database.sql("SELECT count(*) FROM t"), "0\n");
}

/// What a revision sets for its session changes neither where the rows are nor the next revision.
#[test]
fn settings_of_a_revision_end_with_it() {
    let database = server().database();
    database.sql(
        "CREATE SCHEMA tenant; CREATE TABLE tenant.aludel_version (version_num varchar(32) PRIMARY KEY); \
         INSERT INTO tenant.aludel_version VALUES ('a1')",
    );
    let project = TestProject::new(PROGRAM, &database.url());
    project.revision("a1", "none", "CREATE TABLE one (a integer);", "DROP TABLE one;");
    let dump = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.two (a integer);";
    project.revision("b1", "a1", dump, "DROP TABLE two;");
    let path =
        "SET search_path = tenant;\nSET client_encoding = 'UTF8';\nCREATE TABLE three (a integer);";
    project.revision("c1", "b1", path, "DROP TABLE tenant.three;");
    project.revision("d1", "c1", "CREATE TABLE four (\"é\" integer);", "DROP TABLE four;");
    let other = path.replace("UTF8", "LATIN1");
    project.revision("c1", "b1", &other, "DROP TABLE tenant.three;");
    let _ = project.run("upgrade head").exits(1).says("the server would read it as LATIN1");
    project.revision("c1", "b1", path, "DROP TABLE tenant.three;");
    project.run("upgrade head").ok();
    assert_eq!(project.run("current").ok(), "d1 (head)\n");
    assert_eq!(database.sql("SELECT version_num FROM tenant.aludel_version"), "a1\n");
    let tables = "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE tablename IN ('one', 'two', 'three', 'four')";
    assert_eq!(database.sql(tables), "public.four public.one tenant.three public.two\n");
    assert_eq!(database.sql("SELECT count(*) FROM four WHERE \"é\" IS NULL"), "0\n");
    assert_eq!(database.sql("SELECT count(*) FROM aludel_version_log"), "4\n");
    project.run("downgrade base").ok();
}

/// On SQLite runners take turns also in the middle of a revision.
#[test]
fn a_revision_in_parts_is_run_by_one_of_two() {
    let project = crate::sqlite_project();
    let slow = "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT i FROM n)";
    project.revision("z1", "none", "CREATE TABLE z (a integer);", "DROP TABLE z;");
    project.run("upgrade head").ok();
    let sql = format!(
        "INSERT INTO z VALUES (1);\n-- aludel: no-transaction\nINSERT INTO z {slow};\nINSERT INTO z VALUES (2);"
    );
    project.revision("a1", "z1", &sql, "DELETE FROM z;");
    let runners: Vec<_> = (0..3).map(|_| project.spawn(&["upgrade", "head"])).collect();
    for runner in runners {
        let output = runner.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let rows = rusqlite::Connection::open(project.path().join("test.db")).unwrap();
    let count: i64 = rows.query_row("SELECT count(*) FROM z", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
    assert!(!project.path().join("test.db-aludel").exists());
    assert!(project.run("status").ok().ends_with("would run nothing\n"));
}

/// Whatever was odd before a revision is not the revision's damage.
#[test]
fn odd_triggers_and_keys_stop_nothing() {
    let project = crate::sqlite_project();
    let before = rusqlite::Connection::open(project.path().join("test.db")).unwrap();
    before
        .execute_batch("CREATE TABLE p (a integer); CREATE TABLE c (a REFERENCES p (a));")
        .unwrap();
    let sql = "CREATE TABLE t (id integer PRIMARY KEY, g integer AS (id * 2), a integer);\n\
               CREATE TABLE w (k text PRIMARY KEY, a integer) WITHOUT ROWID;\n\
               CREATE VIEW v AS SELECT a FROM t;\n\
               CREATE TRIGGER v_insert INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (NEW.a); END;\n\
               CREATE TRIGGER w_update AFTER UPDATE OF a ON w BEGIN DELETE FROM t; END;\n\
               CREATE TRIGGER t_update AFTER UPDATE ON t BEGIN DELETE FROM w; END;\n\
               INSERT INTO v VALUES (1);";
    project.revision("a1", "none", sql, "");
    project.run("upgrade head").ok();
    project.revision("b1", "a1", "INSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1);", "");
    project.run("upgrade head").ok();
    project.revision("c1", "b1", "CREATE UNIQUE INDEX pa ON p (a);\nINSERT INTO v VALUES (2);", "");
    project.run("upgrade head").ok();
    project.revision("d1", "c1", "INSERT INTO c VALUES (7);", "");
    let _ = project.run("upgrade head").exits(1).says("refers to a row of p that is not there");
    project.revision(
        "d1",
        "c1",
        "ALTER TABLE w RENAME TO ww;\nDROP TABLE ww;\nINSERT INTO p VALUES (2);",
        "",
    );
    let _ = project.run("upgrade head").exits(1).says("trigger t_update");
}
