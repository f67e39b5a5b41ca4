//! The findings of `doctor` about a project and its databases.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

#[test]
fn a_doctor_says_what_works_and_what_does_not() {
    let database = server().database();
    let role = format!("weak_{}", std::process::id());
    let weak = TestProject::new(PROGRAM, &server().url_as(&role, &database.name));
    weak.models("use aludel::Table;\n#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n");
    let found = weak.run("doctor").exits(1).stdout;
    assert!(found.contains("!! connection") && found.contains("does not exist"), "{found}");
    database.sql(&format!(
        "CREATE ROLE {role} LOGIN; REVOKE TEMP ON DATABASE {} FROM PUBLIC",
        database.name
    ));
    let found = weak.run("doctor").exits(1).stdout;
    for words in [
        "ok server            PostgreSQL 1",
        "ok models            1 table\n",
        "ok compares          tables\n                     other objects are left alone",
        "!! may create tables no (schema public)",
        "!! may ask           no:",
        "ok session           its own",
        "URL from          DATABASE_URL in the environment",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
    let strong = TestProject::new(PROGRAM, &database.url());
    strong.models("use aludel::Table;\n#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n");
    let found: serde_json::Value = serde_json::from_str(&strong.run("doctor --json").ok()).unwrap();
    assert_eq!(found["fine"], true, "{found}");
    database.sql(&format!("DROP ROLE {role}"));
    let read_only = sqlite_project();
    read_only.write("test.db", "");
    let file = read_only.path().join("test.db");
    let mut rights = std::fs::metadata(&file).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&file, rights).unwrap();
    let found = read_only.run("doctor").exits(1).stdout;
    assert!(found.contains("!! writable          no: "), "{found}");
    let sqlite = sqlite_project();
    let found = sqlite.run("doctor").exits(1).stdout;
    assert!(
        found.contains("!! models")
            && found.contains("no model found")
            && found.contains("ok library           SQLite 3"),
        "{found}"
    );
}

/// Each case has a project, and the lines that tell of it. None of them is told twice.
#[test]
fn a_doctor_names_what_is_in_the_way() {
    const ITEM: &str =
        "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n";
    let two = "models = [\"models/*.rs\"]\nrevisions = \"versions\"\n[database]\ndialects = [\"postgres\", \"sqlite\"]\n";
    let split = two.replace("dialects = [\"postgres\", \"sqlite\"]\n", "")
        + "url = \"sqlite:a.db\"\nmigration_url = \"sqlite:b.db\"\n";
    let server = format!("{two}postgres_url = \"postgresql://nobody@localhost:1/none\"\n");
    let gap = "-- a\n--\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade sqlite\nSELECT 1;\n\n\
               -- aludel: upgrade postgres\n-- aludel: missing: nobody wrote it\n\n-- aludel: downgrade\n";
    let cases: [(&str, &[(&str, &str)], &[&str]); 8] = [
        ("nothing", &[], &["ok revisions         0 files\n", "ok models            1 table\n"]),
        (
            "models that are read and have no meaning",
            &[("models/models.rs", &ITEM.replace("i64", "Place"))],
            &[
                "!! models            models/models.rs:4:13: unknown type Place\n",
                "help: name the SQL",
            ],
        ),
        (
            "revision files that can't be read",
            &[("versions/a.sql", "x"), ("versions/b.sql", "\nx")],
            &[
                "!! revisions         versions/a.sql:1: SQL before",
                "!! revisions         versions/b.sql:2: SQL before",
            ],
        ),
        (
            "a parent without a file",
            &[("versions/b1.sql", &gap.replace("down_revision: none", "down_revision: a0"))],
            &[
                "!! revisions         versions/b1.sql:4: the revisions form no graph\n",
                "Revision a0 referenced from a1 (down_revision, versions/b1.sql) is not present\n",
            ],
        ),
        (
            "a gap, and a dialect without a database",
            &[("aludel.toml", two), ("versions/a1.sql", gap)],
            &[
                "ok revisions         1 file\n",
                "!! gaps              1 section to be written\n",
                "a1 has no upgrade for postgres: nobody wrote it (versions/a1.sql:",
                "!! postgres          `dialects` has postgres, and there is no postgres database",
            ],
        ),
        (
            "a dialect whose server is away",
            &[("aludel.toml", &server)],
            &[
                "!! postgres          the postgres database to compare with can't be used: can't connect",
            ],
        ),
        (
            "a URL for what changes the database",
            &[("aludel.toml", &split)],
            &[
                "/a.db\nok URL from          `url` in ",
                "/b.db\nok URL from          `migration_url` in ",
            ],
        ),
        (
            "no database",
            &[("aludel.toml", "models = [\"models/*.rs\"]\nrevisions = \"versions\"\n")],
            &["!! database          no database is configured\n"],
        ),
    ];
    for (name, files, expected) in cases {
        let project = sqlite_project();
        project.models(ITEM);
        files.iter().for_each(|(path, text)| project.write(path, text));
        let mut command = project.command(&["doctor"]);
        if name == "no database" || name.starts_with("a URL") {
            command.env_remove("DATABASE_URL");
        }
        let found = String::from_utf8(command.output().unwrap().stdout).unwrap();
        for words in expected {
            assert_eq!(found.matches(words).count(), 1, "{name}: {words}\n{found}");
        }
        assert_eq!(
            found.matches("!! ").count() > 0,
            expected.concat().contains("!! "),
            "{name}: {found}"
        );
    }
}

/// The doctor says why an upgrade is refused, although everything can be read.
#[test]
fn a_doctor_says_what_an_upgrade_would_meet() {
    let project = sqlite_project();
    project.models(
        "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n",
    );
    let first = format!("versions/{}", project.migrate("first"));
    let text = project.read(&first);
    project.run("doctor").exits(0).ok();
    project.write(&first, &text.replace("items", "things"));
    let edited = project.run("doctor").exits(1).stdout;
    assert!(edited.contains("!! edited "), "{edited}");
    std::fs::remove_file(project.path().join(&first)).unwrap();
    let refused = project.run("doctor").exits(1).stdout;
    assert!(refused.contains("!! upgrade "), "{refused}");
    assert!(refused.contains("Can't locate revision"), "{refused}");
}
