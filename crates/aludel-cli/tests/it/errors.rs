//! What bad input gets: what, where, and what to do; the right exit code; nothing changed.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

const GOOD: &str = "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n    pub name: String,\n}\n";

/// A model that can't be read: what is said, and where.
#[test]
fn bad_models_are_shown_with_their_line() {
    let with = |field: &str| {
        format!(
            "#[derive(Table)]\npub struct Item {{\n    #[column(primary_key)]\n    pub id: i64,\n{field}\n}}\n"
        )
    };
    let cases: &[(String, &[&str])] = &[
        (
            with("    pub place: Place,"),
            &["unknown type Place", "models/models.rs:5:16", "pub place: Place", "type = \"…\""],
        ),
        (
            with("    pub a: Option<String,\n    pub b: i32,"),
            &["a `<` in the type of the field a is not closed", "models.rs:5:18", "missing `>`"],
        ),
        (
            with("    pub a: Option<std::string::String>>,"),
            &["a `>` in the type of the field a closes nothing", "models.rs:5:39"],
        ),
        (
            with("    a: HashMap<String, Vec<u8>,\n    b: i32,"),
            &["a `<` in the type of the field a is not closed", "models.rs:5:15"],
        ),
        (with("    pub a: Vec<Option<i32>"), &["is not closed", "models.rs:5:15"]),
        (with("    pub big: u64,"), &["no SQL type that holds all its values", "models.rs:5:14"]),
        (
            with("    #[column(indx)]\n    pub a: i32,"),
            &["unknown attribute `indx`", "models.rs:5:14", "did you mean `index`?"],
        ),
        (
            with("    #[column(references = \"items.idd\")]\n    pub a: i64,"),
            &["items.idd, which does not exist", "models.rs:5:14"],
        ),
        (
            with("    #[column(default = \"nonsense(\")]\n    pub a: String,"),
            &["`nonsense(` is not whole", "a `(` is not closed", "models.rs:5:14"],
        ),
        (
            with("    #[column(check = \"a > 0); DROP TABLE b; --\")]\n    pub a: i32,"),
            &["is not whole", "a `)` has no `(`"],
        ),
        (
            with("    #[column(references = \"itms.id\")]\n    pub a: i64,"),
            &["no model has that name", "did you mean `items`?"],
        ),
        (
            with("    pub a: i32,").replace("pub struct", "#[table(index(b))]\npub struct"),
            &["names column b", "models.rs:2:9"],
        ),
        (
            with("    pub a: i32,").replace("pub struct", "#[table(unique(idd))]\npub struct"),
            &["names column idd", "did you mean `id`?"],
        ),
        (
            format!(
                "{GOOD}\n#[derive(Table)]\n#[table(name = \"items\")]\npub struct Thing {{\n    pub id: i64,\n}}\n"
            ),
            &["two models are table items", "models.rs:10:12"],
        ),
        (with("    pub a: i32").replace("i32\n}", "i32\n"), &["models.rs:"]),
        (
            with("    #[column(default = \"1\", identity)]\n    pub a: i64,"),
            &["more than one of default, generated, identity"],
        ),
        (
            with("    #[column(on_delete = \"cascade\")]\n    pub a: i64,"),
            &["`on_delete` without `references`"],
        ),
        (
            with(
                "    #[column(references = \"items.id\", on_delete = \"casade\")]\n    pub a: i64,",
            ),
            &["`casade` is no action"],
        ),
        (
            with("    #[column(index(using = \"gin\"))]\n    pub a: i64,"),
            &["SQLite has no index method gin", "sqlite(skip)"],
        ),
        (
            with("    #[column(type = \"vector(3)\")]\n    pub a: Vec<f32>,"),
            &["SQLite has no type like vector(3)", "sqlite(type = \"BLOB\")"],
        ),
        (
            with("    pub status: Status,") + "pub enum Status { A }\n",
            &["unknown type Status", "derive(aludel::Enum)"],
        ),
    ];
    for (source, words) in cases {
        let project = sqlite_project();
        project.models(source);
        let outcome = project.run("revision --autogenerate -m x").exits(1);
        for word in *words {
            assert!(
                outcome.stderr.contains(word),
                "expected {word:?} for\n{source}\n{}",
                outcome.stderr
            );
        }
        assert!(
            project.revisions().is_empty() && !project.path().join("test.db").exists(),
            "{source}"
        );
    }
}

