//! Projects with two dialects, one of whose databases is absent.

use aludel_testkit::{TestProject, server};

use crate::sqlite_project;

const MODEL: &str = "#[derive(Table)] pub struct Note { #[column(primary_key, identity)] pub id: i64, pub title: String }";
const MORE: &str = "#[derive(Table)] pub struct Note { #[column(primary_key, identity)] pub id: i64, pub title: String, pub more: Option<String> }";

/// A project on SQLite whose PostgreSQL is at this URL.
fn project(postgres: &str) -> TestProject {
    let project = sqlite_project();
    project.write(
        "aludel.toml",
        &format!(
            "models = [\"models/*.rs\"]\nrevisions = \"versions\"\n[database]\nurl = \"sqlite:test.db\"\n\
             dialects = [\"postgres\", \"sqlite\"]\npostgres_url = {postgres:?}\n"
        ),
    );
    project.models(MODEL);
    project
}

fn new_file(project: &TestProject, arguments: &str) -> String {
    let before = project.revisions();
    project.run(&format!("revision --autogenerate -m m {arguments}")).ok();
    let name = project.revisions().into_iter().find(|name| !before.contains(name)).unwrap();
    project.read(&format!("versions/{name}"))
}

#[test]
fn without_a_server_the_other_dialect_is_a_gap() {
    let project = project("postgresql://nobody@localhost:1/none");
    let refused = project.run("revision --autogenerate -m m").exits(1);
    let refused = refused.says("the postgres database to compare with can't be used");
    refused.says("--dialect sqlite").stdout.clear();
    let text = new_file(&project, "--dialect sqlite");
    let gap = "-- aludel: missing: it was written without a postgres database";
    assert_eq!(text.matches(gap).count(), 2, "{text}");
    assert!(text.contains("-- aludel: upgrade sqlite\nCREATE TABLE \"notes\""), "{text}");
    project.run("upgrade head").ok();
    project.run("check").ok();
    let gaps = project.run("check --heads").exits(3);
    let expected = "has no upgrade for postgres: it was written without a postgres database";
    assert!(gaps.stdout.contains(expected), "{}", gaps.stdout);
    let json = project.run("check --heads --json").exits(3).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["clean"], false);
    assert_eq!(json["gaps"][1]["direction"], "downgrade");
    let database = server().database();
    let url = database.url();
    let other = project.run(&format!("upgrade head --database-url {url}")).exits(1);
    other.says("yet: it was written without a postgres database").says("gap").stdout.clear();
    assert_eq!(database.sql("SELECT count(*) FROM pg_class WHERE relname = 'notes'").trim(), "0");
    let offline = project.run(&format!("upgrade base:head --sql --database-url {url}")).exits(1);
    offline.says("no upgrade for PostgreSQL yet").stdout.clear();
    project.models(MORE);
    project.run("upgrade head").ok();
    new_file(&project, "--dialect sqlite");
}

#[test]
fn with_a_server_the_revisions_are_replayed_in_a_new_database() {
    let database = server().database();
    let databases = "SELECT count(*) FROM pg_database WHERE datname LIKE 'aludel_scratch_%'";
    let absent = database.url().replace(&database.name, "absent_for_ever");
    let project = project(&absent);
    let text = new_file(&project, "");
    assert!(text.contains("-- aludel: upgrade postgres\nCREATE TABLE notes"), "{text}");
    project.run("upgrade head").ok();
    project.models(MORE);
    let text = new_file(&project, "");
    assert!(text.contains("upgrade postgres\nALTER TABLE notes ADD COLUMN more text;"), "{text}");
    project.run("check --heads").ok();
    project.run("upgrade head").ok();
    project.models(&MODEL.replace("title: String", "title: Unknown"));
    project.run("revision --autogenerate -m m").exits(1).stdout.clear();
    assert_eq!(database.sql(databases).trim(), "0");
}

/// A loss of one dialect says so, and one of both says nothing of them.
#[test]
fn losses_are_those_of_their_dialects() {
    let database = server().database();
    let project = project(&database.url());
    project.models(MORE);
    new_file(&project, "");
    project.run("upgrade head").ok();
    project.run(&format!("upgrade head --database-url {}", database.url())).ok();
    database.sql("INSERT INTO notes (title) VALUES ('a')");
    project.models(MODEL);
    let lost = "drops column notes.more and its values";
    let before = project.revisions();
    let told = project.run("revision --autogenerate -m m").exits(0);
    let both = format!("2 of these lose data: sqlite: {lost} (0 rows); postgres: {lost} (1 row)");
    told.says(&both).stdout.clear();
    let file = project.revisions().into_iter().find(|name| !before.contains(name)).unwrap();
    std::fs::remove_file(project.path().join("versions").join(file)).unwrap();
    database.sql("DELETE FROM notes");
    let told = project.run("revision --autogenerate -m m").exits(0);
    told.says(&format!("1 of these lose data: {lost} (0 rows)")).stdout.clear();
}

#[test]
fn a_dialect_that_the_project_does_not_have_is_refused() {
    let project = sqlite_project();
    project.models(MODEL);
    let refused = project.run("revision --autogenerate -m m --dialect postgres").exits(1);
    refused.says("no revisions for postgres").says("it has revisions for sqlite").stdout.clear();
}

/// Of the databases of killed runs, those that are ours beyond doubt are dropped; the others are named.
#[test]
fn databases_that_a_killed_run_has_left_are_dropped() {
    let server = aludel_testkit::Server::with(&aludel_testkit::ServerOptions::default());
    let mark = "made by aludel for one comparison, at ";
    for (digit, comment) in [
        ("1", Some(format!("{mark}1000"))),
        ("2", Some(format!("{mark}99999999999"))),
        ("3", Some("of the team".to_owned())),
        ("4", None),
    ] {
        let name = format!("aludel_scratch_{}", digit.repeat(16));
        server.sql("postgres", &format!("CREATE DATABASE {name}"));
        if let Some(comment) = comment {
            server.sql("postgres", &format!("COMMENT ON DATABASE {name} IS '{comment}'"));
        }
    }
    server.sql("postgres", "CREATE DATABASE aludel_scratch_mine");
    let project = project(&server.url_as("postgres", "absent_for_ever"));
    new_file(&project, "");
    let left = server.sql(
        "postgres",
        "SELECT string_agg(right(datname, 4), ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'aludel_scratch%'",
    );
    assert_eq!(left.trim(), "2222 3333 4444 mine");
    let url = server.url_as("postgres", "postgres");
    let doctor = project.run(&format!("doctor --database-url {url}")).stdout;
    assert!(doctor.contains("`DROP DATABASE aludel_scratch_4444444444444444`"), "{doctor}");
    assert!(!doctor.contains("scratch_mine"), "{doctor}");
}
