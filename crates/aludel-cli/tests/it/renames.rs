//! Renames by hints in the models and by `--rename`: values and counters move along, both ways.

use aludel_testkit::{TestProject, dump, server, sqlite_schema, sqlite3};

use crate::PROGRAM;

/// Models before and after, rows for the first, the renames of the command line, and queries with
/// their answers after the second.
struct Case {
    what: &'static str,
    before: &'static str,
    rows: &'static str,
    after: &'static str,
    renames: &'static [&'static str],
    ask: &'static [(&'static str, &'static str)],
}

const ON_BOTH: &[Case] = &[
    Case {
        what: "a chain of columns",
        before: "table T { a: i32, b: i32 }",
        rows: "INSERT INTO ts VALUES (1, 2, 3)",
        after: "table T { #[column(renamed_from = \"a\")] b: i32, #[column(renamed_from = \"b\")] c: i32 }",
        renames: &[],
        ask: &[("SELECT b, c FROM ts", "2|3")],
    },
    Case {
        what: "two columns of different types change places",
        before: "table T { #[column(index)] a: i32, b: i64, #[column(check = \"c > a\")] c: i32 }",
        rows: "INSERT INTO ts VALUES (1, 2, 3, 4)",
        after: "table T { #[column(index)] a: i64, b: i32, #[column(check = \"c > b\")] c: i32 }",
        renames: &["ts.a=b", "ts.b=a"],
        ask: &[("SELECT a, b FROM ts", "3|2")],
    },
    Case {
        what: "three columns go round",
        before: "table T { a: i32, b: i32, c: i32 }",
        rows: "INSERT INTO ts VALUES (1, 2, 3, 4)",
        after: "table T { a: i32, b: i32, c: i32 }",
        renames: &["ts.a=b", "ts.b=c", "column:ts.c=a"],
        ask: &[("SELECT a, b, c FROM ts", "4|2|3")],
    },
    Case {
        what: "two tables change places, one of which refers to the other",
        before: "table A { x: i32 }\ntable B { y: i64, #[column(references = \"as.id\")] a: i32 }",
        rows: "INSERT INTO \"as\" VALUES (1, 2); INSERT INTO bs VALUES (1, 3, 1)",
        after: "table B { x: i32 }\ntable A { y: i64, #[column(references = \"bs.id\")] a: i32 }",
        renames: &["as=bs", "table:bs=as"],
        ask: &[("SELECT x FROM bs", "2"), ("SELECT y, a FROM \"as\"", "3|1")],
    },
    Case {
        what: "a column of a table that is renamed too",
        before: "table A { x: i32 }",
        rows: "INSERT INTO \"as\" VALUES (1, 2)",
        after: "table B { y: i32 }",
        renames: &["as=bs", "as.x=y"],
        ask: &[("SELECT y FROM bs", "2")],
    },
];