/// A link that leads nowhere may stand for models whose tables would be dropped.
#[cfg(unix)]
#[test]
fn models_and_folders_that_cant_be_read_are_named() {
    use std::os::unix::fs::symlink;

    let project = sqlite_project();
    project.models(GOOD);
    project.migrate("items");
    let models = project.path().join("models");
    for (target, name) in [("gone.rs", "other.rs"), ("gone", "more"), ("loop", "loop")] {
        symlink(target, models.join(name)).unwrap();
        for command in ["check", "diff", "revision --autogenerate -m gone"] {
            let outcome = project.run(command).exits(1);
            assert!(
                outcome.stderr.contains(&format!("can't read models/{name}")),
                "{command}\n{}",
                outcome.stderr
            );
        }
        std::fs::remove_file(models.join(name)).unwrap();
    }
    // Emacs marks a file that is being edited in this way.
    symlink("user@host.1:2", models.join(".#models.rs")).unwrap();
    project.run("check").ok();
    // A file that is no text is named too.
    project.write("models/other.rs", "");
    std::fs::write(models.join("other.rs"), [0xff, 0xfe]).unwrap();
    let _ = project.run("check").exits(1).says("can't read models/other.rs");
    assert_eq!(project.revisions().len(), 1);
}

/// A moved file or a misspelt folder is no reason to drop the tables that it had.
#[test]
fn patterns_that_lead_nowhere_are_named() {
    let project = sqlite_project();
    project.models(GOOD);
    project.migrate("items");
    let config = project.read("aludel.toml");
    for (patterns, words) in [
        ("[\"models/**/*.rs\", \"models/moved.rs\"]", "can't read models/moved.rs"),
        ("[\"modles/**/*.rs\", \"models/*.rs\"]", "can't read modles"),
    ] {
        let start = config.find("models = ").unwrap();
        let end = start + config[start..].find('\n').unwrap();
        let text = format!("{}models = {patterns}{}", &config[..start], &config[end..]);
        project.write("aludel.toml", &text);
        let _ = project.run("check").exits(1).says(words);
    }
}

#[test]
fn no_model_at_all_refuses_to_drop_everything() {
    let project = sqlite_project();
    project.models(GOOD);
    project.migrate("items");
    project.write("models/models.rs", "// moved\n");
    refuses_to_drop_everything(&project);
    project.write("objects/views.sql", "CREATE VIEW v AS SELECT 1 AS a;\n");
    refuses_to_drop_everything(&project);
}

fn refuses_to_drop_everything(project: &TestProject) {
    for command in ["check", "diff", "revision --autogenerate -m gone"] {
        project
            .run(command)
            .exits(1)
            .says("no model found")
            .says("models/**/*.rs")
            .says("drop every table")
            .stdout
            .clear();
    }
    assert_eq!(project.revisions().len(), 1);
}

