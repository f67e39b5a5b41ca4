//! Tables that nobody would write and SQLite accepts: what is read of them, and what is made of it.

use aludel_testkit::TestProject;

use crate::sqlite_project;

/// A project whose database was made by a script, with models that `reflect` wrote.
fn adopted(script: &str) -> TestProject {
    let project = sqlite_project();
    project.revision("byhand", "none", script, "-- aludel: irreversible: no");
    project.run("upgrade head").ok();
    project.run("reflect -o models/models.rs").ok();
    project
}

/// Returns the answer of the database to a query, which has one number in one row.
fn holds(project: &TestProject, query: &str, id: &str, down: &str) {
    // A CHECK tells of it without another client.
    let guard = format!(
        "CREATE TEMP TABLE answer (ok INTEGER CHECK (ok)); INSERT INTO answer SELECT {query}; DROP TABLE answer"
    );
    project.revision(id, down, &guard, "SELECT 1");
    project.run("upgrade head").ok();
}

#[test]
fn null_in_a_primary_key_is_read_kept_and_forbidden() {
    let project = adopted(
        "CREATE TABLE notes (id TEXT PRIMARY KEY, size INTEGER);
         CREATE TABLE pairs (a INT, b TEXT NOT NULL, PRIMARY KEY (a, b));
         CREATE TABLE firm (a INT, b TEXT, PRIMARY KEY (a, b)) STRICT;
         CREATE TABLE rowless (a INT PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE numbered (id INTEGER, PRIMARY KEY (ID));
         INSERT INTO notes VALUES (NULL, 1), (NULL, 2), ('a', 3)",
    );
    let source = project.read("models/models.rs");
    assert_eq!(source.matches("sqlite(nullable)").count(), 2, "{source}");
    project.run("check --strict").exits(0).ok();

    // A rebuild keeps the rows.
    let checked = source
        .replace("pub size: Option<i64>", "#[column(check = \"size > 0\")] pub size: Option<i64>");
    assert_ne!(checked, source);
    project.models(&checked);
    let file = project.migrate("a check");
    let first = file.split('_').next().unwrap();
    holds(&project, "count(*) = 3 AND count(id) = 1 FROM notes", "kept", first);

    // To forbid NULL is a change, and may fail.
    let firm =
        checked.replace("sqlite(nullable)", "").replace("pub id: Option<String>", "pub id: String");
    project.models(&firm);
    project.run_words(&["revision", "--autogenerate", "-m", "no nulls"]).exits(0).ok();
    let revisions = project.revisions();
    let file = revisions.iter().find(|name| name.contains("no_nulls")).unwrap();
    let text = project.read(&format!("versions/{file}"));
    assert!(text.contains("-- fails if a row of notes has NULL in id"), "{text}");
    let _ = project.run("upgrade head").exits(1).says("NOT NULL constraint failed");
}

#[test]
fn odd_names_and_comments_go_through_models_and_back() {
    let project = adopted(
        r#"CREATE TABLE "a--b" ("c/*d" int, -- a comment
             b int /* another, one */ UNIQUE);
           CREATE TABLE words (generated, always, strict int, without int, key text, "unique" int, 'check' int, desc int, [foreign] text, `constraint` text);
           CREATE INDEX texts ON words ("index", "unique");
           CREATE TABLE types (a double precision, b "my type", d varchar (10), e decimal(10,2) NOT NULL DEFAULT -1.5, f DEFAULT ('x' || '--'), g DEFAULT "quoted", h DEFAULT /* c */ (1 + /* d */ 2));
           CREATE TABLE rules (a int CONSTRAINT 'x y' CHECK (a > 0 -- comment
             ), b int CONSTRAINT "q""r" NOT NULL CONSTRAINT [s t] UNIQUE, c int, CHECK (c /* ) */ > 1));
           CREATE TABLE "Ünï" ("größe" int, "名前" text, CHECK ("größe" > 0), UNIQUE ("名前"));
           CREATE INDEX "Ünï_idx" ON "Ünï" ("größe" DESC) WHERE "名前" IS NOT NULL;
           CREATE TABLE "q'uo""te`s]" ("x'y" int, "x""y" int, "x`y" int, "x]y" int);
           CREATE INDEX "i'""`]" ON "q'uo""te`s]" ("x]y", "x`y", "x""y");
           CREATE TABLE Parent (Id TEXT NOT NULL, "Name" TEXT, PRIMARY KEY (ID), UNIQUE (NAME));
           CREATE TABLE child (a TEXT REFERENCES parent, n TEXT REFERENCES PARENT (name), FOREIGN KEY (A) REFERENCES Parent (iD));
           CREATE INDEX child_idx ON CHILD (A)"#,
    );
    project.run("check --strict").exits(0).ok();
    let empty = "--database-url sqlite:empty.db";
    project.write("aludel.toml", "models = [\"models/**/*.rs\"]\nrevisions = \"fresh\"\n");
    project.run(&format!("revision --autogenerate -m all {empty}")).exits(0).ok();
    project.run(&format!("upgrade head {empty}")).ok();
    project.run(&format!("check --strict {empty}")).exits(0).ok();
    project.run(&format!("downgrade base {empty}")).ok();

    // Each table can be rebuilt.
    let project = adopted(
        r#"CREATE TABLE "q'uo""te`s]" ("x'y" int, "x""y" int, "x`y" int, "x]y" int -- last
         ); INSERT INTO "q'uo""te`s]" VALUES (1, 2, 3, 4)"#,
    );
    let source = project.read("models/models.rs");
    project.models(
        &source.replace("#[derive(Clone", "#[table(check(\"\\\"x]y\\\" > 0\"))]\n#[derive(Clone"),
    );
    let source = project
        .read("models/models.rs")
        .replace("#[table(check", "#[derive(Table)] #[table(check")
        .replace("#[derive(Clone, Debug, Table)]\n", "");
    project.models(&source);
    project.migrate("a check");
}

