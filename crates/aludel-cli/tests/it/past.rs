//! What the journal remembers: files that changed, and files that are gone.

use aludel_testkit::{TestProject, server};

use crate::PROGRAM;

/// The same project on both databases.
fn projects(run: impl Fn(&TestProject)) {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        project.revision("a1", "none", "CREATE TABLE a (x integer);", "DROP TABLE a;");
        project.revision("b1", "a1", "CREATE TABLE b (x integer);", "DROP TABLE b;");
        run(&project);
    }
}

#[test]
fn an_edited_revision_is_shown_refused_and_accepted() {
    projects(|project| {
        project.run("upgrade head").ok();
        // Comments, spaces and line ends are nobody's business.
        let text = project.read("versions/a1.sql");
        let spaced = text
            .replace("CREATE TABLE a (x integer);", "-- why\r\nCREATE  TABLE a\r\n(x integer) ;");
        project.write("versions/a1.sql", &spaced);
        assert_eq!(project.run("upgrade head --strict").exits(0).stderr.lines().count(), 1);
        project.write("versions/a1.sql", &text.replace("x integer", "x bigint"));
        let _ = project
            .run("upgrade head")
            .exits(0)
            .says("warning: the file of a1 has changed since it was applied")
            .says("-CREATE TABLE a (x integer);")
            .says("+CREATE TABLE a (x bigint);");
        assert!(project.run("status").ok().contains("edited    a1 since applied"));
        let strict = project.run("downgrade -1 --strict").exits(1);
        let _ =
            strict.says("a revision was changed after being applied: a1").says("stamp --rebless");
        assert_eq!(project.run("current").ok(), "b1 (head)\n");
        assert_eq!(project.run("stamp --rebless b1").ok(), "");
        assert_eq!(project.run("stamp --rebless").ok(), "accepted a1 as it is now\n");
        assert_eq!(project.run("upgrade head --strict").exits(0).stderr.lines().count(), 1);
        // Run again, it is what it is now.
        project.run("downgrade base").ok();
        project.write("versions/a1.sql", &text);
        project.run("upgrade head --strict").ok();
    });
}

#[test]
fn a_revision_without_a_file_is_undone_from_the_journal() {
    projects(|project| {
        project.revision("c1", "b1", "CREATE TABLE c (x integer);", "DROP TABLE c;");
        project.run("upgrade head").ok();
        for id in ["b1", "c1"] {
            std::fs::remove_file(project.path().join(format!("versions/{id}.sql"))).unwrap();
        }
        for command in ["current", "status", "history -i", "heads"] {
            project.run(command).ok();
        }
        assert!(project.run("current").ok().starts_with("c1 (unknown"));
        let _ = project
            .run("upgrade head")
            .exits(1)
            .says("Can't locate revision identified by 'c1'")
            .says("as the journal remembers it");
        // Nobody is there to be asked.
        let shown = project.run("downgrade a1").exits(1);
        let _ =
            shown.says("c1 has no file here").says("+DROP TABLE c;").says("b1 has no file here");
        assert!(project.run("current").ok().starts_with("c1 (unknown"));
        project.run("downgrade a1 --from-journal").ok();
        assert_eq!(project.run("current").ok(), "a1 (head)\n");
        project.run("downgrade base").ok();
    });
}

#[test]
fn a_history_is_shown_without_its_database() {
    let project = TestProject::new(PROGRAM, "postgresql://nobody@localhost:1/none");
    project.revision("b1", "a1", "CREATE TABLE b (x integer);", "");
    for command in ["history", "history --graph"] {
        let shown = project.run(command).exits(0).says("the database could not be asked: ");
        let shown =
            shown.says("a1 has no file here; the journal of the database may have its text");
        assert!(shown.stdout.contains("b1"), "{}", shown.stdout);
    }
    project.revision("a1", "none", "CREATE TABLE a (x integer);", "");
    let shown = project.run("history --graph").exits(0).says("the database could not be asked: ");
    assert!(shown.stdout.contains("b1"), "{}", shown.stdout);
    assert!(!project.run("history").exits(0).stderr.contains("database"));
    let _ = project.run("history -i").exits(1);
}

#[test]
fn what_was_undone_does_not_count() {
    projects(|project| {
        project.run("upgrade head").ok();
        project.run("downgrade base").ok();
        let text = project.read("versions/a1.sql");
        project.write("versions/a1.sql", &text.replace("x integer", "x bigint"));
        project.run("stamp head").ok();
        assert_eq!(project.run("upgrade head --strict").exits(0).stderr.lines().count(), 1);
    });
}