/// Revision files and graphs that can't be read.
#[test]
fn bad_revisions_are_shown_with_their_line() {
    let file = |id: &str, down: &str| {
        format!(
            "-- m\n-- revision: {id}\n-- down_revision: {down}\n\n-- aludel: upgrade\n-- aludel: downgrade\n"
        )
    };
    let cases: &[(&[(&str, String)], &[&str])] = &[
        (
            &[(
                "a.sql",
                "-- m\n-- revision: a1\n-- down_revision: none\n-- aludel: upgrade\n".to_owned(),
            )],
            &["no `-- aludel: downgrade` section", "versions/a.sql:4"],
        ),
        (
            &[("a.sql", "-- m\n-- revision: a1\n-- down_revison: none\n".to_owned())],
            &["unknown header key `down_revison`", "versions/a.sql:3"],
        ),
        (
            &[("a.sql", file("a1", "none")), ("b.sql", file("a1", "none"))],
            &["Revision a1 is present more than once", "a.sql", "b.sql"],
        ),
        (
            &[("a.sql", file("a1", "zz"))],
            &["Revision zz referenced from a1 (down_revision, versions/a.sql) is not present"],
        ),
        (
            &[("a.sql", file("a1", "b2")), ("b.sql", file("b2", "a1"))],
            &["Cycle is detected in revisions (a1, b2)", "a1 -> b2 -> a1"],
        ),
        (
            &[("a.sql", file("a1", "none").replace("upgrade", "upgarde"))],
            &["`upgarde` is no section"],
        ),
        (
            &[("a.sql", file("a1", "none").replace("upgrade\n", "upgrade\nBEGIN;\nSELECT 1;\n"))],
            &["`BEGIN`", "versions/a.sql:6", "no-transaction"],
        ),
    ];
    for (files, words) in cases {
        let project = sqlite_project();
        for (name, text) in *files {
            project.write(&format!("versions/{name}"), text);
        }
        let outcome = project.run("upgrade head").exits(1);
        for word in *words {
            assert!(outcome.stderr.contains(word), "expected {word:?}\n{}", outcome.stderr);
        }
    }
}

/// Identifiers that lead nowhere.
#[test]
fn bad_identifiers_are_explained() {
    let project = sqlite_project();
    project.models(GOOD);
    project.run("revision --autogenerate -m one --rev-id ab1").ok();
    project.run("upgrade head").ok();
    project.run("revision -m two --rev-id ab2").ok();
    let cases: &[(&[&str], i32, &[&str])] = &[
        (&["upgrade", "zz"], 1, &["Can't locate revision identified by 'zz'", "aludel history"]),
        (&["upgrade", "ab"], 1, &["2 begin with it: ab1, ab2", "write more of the id"]),
        (
            &["upgrade", "+9"],
            1,
            &[
                "Relative revision +9 didn't produce 9 migrations",
                "there are fewer than 9 revisions above where",
            ],
        ),
        (
            &["downgrade", "-9"],
            1,
            &[
                "Relative revision -9 didn't produce 9 migrations",
                "there are fewer than 9 revisions below where",
            ],
        ),
        (
            &["downgrade", "base", "--sql"],
            2,
            &["no script can be printed for `base`", "`aludel downgrade ae10:base --sql`"],
        ),
        (&["downgrade", "ab2"], 1, &["not a valid downgrade target", "current: ab1"]),
        (&["upgrade", ""], 2, &["it is empty"]),
        (&["upgrade", "a:b"], 2, &["Range revision not allowed", "--sql"]),
        (&["upgrade", "'; DROP TABLE items; --"], 2, &["no revision identifier"]),
        (&["show", "zz"], 1, &["Can't locate revision"]),
        (&["stamp", "zz"], 1, &["Can't locate revision"]),
        (&["history", "-r", "zz"], 2, &["History range requires"]),
        (&["upgrade"], 2, &["required"]),
        (&["revision", "-m", "x", "--rev-id", "a b"], 1, &["no revision id"]),
        (&["revision", "-m", "x", "--rev-id", "ab1"], 1, &["exists already"]),
        (
            &["revision", "--autogenerate", "-m", "x"],
            1,
            &[
                "Target database is not up to date.",
                "current:  ab1",
                "head:     ab2",
                "aludel upgrade head",
            ],
        ),
    ];
    for (arguments, code, words) in cases {
        let outcome = project.run_words(arguments);
        assert_eq!(outcome.code, *code, "{arguments:?}\n{}", outcome.stderr);
        for word in *words {
            assert!(
                outcome.stderr.contains(word),
                "{arguments:?}: expected {word:?}\n{}",
                outcome.stderr
            );
        }
    }
    assert_eq!(project.run("current").ok().trim(), "ab1");
}

