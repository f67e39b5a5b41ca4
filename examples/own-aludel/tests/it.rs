//! The programs of the example, on both databases.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use aludel_testkit::{TestProject, server, sqlite3};

/// Returns the project in a folder of its own, run by its own program.
fn project(url: &str) -> TestProject {
    let project = TestProject::new(env!("CARGO_BIN_EXE_own-aludel"), url);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src/models", "migrations/versions"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            project.write(&format!("{folder}/{name}"), &fs::read_to_string(&path).unwrap());
        }
    }
    project.write("aludel.toml", &fs::read_to_string(root.join("aludel.toml")).unwrap());
    project
}

const USERS: &str = "INSERT INTO users (id, email) VALUES (1, ' Ann@Example.ORG '), (2, 'bo@x.y')";

/// Runs every command that has to do with steps. `sql` asks the database.
fn session(project: &TestProject, sql: &dyn Fn(&str) -> String) {
    project.run("upgrade 4c1e08a5d2b7").ok();
    sql(USERS);
    sql("INSERT INTO users (id, email) VALUES (3, 'nobody')");
    let _ = project
        .run("upgrade head")
        .exits(1)
        .says("step fill_domains: user 3 has the address nobody, which has no domain")
        .says("9b7d3f61ce04_domains.sql:13")
        .says("the round that failed was rolled back")
        .says("mend the step `fill_domains` in the program");
    assert!(project.run("log").ok().contains("step fill_domains: user 3"));
    sql("DELETE FROM users WHERE id = 3");
    project.run("upgrade head").ok();
    let users = sql("SELECT email || ' at ' || domain FROM users ORDER BY id");
    assert_eq!(users.trim(), "Ann@example.org at example.org\nbo@x.y at x.y");
    let _ = project
        .run("upgrade --sql base:head")
        .exits(1)
        .says("the step `normalise_emails`, which can't stand in a script");
    project.run("downgrade -1").ok();
    project.run("upgrade head").ok();
    assert!(project.run("status").ok().contains("9b7d3f61ce04"));
}

#[test]
fn the_own_program_runs_the_steps_on_sqlite() {
    let project = project("sqlite:own.db");
    let file = project.path().join("own.db");
    session(&project, &|sql| {
        let output = sqlite3().arg(&file).arg(sql).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    project.run("check").ok();
}

#[test]
fn the_own_program_runs_the_steps_on_postgres() {
    let database = server().database();
    session(&project(&database.url()), &|sql| database.sql(sql));
}

#[test]
fn the_application_migrates_itself() {
    let database = server().database();
    let mut app = Command::new(env!("CARGO_BIN_EXE_own-app"));
    let output = app.env("DATABASE_URL", database.url()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "applied: 4c1e08a5d2b7, 9b7d3f61ce04\n");
}

#[test]
fn the_program_writes_revisions_too() {
    let project = project("sqlite:own.db");
    project.run("upgrade head").ok();
    let models = project.read("src/models/mod.rs");
    let model = "    /// A nickname.\n    pub nickname: Option<String>,\n}\n";
    project
        .write("src/models/mod.rs", &(models.trim_end().trim_end_matches('}').to_owned() + model));
    project.run_words(&["revision", "--autogenerate", "-m", "nickname"]).ok();
    project.run("upgrade head").ok();
    project.run("check").ok();
}
