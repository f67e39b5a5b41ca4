//! SQL in models that the database refuses is found by `check` and `revision`, with the line of the
//! model, also where the table, the column or the index is new.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

/// An attribute and a field in line 5 and 6 of the model, and what is said.
struct Case {
    attribute: &'static str,
    field: &'static str,
    says: &'static [&'static str],
}

const FOR_BOTH: &[Case] = &[
    Case {
        attribute: "#[column(check = \"extra > nonsense\")]",
        field: "pub extra: i32",
        says: &["nonsense", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(default = \"1 +\")]",
        field: "pub extra: i32",
        says: &["the default of items.extra", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(generated = \"id + nonsense\")]",
        field: "pub extra: i64",
        says: &["nonsense", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(index(where = \"nonsense\"))]",
        field: "pub extra: i64",
        says: &["nonsense"],
    },
];

const FOR_POSTGRES: &[Case] = &[
    Case {
        attribute: "#[column(check = \"extra <> ''\", type = \"varchr(3)\")]",
        field: "pub extra: String",
        says: &["the type of items.extra", "type \"varchr\" does not exist", "models.rs:5:37"],
    },
    Case {
        attribute: "#[column(check = \"extra <> ''\", collate = \"nonsense\")]",
        field: "pub extra: String",
        says: &["the type of items.extra", "collation \"nonsense\""],
    },
    Case {
        attribute: "#[column(default = \"true\")]",
        field: "pub extra: i64",
        says: &["column \"extra\" is of type bigint", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(default = \"'many'\")]",
        field: "pub extra: i32",
        says: &["invalid input syntax for type integer: \"many\"", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(default = \"nonsense()\")]",
        field: "pub extra: i32",
        says: &["function nonsense() does not exist", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(type = \"nonsense\")]",
        field: "pub extra: String",
        says: &["type \"nonsense\" does not exist", "the type of items.extra", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(type = \"numeric(2000, 3)\")]",
        field: "pub extra: String",
        says: &["NUMERIC precision 2000", "models.rs:5:14"],
    },
    Case {
        attribute: "#[column(index(opclass = \"nonsense_ops\"))]",
        field: "pub extra: String",
        says: &["nonsense_ops"],
    },
    Case {
        attribute: "#[column(index(\"lower(extar)\"))]",
        field: "pub extra: String",
        says: &["column \"extar\" does not exist"],
    },
    Case {
        attribute: "#[column(type = \"json\", index)]",
        field: "pub extra: String",
        says: &["no default operator class"],
    },
];

fn holds(project: &TestProject, cases: &[&Case]) {
    let head =
        "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n";
    let whole = |rest: &str| format!("{head}{rest}}}\n");
    for is_there in [false, true] {
        if is_there {
            project.models(&whole(""));
            project.migrate("items");
        }
        let before = project.revisions();
        for case in cases {
            project.models(&whole(&format!("    {}\n    {},\n", case.attribute, case.field)));
            for command in ["check", "revision --autogenerate -m extra"] {
                let outcome = project.run(command).exits(1);
                for words in case.says {
                    let stderr = &outcome.stderr;
                    assert!(
                        stderr.contains(words),
                        "{command}, {words:?}: {}\n{stderr}",
                        case.attribute
                    );
                }
            }
        }
        assert_eq!(project.revisions(), before);
    }
}

#[test]
fn postgresql_is_asked_about_what_is_new() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let cases: Vec<&Case> = FOR_BOTH.iter().chain(FOR_POSTGRES).collect();
    holds(&project, &cases);
}

#[test]
fn sqlite_is_asked_about_what_is_new() {
    let of_the_application = Case {
        attribute: "#[column(default = \"foo()\", check = \"nonsense(extra) > 0\")]",
        field: "pub extra: i64",
        says: &["constraint items_extra_check", "no such function: nonsense", "models.rs:5:33"],
    };
    let cases: Vec<&Case> = FOR_BOTH.iter().chain([&of_the_application]).collect();
    holds(&sqlite_project(), &cases);
}

#[test]
fn a_default_that_sqlite_takes_in_parentheses_is_none_that_it_refuses() {
    let project = sqlite_project();
    let head = "#[derive(Table)]
#[table(check(\"items.id > 0\"))]
pub struct Item {
    #[column(primary_key)]
    pub id: i64,
";
    let field = |number: usize, default: &str| {
        format!("    #[column(default = \"{default}\")]\n    pub a{number}: String,\n")
    };
    let defaults = [
        "random()",
        "(random())",
        "lower(hex(randomblob(4)))",
        "1 + 1",
        "CURRENT_TIMESTAMP",
        "-1",
        "'a'",
    ];
    let fields: String =
        defaults.iter().enumerate().map(|(at, default)| field(at, default)).collect();
    project.models(&format!("{head}{fields}}}\n"));
    project.migrate("items");
    project.models(&format!("{head}{fields}{}}}\n", field(9, "nonsense")));
    let _ = project.run("check").exits(1).says("the default of items.a9");
}

/// A checkout may end its lines by CR and LF.
#[test]
fn line_ends_are_no_difference() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let config = project.read("aludel.toml");
    let config = config.replace("models = ", "objects = [\"objects/*.sql\"]\nmodels = ");
    project.write("aludel.toml", &config);
    let objects =
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\n";
    let models = "#[derive(Table)]\npub struct Item {\n    #[column(default = \"'a\nb'\")]\n    pub text: String,\n}\n";
    let in_both = |text: &str| [text.to_owned(), text.replace('\n', "\r\n")];
    project.write("objects/app.sql", objects);
    project.models(models);
    let file = format!("versions/{}", project.migrate("lines"));
    for text in in_both(&project.read(&file)) {
        project.run("downgrade base --yes").ok();
        project.write(&file, &text);
        project.run("upgrade head").ok();
        for (objects, models) in in_both(objects).iter().zip(in_both(models)) {
            project.write("objects/app.sql", objects);
            project.models(&models);
            project.run("check --strict").ok();
        }
    }
}

/// The place in an object file is the character that the server names.
#[test]
fn a_statement_is_refused_where_the_server_says() {
    let cases = [
        ("-- the view\nCREATE VIEW v AS\nSELECT id,\n    nonsense\nFROM items;\n", "app.sql:4:5"),
        ("CREATE VIEW v AS SELECT 1 AS ä, nonsense FROM items", "app.sql:1:33"),
        (
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1\n  FROM nonsense\n$$;\n",
            "app.sql:3:8",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n\
             CREATE TRIGGER t BEFORE INSERT ON items\n  FOR EACH ROW WHEN (NEW.nonsense) EXECUTE FUNCTION f();",
            "app.sql:3:22",
        ),
    ];
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let config = project.read("aludel.toml");
    let config = config.replace("models = ", "objects = [\"objects/*.sql\"]\nmodels = ");
    project.write("aludel.toml", &config);
    project.models("#[derive(Table)]\npub struct Item {\n    pub id: i64,\n}\n");
    for (text, place) in cases {
        project.write("objects/app.sql", text);
        let outcome = project.run("check").exits(1);
        assert!(outcome.stderr.contains(&format!("{place}\n")), "{place}: {}", outcome.stderr);
    }
}

/// A new text may rest on objects that are new as well.
#[test]
fn new_texts_may_rest_on_what_is_new() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.write("objects/app.sql", OBJECTS);
    let config = project
        .read("aludel.toml")
        .replace("models = ", "objects = [\"objects/*.sql\"]\nmodels = ");
    project.write("aludel.toml", &config);
    project.models(MODELS);
    project.migrate("everything");
    project.run("check --strict").ok();
    project.run("downgrade base --yes").ok();
}

const OBJECTS: &str = "
CREATE DOMAIN app.short AS text CHECK (length(VALUE) < 10);
CREATE TYPE app.pair AS (a int, b int);
CREATE FUNCTION app.initial() RETURNS int LANGUAGE sql STABLE AS 'SELECT count(*)::int FROM app.items';
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TEXT SEARCH CONFIGURATION app.words (COPY = english);
CREATE COLLATION app.numbers (provider = libc, locale = 'C');
";

const MODELS: &str = r#"
#[derive(Enum)]
#[enum_type(schema = "app")]
pub enum Colour { Red, Green }

#[derive(Table)]
#[table(schema = "app", check("items.amount > 0"))]
pub struct Item {
    #[column(primary_key)]
    pub id: i64,
    #[column(default = "app.initial()")]
    pub first: i32,
    #[column(default = "twice(2)", check = "twice(amount) > 3")]
    pub amount: i32,
    #[column(type = "app.short", default = "'x'")]
    pub title: String,
    #[column(type = "app.pair", default = "ROW(1, 2)")]
    pub pair: Option<String>,
    #[column(default = "'red'")]
    pub colour: Colour,
    #[column(collate = "app.numbers", index)]
    pub number: String,
    #[column(type = "tsvector", generated = "to_tsvector('app.words'::regconfig, number)", index(using = "gin"))]
    pub search: Option<String>,
}
"#;