#[test]
fn an_unreachable_database_is_explained_without_its_password() {
    let good = server().database();
    let guarded = |password: &str| good.url().replace("postgres@", &format!("guarded:{password}@"));
    let gone = "postgresql://u:hunter2@127.0.0.1:1/db".to_owned();
    let cases = [
        (
            format!("{gone}?sslmode=verify-full&sslrootcert=/nowhere.crt"),
            "can't read sslrootcert /nowhere.crt",
            "what each sslmode asks of a server",
        ),
        (gone, "Connection refused", "is the server running"),
        (guarded("hunter2"), "password authentication failed", "user, password or permission"),
        (guarded("right").replace(&good.name, "no_such_db"), "does not exist", "createdb"),
        (
            "mysql://u:hunter2@h/db".to_owned(),
            "`mysql` is no database that Aludel knows",
            "postgresql://",
        ),
        (
            "postgresql://u:hunter2@h/db?sslmode=on".to_owned(),
            "`sslmode=on` is not supported; write `disable`",
            "postgresql://",
        ),
        ("sqlite:models".to_owned(), "can't connect to sqlite:", "is the path right"),
    ];
    for (url, what, help) in cases {
        let project = TestProject::new(PROGRAM, &url);
        project.models(GOOD);
        project.run("revision -m one --rev-id ab1").ok();
        // A URL that can't be read is a wrong setting.
        let code = if help.starts_with("postgresql://") { 2 } else { 1 };
        for command in ["upgrade head", "current", "check"] {
            let outcome = project.run(command).exits(code);
            for word in [what, help] {
                assert!(
                    outcome.stderr.contains(word),
                    "{command}: expected {word:?}\n{}",
                    outcome.stderr
                );
            }
            assert!(!outcome.stderr.contains("hunter2") && !outcome.stdout.contains("hunter2"));
        }
    }
}

#[test]
fn no_permission_is_explained() {
    let database = server().database();
    let url = database.url().replace("postgres@", "guarded:right@");
    let project = TestProject::new(PROGRAM, &url);
    project.models(GOOD);
    project.run("revision -m one --rev-id ab1").ok();
    project.run("upgrade head").exits(1).says("permission denied").says("42501").stdout.clear();
}

/// SQL that fails in the middle: the statement, its line, the server's words; all rolled back.
#[test]
fn a_failing_statement_is_shown_and_rolled_back() {
    let sql = "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE one (id integer);\n\
               INSERT INTO one VALUES (1);\nINSERT INTO\n    two\nVALUES (1);\n-- aludel: downgrade\n";
    let database = server().database();
    for (url, what) in [
        (database.url(), "relation \"two\" does not exist"),
        ("sqlite:test.db".to_owned(), "no such table: two"),
    ] {
        let project = TestProject::new(PROGRAM, &url);
        project.write("versions/ab1.sql", sql);
        let outcome = project.run("upgrade head").exits(1);
        for word in
            ["revision ab1 failed to upgrade", what, "versions/ab1.sql:", "rolled back", "help:"]
        {
            assert!(outcome.stderr.contains(word), "expected {word:?}\n{}", outcome.stderr);
        }
        assert_eq!(project.run("current").exits(0).stdout, "");
        project.write("versions/ab1.sql", &sql.replace("two", "one"));
        project.run("upgrade head").ok();
    }
}

#[test]
fn a_database_ahead_of_the_code_can_be_looked_at_and_mended() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        project.models(GOOD);
        project.run("revision --autogenerate -m one --rev-id ab1").ok();
        project.run("revision -m two --rev-id ab2 --head ab1").ok();
        project.run("upgrade head").ok();
        let name = project.revisions().into_iter().find(|name| name.starts_with("ab2")).unwrap();
        std::fs::remove_file(project.path().join("versions").join(name)).unwrap();
        assert!(project.run("current").ok().contains("ab2 (unknown"));
        project.run("history -i").ok();
        project.run("heads").ok();
        for command in ["upgrade head", "downgrade base", "check", "stamp head"] {
            project
                .run(command)
                .exits(1)
                .says("Can't locate revision identified by 'ab2'")
                .says("stamp --purge")
                .stdout
                .clear();
        }
        // A bad target leaves the version table alone.
        project.run("stamp --purge zz").exits(1).says("Can't locate").stdout.clear();
        assert!(project.run("current").ok().contains("ab2"));
        project.run("stamp --purge head").ok();
        project.run("check").ok();
    }
}