#[test]
fn a_foreign_key_that_leads_nowhere_is_named_and_kept() {
    let project = adopted(
        "CREATE TABLE keyless (a INT);
         CREATE TABLE orphans (id INTEGER PRIMARY KEY, a INT REFERENCES nope, b INT REFERENCES nope (x), c INT REFERENCES keyless, d INT REFERENCES keyless (z))",
    );
    let source = project.read("models/models.rs");
    assert!(!source.contains("references"), "{source}");
    let check = project.run("check -v").exits(0);
    for words in [
        "foreign key (a) to missing table nope of orphans",
        "foreign key (b) to missing table nope of orphans",
        "foreign key (c) to the primary key of keyless, which does not match of orphans",
        "foreign key (d) to missing column keyless.z of orphans",
    ] {
        assert!(check.stderr.contains(words), "{words} in {}", check.stderr);
    }
    // A rebuild would lose them.
    project.models(&source.replace("pub id: i64", "#[column(check = \"id > 0\")] pub id: i64"));
    let outcome = project.run_words(&["revision", "--autogenerate", "-m", "x"]).exits(1);
    let _ = outcome.says("foreign key (a) to missing table nope");
}

#[test]
fn a_view_over_what_is_not_there_is_found_before_the_upgrade() {
    let models = "#[derive(Table)] pub struct Item { #[column(primary_key)] id: i64, name: Option<String> }\n";
    let project = sqlite_project();
    project.models(models);
    for (view, words) in [
        ("\nCREATE VIEW v AS SELECT id FROM nope;", "no such table: main.nope"),
        ("\nCREATE VIEW v AS SELECT idd FROM items;", "no such column: idd"),
        (
            "\nCREATE VIEW v AS SELECT id FROM w; CREATE VIEW w AS SELECT id FROM v;",
            "circularly defined",
        ),
        ("\nCREATE VIEW v AS;", "incomplete input"),
        ("\nCREATE VIEW v AS SELECT nope(id) FROM items;", "no such function: nope"),
        ("\nCREATE VIEW v (a, b) AS SELECT id FROM items;", "expected 2 columns for 'v' but got 1"),
    ] {
        project.write("objects/v.sql", view);
        for command in ["check", "revision --autogenerate -m x"] {
            let outcome = project.run(command).exits(1);
            assert!(outcome.stderr.contains(words), "{view}: {}", outcome.stderr);
            assert!(outcome.stderr.contains("objects/v.sql:2:1"), "{view}: {}", outcome.stderr);
        }
    }
    assert!(project.revisions().is_empty());

    // Views over new tables and over each other are whole.
    let good =
        "CREATE VIEW b AS SELECT id, name FROM a; CREATE VIEW a AS SELECT *, rowid AS r FROM items;
                CREATE VIEW versions AS SELECT version_num FROM aludel_version;";
    project.write(
        "objects/v.sql",
        &good.replace("CREATE VIEW versions AS SELECT version_num FROM aludel_version;", ""),
    );
    project.migrate("views");
    project.write("objects/v.sql", good);
    project.migrate("a view over the version table");

    // A column that goes from under a view is missed there.
    project.models(&models.replace(", name: Option<String>", ""));
    let outcome = project.run("check").exits(1);
    assert!(outcome.stderr.contains("no such column: name"), "{}", outcome.stderr);
}

#[test]
fn a_view_that_is_broken_already_is_no_error() {
    let project = adopted(
        "CREATE TABLE items (id INTEGER NOT NULL PRIMARY KEY);
         CREATE VIEW v AS SELECT a FROM gone",
    );
    assert!(project.read("objects/views.sql").contains("CREATE VIEW v"));
    project.run("check --strict").exits(0).ok();
    let models = project.read("models/models.rs");
    project.models(&models.replace("pub id: i64,", "pub id: i64, pub size: Option<i64>,"));
    project.migrate("a column");
}