const ON_POSTGRES: &[Case] = &[
    Case {
        what: "tables with serial keys change places, and their counters with them",
        before: "table A { #[column(serial)] n: i32 }\ntable B { #[column(serial)] n: i32 }",
        rows: "INSERT INTO \"as\" VALUES (1), (2); INSERT INTO bs VALUES (1)",
        after: "table A { #[column(serial)] n: i32 }\ntable B { #[column(serial)] n: i32 }",
        renames: &["as=bs", "bs=as"],
        ask: &[
            ("SELECT nextval(pg_get_serial_sequence('bs', 'n'))", "3"),
            ("SELECT nextval(pg_get_serial_sequence('as', 'n'))", "2"),
        ],
    },
    Case {
        what: "a label, with a default, a check and an array of it",
        before: "enum Mood { Sad, Ok }\ntable T { #[column(default = \"'sad'\", check = \"m <> 'ok'\")] m: Mood, \
                 #[column(default = \"'{sad}'\")] l: Vec<Mood> }",
        rows: "INSERT INTO ts VALUES (1)",
        after: "enum Mood { #[label(renamed_from = \"sad\")] Blue, Ok, New }\n\
                table T { #[column(default = \"'blue'\", check = \"m <> 'ok'\")] m: Mood, \
                 #[column(default = \"'{blue}'\")] l: Vec<Mood> }",
        renames: &[],
        ask: &[("SELECT m, l FROM ts", "blue|{blue}")],
    },
    Case {
        what: "two labels change places",
        before: "enum Mood { Sad, Ok }\ntable T { #[column(default = \"'sad'\")] m: Mood }",
        rows: "INSERT INTO ts VALUES (1)",
        after: "enum Mood { Ok, Sad }\ntable T { #[column(default = \"'ok'\")] m: Mood }",
        renames: &["label:mood.sad=ok", "mood.ok=sad"],
        ask: &[("SELECT m FROM ts", "ok")],
    },
    Case {
        what: "an enum type and a label of it",
        before: "enum Mood { Sad, Ok }\ntable T { #[column(default = \"'sad'\", index)] m: Mood }",
        rows: "INSERT INTO ts VALUES (1)",
        after: "#[derive(Enum)] #[enum_type(renamed_from = \"mood\")] pub enum Feeling { \
                #[label(renamed_from = \"sad\")] Blue, Ok }\n\
                table T { #[column(default = \"'blue'\", index)] m: Feeling }",
        renames: &[],
        ask: &[("SELECT m FROM ts", "blue")],
    },
    Case {
        what: "a sequence and the default that draws from it",
        before: "aludel::database! { sequence(name = \"a\") }\ntable T { #[column(default = \"nextval('a')\")] n: i64 }",
        rows: "INSERT INTO ts VALUES (1)",
        after: "aludel::database! { sequence(name = \"b\", renamed_from = \"a\") }\n\
                table T { #[column(default = \"nextval('b')\")] n: i64 }",
        renames: &[],
        ask: &[("SELECT nextval('b')", "2")],
    },
    Case {
        what: "identity becomes serial, and no deleted number is given again",
        before: "table T { #[column(identity)] n: i64 }",
        rows: "INSERT INTO ts (id) VALUES (1), (2), (3); DELETE FROM ts WHERE id > 1",
        after: "table T { #[column(serial)] n: i64 }",
        renames: &[],
        ask: &[("SELECT nextval(pg_get_serial_sequence('ts', 'n'))", "4")],
    },
    Case {
        what: "serial becomes identity in a table that is renamed",
        before: "table T { #[column(serial)] n: i64 }",
        rows: "INSERT INTO ts (id) VALUES (1), (2), (3); DELETE FROM ts WHERE id > 1",
        after: "table U { #[column(identity)] n: i64 }",
        renames: &["ts=us"],
        ask: &[("SELECT nextval(pg_get_serial_sequence('us', 'n'))", "4")],
    },
    Case {
        what: "a new table's derived names are those of another one",
        before: "#[derive(Table)] #[table(name = \"a_b\")] pub struct Ab { #[column(primary_key, serial, index)] c: i32 }",
        rows: "INSERT INTO a_b DEFAULT VALUES",
        after: "#[derive(Table)] #[table(name = \"a\")] pub struct A { #[column(primary_key)] id: i32, #[column(serial, index)] b_c: i32 }\n\
                #[derive(Table)] #[table(name = \"a_b\")] pub struct Ab { #[column(primary_key, serial, index)] c: i32 }",
        renames: &[],
        ask: &[("SELECT nextval(pg_get_serial_sequence('a_b', 'c'))", "2")],
    },
    Case {
        what: "the table goes whose sequence another one reads",
        before: "table A { #[column(serial)] n: i32 }\ntable B { #[column(default = \"nextval('as_n_seq')\")] x: i32 }",
        rows: "INSERT INTO bs VALUES (1)",
        after: "table B { #[column(default = 7)] x: i32 }",
        renames: &[],
        ask: &[("SELECT x FROM bs", "1")],
    },
];