#[test]
fn configuration_mistakes_have_their_place() {
    let project = sqlite_project();
    project.write("aludel.toml", "models = []\nrevison = \"x\"\n");
    project
        .run("heads")
        .exits(2)
        .says("unknown field `revison`")
        .says("aludel.toml:2")
        .stdout
        .clear();
    std::fs::remove_file(project.path().join("aludel.toml")).unwrap();
    project
        .run("heads")
        .exits(2)
        .says("there is no aludel.toml")
        .says("aludel init")
        .stdout
        .clear();
    project.run("-C nowhere heads").exits(2).says("no such folder").stdout.clear();
    project.run("init").ok();
    project.run("heads").ok();
    project.run("init").exits(1).says("is there already").stdout.clear();
}

/// Ctrl-C while a statement runs: cancelled, rolled back, said so.
#[test]
fn an_interrupt_cancels_and_rolls_back() {
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let database = server().database();
    for (url, slow) in
        [(database.url(), "SELECT pg_sleep(60)"), ("sqlite:test.db".to_owned(), endless)]
    {
        let project = TestProject::new(PROGRAM, &url);
        let sql = format!(
            "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE one (id integer);\n{slow};\n-- aludel: downgrade\n"
        );
        project.write("versions/ab1.sql", &sql);
        let child = project.spawn(&["upgrade", "head"]);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let pid = child.id().to_string();
        assert!(
            std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success()
        );
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("interrupted: cancelling") && said.contains("rolled back"), "{said}");
        assert_eq!(project.run("current").exits(0).stdout, "");
    }
}

#[test]
fn a_broken_configuration_hides_its_passwords() {
    let project = sqlite_project();
    project.write("aludel.toml", "[database]\nurll = \"postgresql://u:hunter2@h/db\"\n");
    let outcome = project.run("heads").exits(2).says("urll").says("u:*");
    assert!(!outcome.stderr.contains("hunter2"));
}

#[test]
fn a_database_in_a_folder_that_is_not_there_is_not_empty() {
    let project = TestProject::new(PROGRAM, "sqlite:no/such/folder/x.db");
    project.models(GOOD);
    for command in ["status", "current", "check", "upgrade head", "downgrade base", "history -i"] {
        if command == "upgrade head" {
            project.run("revision -m one --rev-id ab1").ok();
        }
        let _ = project.run(command).exits(1).says("can't connect to sqlite:");
    }
}

#[test]
fn errors_in_json_have_codes_and_places() {
    let project = sqlite_project();
    let error = |arguments: &str, code: i32| -> serde_json::Value {
        let outcome = project.run(&format!("{arguments} --json")).exits(code);
        let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        answer["errors"][0].clone()
    };
    project.models(
        "use aludel::Table;\n\n#[derive(Table)]\npub struct Item {\n    pub id: Nonsense,\n}\n",
    );
    let models = error("check", 1);
    assert_eq!((&models["code"], &models["line"]), (&"bad-models".into(), &5.into()), "{models}");
    assert_eq!(models["file"], "models/models.rs");
    project.revision("a1", "none", "CREATE TABLE t (x);\n  INSERT INTO nowhere VALUES (1);", "");
    let failed = error("upgrade head", 1);
    assert_eq!(failed["code"], "statement-failed");
    assert_eq!((&failed["revision"], &failed["line"]), (&"a1".into(), &8.into()), "{failed}");
    assert_eq!(failed["sql"], "INSERT INTO nowhere VALUES (1)");
    assert!(failed["help"].as_str().unwrap().contains("mend the revision"), "{failed}");
    assert_eq!(error("show nowhere", 1)["code"], "unknown-revision");
    assert_eq!(error("upgrade a1:b1", 2)["code"], "range-not-allowed");
}

#[test]
fn the_caret_stands_where_the_server_says() {
    let place = server().database();
    let project = TestProject::new(PROGRAM, &place.url());
    project.revision("a1", "none", "SELECT 1;  SELECT 'é',\n    nope;\n\tSELECT nope2;", "");
    project.run("upgrade head").exits(1).says("a1.sql:8:5").stdout.clear();
    project.revision("a1", "none", "SELECT 1;  SELECT 'é', nope;", "");
    project.run("upgrade head").exits(1).says("a1.sql:7:24").stdout.clear();
}