/// A file in the middle is gone: what only looks goes on, and says where the text is.
#[test]
fn a_file_that_is_gone_in_the_middle_can_be_brought_back() {
    projects(|project| {
        project.revision("c1", "b1", "CREATE TABLE c (x integer);", "DROP TABLE c;");
        project.run("upgrade head").ok();
        let text = project.read("versions/b1.sql");
        std::fs::remove_file(project.path().join("versions/b1.sql")).unwrap();
        for command in ["current", "status", "history", "history -i", "history --graph"] {
            let outcome = project.run(command).exits(0);
            outcome
                .says("revision b1 has no file here")
                .says("`aludel log --revision b1 --text`")
                .ok();
        }
        assert_eq!(
            project.run("history").ok(),
            "b1 -> c1 (head), c1\na1 -> b1, b1\n<base> -> a1, a1\n"
        );
        let json = project.run("status --json").ok();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["gone"], serde_json::json!([{ "revision": "b1", "remembered": true }]));
        let refused = project.run("upgrade head").exits(1).says("the revisions form no graph");
        refused.says("`aludel log --revision b1 --text`").stdout.clear();
        assert_eq!(project.run("log --revision b --text").ok(), text);
        project
            .run("log --revision x --text")
            .exits(1)
            .says("no text of revision x")
            .stdout
            .clear();
        project.write("versions/b1.sql", &text);
        assert_eq!(project.run("upgrade head --strict").exits(0).stdout, "");
        // What was never applied is not in the journal, and looking goes on all the same.
        project.revision("e1", "d1", "SELECT 1;", "");
        let outcome = project.run("history").exits(0).says("has no text of it");
        assert!(outcome.stdout.contains("<base> -> d1, the file is gone"), "{}", outcome.stdout);
    });
}

/// A revision that an upgrade refuses before it runs anything is not pending.
#[test]
fn a_status_says_why_an_upgrade_is_refused() {
    let file = |down: &str, upgrade: &str| {
        format!(
            "-- c\n--\n-- revision: c1\n-- down_revision: {down}\n\n-- aludel: upgrade\n{upgrade}\n\n-- aludel: downgrade\n"
        )
    };
    let cases = [
        (
            "gap",
            file("a1", "-- aludel: missing: later"),
            "no upgrade for SQLite yet: later (versions/c1.sql:7)",
        ),
        ("bad-graph", file("b1", "SELECT 1;"), "the revisions form no graph (versions/c1.sql:4)"),
        ("bad-revision-file", file("a1", "SELECT 1;\nBEGIN;"), "(versions/c1.sql:8)"),
        (
            "unknown-step",
            file("a1", "-- aludel: run fill"),
            "which is not in this program (versions/c1.sql:7)",
        ),
        ("unknown-revision-in-database", String::new(), "Can't locate revision identified by 'a1'"),
    ];
    for (code, text, words) in cases {
        let project = TestProject::new(PROGRAM, "sqlite:test.db");
        project.revision("a1", "none", "SELECT 1;", "");
        project.run("upgrade head").ok();
        match text.as_str() {
            "" => std::fs::remove_file(project.path().join("versions/a1.sql")).unwrap(),
            text => project.write("versions/c1.sql", text),
        }
        let told = project.run("status");
        let row = "would run nothing: an upgrade is refused: ";
        assert!(
            told.stdout.contains(row) && told.stdout.contains(words),
            "{code}: {}",
            told.stdout
        );
        assert!(told.stdout.contains("\n          help: "), "{code}: {}", told.stdout);
        let json: serde_json::Value =
            serde_json::from_str(&project.run("status --json").ok()).unwrap();
        assert_eq!(json["refused"]["code"], code, "{json}");
        assert_eq!(json["pending"], serde_json::json!([]), "{json}");
        let refused = project.run("upgrade head --json").exits(1).stdout;
        let refused: serde_json::Value = serde_json::from_str(&refused).unwrap();
        assert_eq!(refused["errors"][0]["code"], code, "{refused}");
        if code == "unknown-revision-in-database" {
            let hint = "the journal has its text: `aludel log --revision a1 --text`";
            assert!(told.stderr.contains(hint), "{}", told.stderr);
        }
    }
}