/// `table T { … }` and `enum E { … }` as models.
fn models(short: &str) -> String {
    let lines = short.lines().map(|line| {
        let table = line.trim().strip_prefix("table ").and_then(|rest| rest.split_once(" {"));
        match (table, line.trim().strip_prefix("enum ")) {
            (Some((name, fields)), _) => format!(
                "#[derive(Table)] pub struct {name} {{ #[column(primary_key)] id: i32, {fields}"
            ),
            (None, Some(rest)) => format!("#[derive(Enum)] pub enum {rest}"),
            (None, None) => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes and applies the revision for the models after the renames; returns its text.
fn migrate(project: &TestProject, case: &Case) -> String {
    project.models(&models(case.after));
    let mut arguments = vec!["revision", "--autogenerate", "-m", "after"];
    case.renames.iter().for_each(|rename| arguments.extend(["--rename", rename]));
    let before = project.revisions();
    let written = project.run_words(&arguments);
    assert_eq!(written.code, 0, "{}: {}", case.what, written.stderr);
    let new = project.revisions().into_iter().find(|name| !before.contains(name)).unwrap();
    let text = project.read(&format!("versions/{new}"));
    runs(project, "upgrade head", case, &text);
    runs(project, "check", case, &text);
    text
}

#[track_caller]
fn runs(project: &TestProject, command: &str, case: &Case, text: &str) {
    let outcome = project.run(command);
    let said = format!("{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(outcome.code, 0, "{}: {command}: {said}\n{text}", case.what);
}

#[test]
fn postgres_keeps_values_and_counters() {
    for case in ON_BOTH.iter().chain(ON_POSTGRES) {
        let database = server().database();
        let project = TestProject::new(PROGRAM, &database.url());
        project.models(&models(case.before));
        project.migrate("before");
        database.sql(case.rows);
        let shape = dump(&database);
        let text = migrate(&project, case);
        for (query, answer) in case.ask {
            assert_eq!(database.sql(query).trim(), *answer, "{}: {query}\n{text}", case.what);
        }
        runs(&project, "downgrade -1", case, &text);
        assert_eq!(dump(&database), shape, "{}\n{text}", case.what);
        runs(&project, "upgrade head", case, &text);
    }
}

fn sqlite(file: &std::path::Path, sql: &str) -> String {
    let output = sqlite3().arg(file).arg(sql).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn sqlite_keeps_values() {
    for case in ON_BOTH {
        let project = crate::sqlite_project();
        project.models(&models(case.before));
        project.migrate("before");
        let file = project.path().join("test.db");
        let _ = sqlite(&file, case.rows);
        let shape = sqlite_schema(&file);
        let text = migrate(&project, case);
        for (query, answer) in case.ask {
            assert_eq!(sqlite(&file, query).trim(), *answer, "{}: {query}\n{text}", case.what);
        }
        runs(&project, "downgrade -1", case, &text);
        let names = |schema: std::collections::BTreeMap<String, String>| {
            schema.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(sqlite_schema(&file)), names(shape), "{}\n{text}", case.what);
        runs(&project, "upgrade head", case, &text);
    }
}

/// Names that change places look the same before and after, so that a lasting hint says nothing.
#[test]
fn what_nobody_can_know_is_refused() {
    for (before, after, renames, said) in [
        (
            "table T { a: i32, b: i32 }",
            "table T { #[column(renamed_from = \"b\")] a: i32, #[column(renamed_from = \"a\")] b: i32 }",
            &[][..],
            "--rename ts.b=a",
        ),
        ("table T { a: i32 }", "table T { b: i32 }", &["ts.x=b"], "there is no object ts.x"),
        ("table T { a: i32 }", "table T { b: i32 }", &["ts.a=c"], "the models have as c"),
        ("table T { a: i32 }", "table T { b: i32 }", &["a"], "write OLD=NEW"),
        ("table T { a: i32 }", "table T { b: i32 }", &["colum:ts.a=b"], "colum is no kind"),
        ("table T { a: i32 }", "table T { b: i32 }", &["trigger:ts.a=b"], "gets no other name"),
    ] {
        let project = crate::sqlite_project();
        project.models(&models(before));
        project.migrate("before");
        project.models(&models(after));
        let mut arguments = vec!["revision", "--autogenerate", "-m", "after"];
        renames.iter().for_each(|rename| arguments.extend(["--rename", rename]));
        project.run_words(&arguments).exits(1).says(said).stdout.clear();
        assert_eq!(project.revisions().len(), 1, "{after}");
    }
}

/// A plan that drops a column and creates one like it is no rename until a person says so.
#[test]
fn a_likely_rename_is_asked_for_in_a_terminal_and_told_elsewhere() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        let models = |field: &str| {
            let head = "#[derive(Table)]\npub struct User {\n    #[column(primary_key)]\n    pub id: i64,\n";
            project.models(&format!("{head}    pub {field}: String,\n}}\n"));
        };
        models("mail");
        project.migrate("users");
        let rows = "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');";
        match url.starts_with("sqlite:") {
            true => drop(sqlite(&project.path().join("test.db"), rows)),
            false => drop(database.sql(rows)),
        }
        models("email");
        let generate = "revision --autogenerate -m email --rev-id b2";
        let written = || {
            let name = project.revisions().into_iter().find(|name| name == "b2_email.sql");
            let name = name.map(|name| format!("versions/{name}"));
            let text = name.as_ref().map(|name| project.read(name)).unwrap_or_default();
            name.into_iter()
                .for_each(|name| std::fs::remove_file(project.path().join(name)).unwrap());
            text
        };
        let (code, told) = project.in_terminal(100, generate, "y\r");
        assert!(told.contains("Was column users.mail renamed to email?"), "{told}");
        assert!(
            told.contains("both are text NOT NULL") || told.contains("both are TEXT"),
            "{told}"
        );
        let text = written();
        assert!(
            code == 0 && text.contains("RENAME COLUMN mail TO email"),
            "{code}: {told}\n{text}"
        );

        let (code, told) = project.in_terminal(100, generate, "n\r");
        let text = written();
        assert!(code == 0 && text.contains("destructive"), "{code}: {told}\n{text}");
        assert!(told.contains("drops column users.mail and its values (3 rows)"), "{told}");

        let outcome = project.run(generate);
        assert!(outcome.stderr.contains("say so: --rename users.mail=email"), "{}", outcome.stderr);
        assert!(written().contains("destructive"));
        let json: serde_json::Value =
            serde_json::from_str(&project.run(&format!("{generate} --json")).ok()).unwrap();
        assert_eq!(json["likely_renames"][0]["rename"], "users.mail=email");
        let _ = written();
        project.run(&format!("{generate} --rename users.mail=email")).ok();
        assert!(written().contains("RENAME COLUMN mail TO email"));
    }
}
