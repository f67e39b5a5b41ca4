//! `aludel diagram`.

use std::fs;
use std::process::Command;

use aludel_testkit::workspace;

use crate::{PROGRAM, sqlite_project};

const MODELS: &str = "use aludel::Table;
#[derive(Table)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = \"varchar(80)\", unique)]
    pub email: String,
}
#[derive(Table)]
pub struct Profile {
    #[column(primary_key, references = \"users.id\")]
    pub user_id: i64,
}
#[derive(Table)]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = \"users.id\")]
    pub author_id: Option<i64>,
}
#[derive(Table)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}
";

#[test]
fn tables_are_drawn_with_their_references() {
    let project = sqlite_project();
    project.models(MODELS);
    let expected = "erDiagram
    \"posts\" {
        INTEGER id PK
        INTEGER author_id FK \"optional\"
    }
    \"profiles\" {
        INTEGER user_id PK, FK
    }
    \"tags\" {
        INTEGER id PK
    }
    \"users\" {
        INTEGER id PK
        TEXT email UK
    }
    \"users\" |o--o{ \"posts\" : \"author_id\"
    \"users\" ||--o| \"profiles\" : \"user_id\"
";
    assert_eq!(project.run("diagram").ok(), expected);
    project.migrate("all");
    assert_eq!(
        project.run("diagram --from database").ok().lines().count(),
        expected.lines().count()
    );
    let near = project.run("diagram posts").ok();
    assert!(
        near.contains("\"users\" {") && !near.contains("profiles") && !near.contains("tags"),
        "{near}"
    );
    let dot = project.run("diagram users --format dot").ok();
    assert!(
        dot.contains("\"posts\" -> \"users\" [label=\"author_id\"];") && dot.ends_with("}\n"),
        "{dot}"
    );
    project
        .run("diagram nowhere")
        .exits(1)
        .says("there is no table `nowhere`")
        .says("tables: posts, profiles")
        .stdout
        .clear();
}

#[test]
fn a_picture_has_every_table_and_reference() {
    let project = sqlite_project();
    project.models(MODELS);
    let picture = project.run("diagram --format svg").ok();
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    for shown in [
        ">profiles</text>",
        ">INTEGER?</text>",
        ">PK FK</text>",
        "<path class=\"line optional\"",
        "<title>posts.author_id → users</title>",
    ] {
        assert_eq!(picture.matches(shown).count(), 1, "{shown}\n{picture}");
    }
    assert_eq!(picture.matches("<g>").count(), 4, "{picture}");
}

/// The pictures that ragchat's README shows are those of its models.
#[test]
fn the_pictures_of_ragchat_are_current() {
    let folder = workspace().join("ragchat");
    let draw = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.current_dir(&folder).env("DATABASE_URL", "postgresql://u@localhost/ragchat");
        let output = command.arg("diagram").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let file = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let help = "draw it again: `aludel -C ragchat diagram --format svg > ragchat/schema.svg`";
    assert!(file("schema.svg") == draw(&["--format", "svg"]), "{help}");
    let shown = format!("```mermaid\n{}```", draw(&["documents"]));
    assert!(file("README.md").contains(&shown), "the README of ragchat shows another diagram");
}
