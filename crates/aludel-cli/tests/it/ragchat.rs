//! Every command of ragchat's page about migrations, in its order, on both databases.

use std::fs;
use std::path::Path;

use aludel_testkit::{TestProject, server, workspace};

use crate::PROGRAM;

/// The commands of a page: lines that begin with `$ aludel `.
fn commands(page: &str) -> Vec<Vec<String>> {
    page.lines().filter_map(|line| line.strip_prefix("$ aludel ")).map(words).collect()
}

/// Splits as a shell does, as far as these pages need it.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

fn copy(from: &Path, project: &TestProject, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{to}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            copy(&path, project, &format!("{name}/"));
        } else if path
            .extension()
            .is_some_and(|e| e == "rs" || e == "sql" || e == "toml" || e == "md")
        {
            project.write(&name, &fs::read_to_string(&path).unwrap());
        }
    }
}

fn every_command_works(url: &str, postgres_url: &str) {
    let project = TestProject::new(PROGRAM, url);
    copy(&workspace().join("ragchat"), &project, "");
    let config = project.read("aludel.toml");
    let local = "postgresql://user:pass@localhost:5432/ragchat";
    assert!(config.contains(local));
    project.write("aludel.toml", &config.replace(local, postgres_url));
    let page = project.read("migrations/README.md");
    let commands = commands(&page);
    assert!(commands.len() > 15, "the page has lost its commands");
    for command in commands {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        let outcome = project.run_words(&arguments);
        assert_eq!(
            outcome.code,
            0,
            "aludel {}\n{}{}",
            command.join(" "),
            outcome.stdout,
            outcome.stderr
        );
    }
    project.run("check").exits(0).ok();
}

#[test]
fn every_command_of_the_page_works_on_postgres() {
    let database = server().database();
    every_command_works(&database.url(), "unused");
}

#[test]
fn every_command_of_the_page_works_on_sqlite() {
    let other = server().database();
    let source = workspace().join("ragchat");
    let arguments =
        ["-C", source.to_str().unwrap(), "--database-url", &other.url(), "upgrade", "head"];
    TestProject::new(PROGRAM, &other.url()).run_words(&arguments).exits(0).ok();
    every_command_works("sqlite:ragchat.db", &other.url());
}

#[test]
fn the_model_holds_what_the_reference_model_holds() {
    let Some(reference) = aludel_testkit::shared("ragchat_model.sql") else {
        println!("left out: ../shared/ragchat_model.sql is not here");
        return;
    };
    let (ours, theirs) = (server().database(), server().database());
    theirs.sql(&fs::read_to_string(reference).unwrap());
    let source = workspace().join("ragchat");
    let arguments =
        ["-C", source.to_str().unwrap(), "--database-url", &ours.url(), "upgrade", "head"];
    TestProject::new(PROGRAM, &ours.url()).run_words(&arguments).exits(0).ok();
    let columns = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns \
                   WHERE table_schema = 'public' AND table_name NOT LIKE 'aludel%' ORDER BY 1";
    let ours = ours.sql(columns);
    for column in theirs.sql(columns).lines() {
        assert!(ours.lines().any(|line| line == column), "{column} is in the reference model only");
    }
}
